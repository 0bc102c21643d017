"""A made-and-bought company on top of the small one: one work centre, one bought component, stock, a plan, demand."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from catalog.frames.series_rows import write_series
from catalog.models import Item, PlannedDiscount, StandardCost
from cycles.models import Plan, Run, Stage
from cycles.services.cycles import open_cycle
from cycles.services.runs import execute_run
from cycles.workflow import StageKind
from demand.models import Series
from supply.models import BomLine, Routing, StockOnHand, Supplier, WorkCentre
from supply.services.plan import request_supply_plan
from tests.cast import Cast, make_cast
from tests.small_company import SmallCompany, small_company

HORIZON = 6
FIRST_MONTH = date(2014, 1, 1)
HOURS_PER_DAY = 10


@dataclass(frozen=True)
class SupplyCompany:
    """The rows that tests speak of."""

    base: SmallCompany
    cast: Cast
    plan: Plan
    centre: WorkCentre
    kit: Item
    supplier: Supplier


def supply_company() -> SupplyCompany:
    """Chairs take one hour each at WOOD (10 hours a day) and one bought KIT; lamps are bought. No discounts. Stock of 2013-12-31."""
    base, cast = small_company(), make_cast()
    centre = WorkCentre.objects.create(
        code="WOOD", name="Wood shop", site=base.site, cost_rate=Decimal(20), hours_per_day=Decimal(HOURS_PER_DAY)
    )
    kit = Item.objects.create(code="KIT", name="Chair kit", make_or_buy="buy", is_sold=False, is_finished=False)
    StandardCost.objects.create(item=kit, valid_from=date(2012, 1, 1), total=Decimal(30))
    Item.objects.filter(code__startswith="LAMP").update(make_or_buy="buy")
    for code in ("CHAIR-OAK", "CHAIR-PINE"):
        chair = base.items[code]
        Routing.objects.create(item=chair, operation=1, work_centre=centre, hours_per_unit=Decimal(1))
        BomLine.objects.create(parent=chair, component=kit, quantity=Decimal(1), valid_from=date(2012, 1, 1))
        StockOnHand.objects.create(item=chair, site=base.site, as_of=date(2013, 12, 31), quantity=20_000)
    for market in base.markets.values():
        PlannedDiscount.objects.create(market=market, first_month=date(2012, 1, 1), fraction=0)
    supplier = Supplier.objects.create(code="S1", name="Supplier One")
    plan = open_cycle(month=FIRST_MONTH, actor=cast.demand_planner, horizon=HORIZON)
    return SupplyCompany(base, cast, plan, centre, kit, supplier)


def demand(company: SupplyCompany, units: dict[tuple[str, str], list[float]]) -> None:
    """Set the consensus of (item code, market code) → units per month; replaces what was there."""
    Series.objects.filter(plan=company.plan).delete()
    block = np.array([[round(value * 1000) for value in months] for months in units.values()], np.int64)
    keys = [
        np.array([company.base.items[item].pk for item, _ in units]),
        np.array([company.base.markets[market].pk for _, market in units]),
    ]
    write_series(
        Series._meta.db_table,
        ["plan_id", "item_id", "market_id"],
        ["baseline", "consensus"],
        [np.int64(company.plan.pk), *keys],
        [block, block],
    )


def open_supply_stage(company: SupplyCompany) -> None:
    """Let supply planners work, without going through the earlier stages."""
    Stage.objects.filter(plan=company.plan, kind=StageKind.SUPPLY.value).update(status="open")


def solve(company: SupplyCompany) -> Run:
    """Request and execute the supply plan; fails the test unless it succeeded."""
    company.plan.refresh_from_db()
    run = execute_run(request_supply_plan(plan=company.plan, actor=company.cast.supply_planner).pk)
    assert run.state == "succeeded", run.message
    return run
