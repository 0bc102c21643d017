"""A plan of the small company with five closed months, a consensus and a supply plan, small enough to compute by hand.

June 2014 is the first open month, the horizon is 12. Every item sold 20 units a month in every market at 90 % of list;
the consensus wants 25. Supply delivers all but 5 of CHAIR-OAK in NORTH/DIRECT in June, from a stock of 1,000 each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from catalog.calc.months import month_index
from catalog.frames.series_rows import write_series
from catalog.models import ImportBatch
from cycles.models import Plan, Run, Stage
from cycles.services.cycles import open_cycle
from cycles.services.runs import execute_run, request_run
from cycles.workflow import StageKind
from demand.models import ActualMonth
from tests.cast import Cast, make_cast
from tests.small_company import HISTORY_START, ITEMS, SmallCompany, small_company

FIRST_MONTH = date(2014, 6, 1)
HORIZON = 12
SOLD, WANTED, SHORT = 20_000, 25_000, 5_000
DISCOUNT = 0.9
OPENING = 1_000_000
OVERTIME_CENTS = 1_234_00


@dataclass(frozen=True)
class Sample:
    """The company, its people and the plan."""

    company: SmallCompany
    cast: Cast
    plan: Plan


def sample_plan() -> Sample:
    """Create company, cast, plan, sales, consensus and supply plan; nothing is landed yet."""
    company, cast = small_company(), make_cast()
    plan = open_cycle(month=FIRST_MONTH, actor=cast.demand_planner, horizon=HORIZON)
    Plan.objects.filter(pk=plan.pk).update(baseline_version=1)
    plan.refresh_from_db()
    sell(company)
    want(company, plan)
    supply(company, plan)
    return Sample(company, cast, plan)


def keys(company: SmallCompany) -> tuple[np.ndarray, np.ndarray]:
    """Items and markets of the 16 series, ordered."""
    pairs = sorted((item.pk, market.pk) for item in company.items.values() for market in company.markets.values())
    return np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])


def list_cents(company: SmallCompany, items: np.ndarray) -> np.ndarray:
    """List price of each series in cents."""
    price = {company.items[code].pk: int(row[1]) * 100 for code, row in ITEMS.items()}
    return np.array([price[item] for item in items])


def standard_cents(company: SmallCompany, items: np.ndarray) -> np.ndarray:
    """Standard cost of each series in cents."""
    cost = {company.items[code].pk: (int(row[2]) + int(row[3])) * 100 for code, row in ITEMS.items()}
    return np.array([cost[item] for item in items])


def sell(company: SmallCompany) -> None:
    """20 units of everything everywhere in every month up to May 2014, at 90 % of list."""
    items, markets = keys(company)
    months = month_index(FIRST_MONTH) - month_index(HISTORY_START)
    ones = np.ones((len(items), months), dtype=np.int64)
    value = (SOLD // 1000 * list_cents(company, items))[:, None] * ones
    net = (value * DISCOUNT).astype(np.int64)
    cogs = (SOLD // 1000 * standard_cents(company, items))[:, None] * ones
    columns = ["units", "net_cents", "list_cents", "cogs_cents"]
    write_series(
        "demand_actualseries", ["item_id", "market_id"], columns, [items, markets], [ones * SOLD, net, value, cogs]
    )
    batch = ImportBatch.objects.create(
        dataset="sales_monthly", file_name="sales.csv", sha256="0" * 64, size_bytes=1, content=b"", status="staged"
    )
    ActualMonth.objects.bulk_create(
        ActualMonth(
            month=date(HISTORY_START.year + position // 12, position % 12 + 1, 1),
            batch=batch,
            rows=len(items),
            units=int(ones.sum(axis=0)[0] * SOLD),
            net_cents=int(net[:, position].sum()),
            list_cents=int(value[:, position].sum()),
            cogs_cents=int(cogs[:, position].sum()),
        )
        for position in range(months)
    )


def want(company: SmallCompany, plan: Plan, units: int = WANTED) -> None:
    """The consensus: the same units everywhere in every month."""
    items, markets = keys(company)
    block = np.full((len(items), HORIZON), units, dtype=np.int64)
    names = ["baseline", "consensus"]
    write_series("demand_series", ["plan_id", "item_id", "market_id"], names, [plan.pk, items, markets], [block, block])


def supply(company: SmallCompany, plan: Plan) -> None:
    """A supply plan that makes what it ships, one overtime premium, one shortage."""
    items, markets = keys(company)
    short = np.zeros((len(items), HORIZON), dtype=np.int64)
    short[(items == company.items["CHAIR-OAK"].pk) & (markets == company.markets["NORTH/DIRECT"].pk), 0] = SHORT
    ship = WANTED - short
    write_series(
        "supply_shipseries",
        ["plan_id", "item_id", "market_id"],
        ["ship", "short"],
        [plan.pk, items, markets],
        [ship, short],
    )
    products = np.unique(items)
    shipped = np.stack([ship[items == item].sum(axis=0) for item in products])
    nothing = np.zeros_like(shipped)
    premium = nothing.copy()
    premium[0, 0] = OVERTIME_CENTS
    columns = {
        "make": shipped,
        "overtime": nothing,
        "buy": nothing,
        "expedite": nothing,
        "subcontract": nothing,
        "consumed": nothing,
        "shipped": shipped,
        "inventory": nothing + OPENING,
        "overtime_cents": premium,
        "expedite_cents": nothing,
        "subcontract_cents": nothing,
        "freight_cents": nothing,
    }
    write_series(
        "supply_supplyseries",
        ["plan_id", "item_id", "site_id", "opening"],
        list(columns),
        [plan.pk, products, company.site.pk, OPENING],
        list(columns.values()),
    )


def land(sample: Sample) -> Run:
    """Request and execute the landing as a worker does."""
    run = execute_run(request_run(kind="finance.landing", plan=sample.plan, actor=sample.cast.finance).pk)
    assert run.state == "succeeded", run.message
    return run


def open_reconciliation(sample: Sample) -> Stage:
    """Put the plan into its pre-S&OP stage without the work of the earlier ones."""
    stages = Stage.objects.filter(plan=sample.plan)
    stages.filter(kind=StageKind.DATA.value).update(status="not_started")
    stage = stages.get(kind=StageKind.RECONCILIATION.value)
    stage.status = "open"
    stage.save(update_fields=["status"])
    return stage
