"""The consensus of a period's open months beside its prices: read once, for the table and for the bridge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.frames.hierarchy import Hierarchy, load_hierarchy
from cycles.models import Plan
from demand.frames import load_consensus
from demand.services.plan_rates import PlanRates, plan_rates
from demand.services.upside.period import Period

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Priced:
    """Every series of a plan, ordered by item and market: `items`, `markets`, `families` (n,) ids.

    `units` (n, T) milli-units of the open months; `rates` (n, T) of the same: present ones, frozen ones once approved.
    """

    plan: Plan
    period: Period
    hierarchy: Hierarchy
    items: Ints
    markets: Ints
    families: Ints
    units: Ints
    rates: PlanRates

    @property
    def columns(self) -> slice:
        """Where the open months stand in the plan's arrays."""
        start = self.period.open.start - self.plan.first_month_index
        return slice(start, start + len(self.period.open))

    def cents(self, units: Ints, rows: Ints) -> Ints:
        """Cents (k, T) of milli-units (k, T) of the series `rows` (k,); nothing where the price is missing."""
        return self.rates.cents(units, rows)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """(n, T) cells without a price."""
        return self.rates.missing


def priced_plan(plan: Plan, period: Period) -> Priced:
    """Read the plan's consensus and its rates over the open months of a period."""
    hierarchy, block = load_hierarchy(), load_consensus(plan)
    items, markets = block.item_ids.astype(np.int64), block.market_ids.astype(np.int64)
    start = period.open.start - plan.first_month_index
    families = hierarchy.items.set_index("item_id")["family_id"].reindex(block.item_ids).to_numpy(np.int64)
    return Priced(
        plan=plan,
        period=period,
        hierarchy=hierarchy,
        items=items,
        markets=markets,
        families=families,
        units=block.units[:, start : start + len(period.open)],
        rates=plan_rates(plan, items, markets, period.open),
    )
