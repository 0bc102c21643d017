"""What the data stage checks rates against: the last twelve closed months of every series, and its planned rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.rates import load_standard_costs
from cycles.models import Plan
from demand.frames import load_actuals, load_rates

Ints = NDArray[np.int64]
YEAR = 12


@dataclass(frozen=True)
class RateCheck:
    """Series that sold in the last twelve closed months and are alive in the plan's first year.

    Keys (n,); `units` milli-units and `cents` of those months (n,); `net_price4` and `fx6` (n, month), −1 in a month in
    which the item is not on the market. `cost_items` (k,) and `cost4` (k, 1 + month), the month before the plan first.
    """

    items: Ints
    markets: Ints
    units: Ints
    cents: Ints
    net_price4: Ints
    fx6: Ints
    cost_items: Ints
    cost4: Ints

    def units_of(self, items: Ints) -> Ints:
        """Milli-units that each item (k,) sold."""
        totals = np.zeros(len(items), np.int64)
        held = np.isin(self.items, items)
        np.add.at(totals, np.searchsorted(items, self.items[held]), self.units[held])
        return totals


def load_rate_check(plan: Plan) -> RateCheck:
    """Read the check of a plan's first year; nothing after its last closed month is read of the actuals."""
    first, months = (
        plan.first_month_index,
        range(plan.first_month_index, plan.first_month_index + min(YEAR, plan.horizon)),
    )
    actuals = load_actuals(first - YEAR, first - 1)
    lives = load_hierarchy().items.set_index("item_id").loc[actuals.item_ids]
    units = actuals.units.sum(axis=1)
    begins, ends = lives["launch_month"].to_numpy(np.int64), lives["end_month"].to_numpy(np.int64)
    chosen = np.flatnonzero((units > 0) & (ends > first) & lives["is_sold"].to_numpy(bool))
    items, markets = actuals.item_ids[chosen].astype(np.int64), actuals.market_ids[chosen].astype(np.int64)
    at = np.array(months, np.int64)
    alive = (begins[chosen, None] <= at) & (at < ends[chosen, None])
    rates = load_rates(plan, items, markets, months)
    products = np.unique(items)
    return RateCheck(
        items=items,
        markets=markets,
        units=units[chosen],
        cents=actuals.net_cents.sum(axis=1)[chosen],
        net_price4=np.where(alive, rates.net_price4, -1),
        fx6=rates.fx6,
        cost_items=products,
        cost4=load_standard_costs(products, range(first - 1, months.stop)),
    )
