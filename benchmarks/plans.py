"""Plans of any size for the benchmarks: master data, a consensus, a supply plan, rates and a budget, all made up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from catalog.frames.series_rows import write_series
from catalog.models import Category, Channel, Family, Item, Market, Region
from catalog.services.company import set_up_company
from cycles.models import Cycle, Plan, User
from finance.calc.series_money import SeriesRates

Ints = NDArray[np.int64]

MARKETS, FAMILIES, MONTHS = 21, 40, 24


@dataclass(frozen=True)
class BenchPlan:
    """A stored plan: keys (series,), rates (series, month), the family of each series."""

    plan: Plan
    items: Ints
    markets: Ints
    families: Ints
    rates: SeriesRates


def make_plan(cells: int) -> BenchPlan:
    """Store a plan of about so many cells (items × 21 markets × 24 months)."""
    count = max(cells // (MARKETS * MONTHS), 1)
    company = set_up_company(name="Bench", currency="USD", fiscal_year_start_month=1, history_start=date(2012, 1, 1))
    category = Category.objects.create(code="ALL", name="All")
    families = Family.objects.bulk_create(
        Family(code=f"F{n:03}", name=f"Family {n}", category=category) for n in range(FAMILIES)
    )
    made = Item.objects.bulk_create(
        Item(code=f"I{n:06}", name=f"Item {n}", family=families[n % FAMILIES]) for n in range(count)
    )
    channel = Channel.objects.create(code="ALL", name="All")
    regions = Region.objects.bulk_create(
        Region(code=f"R{n:02}", name=f"Region {n}", currency=company.currency) for n in range(MARKETS)
    )
    places = Market.objects.bulk_create(
        Market(code=f"R{n:02}", region=r, channel=channel) for n, r in enumerate(regions)
    )
    items = np.repeat([item.pk for item in made], MARKETS)
    markets = np.tile([market.pk for market in places], count)
    plan = _plan()
    _store(plan, items, markets)
    return BenchPlan(plan, items, markets, np.repeat([item.family_id for item in made], MARKETS), _rates(len(items)))


def _plan() -> Plan:
    user = User.objects.create_user(username="bench")
    cycle = Cycle.objects.create(month=date(2014, 1, 1), opened_by=user)
    return Plan.objects.create(cycle=cycle, number="2014-01", first_month=date(2014, 1, 1), horizon=MONTHS)


def _store(plan: Plan, items: Ints, markets: Ints) -> None:
    random = np.random.default_rng(1)
    wanted = random.integers(0, 400_000, (len(items), MONTHS))
    short = np.where(random.random(wanted.shape) < 0.05, wanted // 10, 0)
    keys = ["plan_id", "item_id", "market_id"]
    write_series("demand_series", keys, ["baseline", "consensus"], [plan.pk, items, markets], [wanted, wanted])
    write_series("supply_shipseries", keys, ["ship", "short"], [plan.pk, items, markets], [wanted - short, short])


def _rates(series: int) -> SeriesRates:
    random = np.random.default_rng(2)
    shape = (series, MONTHS)
    return SeriesRates(
        net_price4=random.integers(50_000, 5_000_000, shape),
        cost4=random.integers(30_000, 3_000_000, shape),
        channel_cost4=np.zeros(shape, dtype=np.int64),
        fx6=np.full(shape, 1_000_000),
    )
