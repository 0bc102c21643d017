"""What the demand page shows: the grid's rows in units or dollars, and its year ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan, User
from cycles.selectors import scope_of
from demand.frames import load_actuals, load_baseline, load_consensus, load_rates

Ints = NDArray[np.int64]
YEAR = 12
NO_PRICE = -1


@dataclass(frozen=True)
class Grid:
    """Series that a person may see, ordered by item and market. `units`, `cents` (n, H); `moved` (n, H) edited cells.

    `cents` of the reporting currency at the plan's rates, −1 where the price is missing; None unless asked for.
    """

    item_ids: Ints
    market_ids: Ints
    units: Ints
    moved: NDArray[np.bool_]
    cents: Ints | None


def grid_of(plan: Plan, *, user: User, with_cents: bool) -> Grid:
    """The grid's rows at the present revision."""
    consensus, baseline = load_consensus(plan), load_baseline(plan)
    family = load_hierarchy().items.set_index("item_id")["family_id"].reindex(consensus.item_ids).to_numpy()
    seen = scope_of(user).mask(family, consensus.market_ids.astype(np.int64))
    items, markets = consensus.item_ids[seen].astype(np.int64), consensus.market_ids[seen].astype(np.int64)
    units = consensus.units[seen]
    cents = dollars_of(plan, items, markets, units) if with_cents else None
    return Grid(items, markets, units, units != baseline.units[seen], cents)


def dollars_of(plan: Plan, items: Ints, markets: Ints, units: Ints) -> Ints:
    """Cents (n, H) of milli-units (n, H) at the plan's net prices and FX; −1 where a price is missing."""
    rates = load_rates(plan, items, markets)
    cents = to_cents(units, np.where(rates.missing, 0, rates.net_price4), np.maximum(rates.fx6, 1))
    return np.where(rates.missing & (units != 0), NO_PRICE, cents)


@dataclass(frozen=True)
class YearAhead:
    """The next twelve months as a person sees them: milli-units planned and sold the year before, and cents.

    `cents` leave out what has no price: `unpriced` milli-units of the year ahead.
    """

    year_ahead: int
    year_before: int
    cents: int
    unpriced: int

    @property
    def change(self) -> float | None:
        """Year ahead against year before, as a fraction; None when nothing was sold."""
        return None if self.year_before <= 0 else (self.year_ahead - self.year_before) / self.year_before


def year_ahead(plan: Plan, *, user: User) -> YearAhead:
    """The year ahead of everything that a person sees."""
    past = load_actuals(plan.first_month_index - YEAR, plan.first_month_index - 1)
    family = load_hierarchy().items.set_index("item_id")["family_id"].reindex(past.item_ids).to_numpy()
    seen = scope_of(user).mask(family, past.market_ids.astype(np.int64))
    grid = grid_of(plan, user=user, with_cents=True)
    units, cents = grid.units[:, :YEAR], np.asarray(grid.cents)[:, :YEAR]
    is_priced = cents != NO_PRICE
    return YearAhead(
        year_ahead=int(units.sum()),
        year_before=int(past.units[seen].sum()),
        cents=int(cents[is_priced].sum()),
        unpriced=int(units[~is_priced].sum()),
    )
