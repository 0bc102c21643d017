"""A plan of any size with everything a landing reads: sales, prices, costs, discounts, budget, stock and supply."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np

from benchmarks.plans import MONTHS, BenchPlan, make_plan
from catalog.calc.months import month_date, month_index
from catalog.frames.series_rows import write_series
from catalog.models import (
    Family,
    ImportBatch,
    Item,
    ListPrice,
    Market,
    PlannedDiscount,
    ReferencePlan,
    ReferenceRow,
    Site,
    StandardCost,
)
from cycles.models import Plan, Stage
from cycles.workflow import StageKind, StageStatus
from demand.models import ActualMonth
from finance.models import FixedCost
from supply.frames import load_constrained

HISTORY = date(2012, 1, 1)
SOLD_MONTHS = 24


def make_whole_plan(cells: int) -> BenchPlan:
    """Store a plan of about so many cells that a landing can be run on, with its demand and supply in agreement."""
    bench = make_plan(cells)
    Plan.objects.filter(pk=bench.plan.pk).update(baseline_version=1)
    _sell(bench)
    _price()
    _budget()
    _supply(bench)
    FixedCost.objects.bulk_create(
        FixedCost(line=line, month=month_date(month_index(date(2014, 1, 1)) + k), amount_cents=cents)
        for line, cents in (("Rent", 5_000_000_00), ("Salaries", 20_000_000_00))
        for k in range(MONTHS)
    )
    return bench


def make_demand_plan(cells: int) -> BenchPlan:
    """Store a plan of about so many cells with what the demand grid reads: sales, prices, discounts, an open stage."""
    bench = make_plan(cells)
    Plan.objects.filter(pk=bench.plan.pk).update(baseline_version=1)
    _sell(bench)
    _price()
    Stage.objects.bulk_create(
        Stage(
            plan=bench.plan,
            kind=kind.value,
            position=position,
            due_on=bench.plan.first_month,
            status=(StageStatus.OPEN if kind == StageKind.DEMAND else StageStatus.NOT_STARTED).value,
        )
        for position, kind in enumerate(StageKind)
    )
    bench.plan.refresh_from_db()
    return bench


def _sell(bench: BenchPlan) -> None:
    units = np.random.default_rng(4).integers(0, 400_000, (len(bench.items), SOLD_MONTHS))
    value, cost = units * 2, units
    columns = ["units", "net_cents", "list_cents", "cogs_cents"]
    blocks = [units, value, value, cost]
    write_series("demand_actualseries", ["item_id", "market_id"], columns, [bench.items, bench.markets], blocks)
    batch = ImportBatch.objects.create(
        dataset="sales_monthly", file_name="s.csv", sha256="0" * 64, size_bytes=1, content=b"", status="staged"
    )
    ActualMonth.objects.bulk_create(
        ActualMonth(
            month=month_date(month_index(HISTORY) + k),
            batch=batch,
            rows=len(units),
            units=int(units[:, k].sum()),
            net_cents=int(value[:, k].sum()),
            list_cents=int(value[:, k].sum()),
            cogs_cents=int(cost[:, k].sum()),
        )
        for k in range(SOLD_MONTHS)
    )


def _price() -> None:
    random, items = np.random.default_rng(5), list(Item.objects.values_list("pk", flat=True))
    prices, costs = random.integers(50, 500, len(items)), random.integers(20, 50, len(items))
    rows = list(zip(items, prices.tolist(), costs.tolist(), strict=True))
    ListPrice.objects.bulk_create(
        ListPrice(item_id=item, valid_from=HISTORY, price=Decimal(price), currency_id="USD") for item, price, _ in rows
    )
    StandardCost.objects.bulk_create(
        StandardCost(item_id=item, valid_from=HISTORY, total=Decimal(cost)) for item, _, cost in rows
    )
    PlannedDiscount.objects.bulk_create(
        PlannedDiscount(market=market, first_month=date(2014, 1, 1), fraction=Decimal("0.1"))
        for market in Market.objects.all()
    )


def _budget() -> None:
    rows = [
        ReferenceRow(
            month=date(2014, month, 1),
            family=family,
            market=market,
            units_milli=10_000_000,
            revenue_cents=2_500_000_00,
            cogs_cents=300_000_00,
            basis="agreed",
        )
        for family in Family.objects.all()
        for market in Market.objects.all()
        for month in range(1, 13)
    ]
    budget = ReferencePlan.objects.create(
        code=ReferencePlan.BUDGET,
        fiscal_year=2014,
        title="Budget FY2014",
        row_count=len(rows),
        units_milli=sum(row.units_milli for row in rows),
        revenue_cents=sum(row.revenue_cents for row in rows),
        cogs_cents=sum(row.cogs_cents for row in rows),
    )
    for row in rows:
        row.plan = budget
    ReferenceRow.objects.bulk_create(rows)


def _supply(bench: BenchPlan) -> None:
    """Every item is made in the month in which it is shipped, beside a steady stock, with some overtime."""
    constrained = load_constrained(bench.plan)
    products, place = np.unique(constrained.item_ids, return_inverse=True)
    made = np.zeros((len(products), MONTHS), dtype=np.int64)
    np.add.at(made, place, constrained.ship)
    nothing, stock = np.zeros_like(made), 1_000_000
    columns = {
        "make": made,
        "overtime": nothing,
        "buy": nothing,
        "expedite": nothing,
        "subcontract": nothing,
        "consumed": nothing,
        "shipped": made,
        "inventory": nothing + stock,
        "overtime_cents": nothing + 100_00,
        "expedite_cents": nothing,
        "subcontract_cents": nothing,
        "freight_cents": nothing,
    }
    names, keys = ["plan_id", "item_id", "site_id", "opening"], [bench.plan.pk, products, Site.objects.get().pk, stock]
    write_series("supply_supplyseries", names, list(columns), keys, list(columns.values()))
