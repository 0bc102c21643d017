"""AdventureWorks, the baseline of twelve cycles: nearer to what was sold than the two yardsticks, in dollars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from pytest_django import DjangoDbBlocker

from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Item
from catalog.services.packs import import_pack
from cycles.models import Cycle, Plan
from demand.calc.forecasting import forecast_segments
from demand.frames import load_actuals, load_rates
from demand.services.baseline import split_forecast
from demand.services.segments import load_segments
from tests.cast import make_cast

pytestmark = [pytest.mark.django_db, pytest.mark.long]

FIRST, CYCLES, LAGS, HORIZON = 2013 * 12 + 4, 12, 3, 6
#: Sales after April 2014 are not whole months (README of the pack): they are not forecast errors.
LAST = 2014 * 12 + 3
DOCS = Path(__file__).parents[2] / "docs/forecasting.md"


@dataclass(frozen=True)
class Errors:
    """Σ|A − F| × net price in dollars per (cycle, lag, family): of the baseline, the seasonal naive and the average."""

    families: list[str]
    baseline: NDArray[np.float64]
    naive: NDArray[np.float64]
    average: NDArray[np.float64]

    def millions(self, lag: int) -> list[float]:
        """Of all series together, over the cycles."""
        return [float(of[:, lag - 1].sum()) / 1e6 for of in (self.baseline, self.naive, self.average)]

    def lost(self, lag: int) -> set[str]:
        """The families in which the better of the two yardsticks is nearer."""
        mine = self.baseline[:, lag - 1].sum(axis=0)
        best = np.minimum(self.naive[:, lag - 1].sum(axis=0), self.average[:, lag - 1].sum(axis=0))
        return {name for name, lost in zip(self.families, mine > best, strict=True) if lost}


@pytest.fixture(scope="module")
def errors(own_database: str, adventureworks: Path, django_db_blocker: DjangoDbBlocker) -> Errors:
    """Every item in every market that ever sold or was planned, priced by the plan's own net price of the month."""
    with django_db_blocker.unblock():
        cast = make_cast()
        assert all(batch.status == "applied" for batch in import_pack(adventureworks, actor=cast.demand_planner))
        families = sorted(set(Item.objects.filter(is_sold=True).values_list("family__code", flat=True)))
        found = Errors(families, *(np.zeros((CYCLES, LAGS, len(families))) for _ in range(3)))
        for cycle in range(CYCLES):
            judge(found, cycle, plan_of(FIRST + cycle, cast.demand_planner.pk))
    return found


def plan_of(month: int, planner: int) -> Plan:
    day = date(month // 12, month % 12 + 1, 1)
    cycle = Cycle.objects.create(month=day, opened_by_id=planner)
    return Plan.objects.create(cycle=cycle, number=f"{day:%Y-%m}", first_month=day, horizon=HORIZON)


def judge(found: Errors, cycle: int, plan: Plan) -> None:
    """Add the errors of one cycle's baseline, as far as its months are whole."""
    first = plan.first_month_index
    months = list(range(first, min(first + LAGS, LAST + 1)))
    segments = load_segments(plan)
    block = split_forecast(plan, segments, forecast_segments(segments.history, plan.horizon))
    sold = load_actuals(first - 12, LAST)
    keys = [pd.MultiIndex.from_arrays([of.item_ids, of.market_ids]) for of in (sold, block)]
    index = keys[0].union(keys[1])
    history, planned = (
        pd.DataFrame(units, index=key).reindex(index, fill_value=0).to_numpy(np.float64) / 1000
        for units, key in zip((sold.units, block.units), keys, strict=True)
    )
    items, markets = (np.array(index.get_level_values(level), np.int64) for level in (0, 1))
    rates = load_rates(plan, items, markets, months)
    price = np.where(rates.missing, 0, rates.net_price4) / 10_000 * np.maximum(rates.fx6, 0) / 1_000_000
    hierarchy = load_hierarchy().items.set_index("item_id")["family"].reindex(items)
    family = np.array([found.families.index(name) for name in hierarchy])
    for lag in range(len(months)):
        actual, year_before = history[:, 12 + lag], history[:, lag]
        for of, told in (
            (found.baseline, planned[:, lag]),
            (found.naive, year_before),
            (found.average, history[:, :12].mean(axis=1)),
        ):
            np.add.at(of[cycle, lag], family, np.abs(actual - told) * price[:, lag])


@pytest.mark.parametrize("lag", [1, 3])
def test_the_baseline_is_nearer_than_both_yardsticks(errors: Errors, lag: int) -> None:
    baseline, naive, average = errors.millions(lag)
    print(f"lag {lag}: baseline {baseline:.2f} M, seasonal naive {naive:.2f} M, last twelve months {average:.2f} M")
    assert 0 < baseline < min(naive, average)


@pytest.mark.parametrize("lag", [1, 3])
def test_families_where_it_loses_are_listed(errors: Errors, lag: int) -> None:
    """The line "Lag n: …" of the documentation names them all."""
    (line,) = [text for text in DOCS.read_text().split("\n\n") if text.startswith(f"Lag {lag}, lost: ")]
    lost = errors.lost(lag)
    print(f"lag {lag} lost: {', '.join(sorted(lost))}")
    told = " ".join(line.removeprefix(f"Lag {lag}, lost: ").split()).rstrip(".").split(", ")
    assert {name.split(" (")[0] for name in told} == lost
