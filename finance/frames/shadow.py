"""The plan as their spreadsheet would show it: actuals of closed months and plan months beside each other, by series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Category, Company, Family
from cycles.models import Plan
from demand.frames import ActualBlock, load_actuals, load_loaded_months
from finance.frames.results import load_money

Ints = NDArray[np.int64]
PAIR = 1 << 32
MOST_CLOSED_MONTHS = 36


@dataclass(frozen=True)
class PlanSide:
    """Series of the plan over closed and open months. Keys (n,); blocks (n, months): milli-units and cents.

    `units` and `cents` are the landing: actual in closed months, constrained plan after; `wanted_units` and
    `upside_cents` the unconstrained plan. Months run from `first_month`; the first `closed` of them are closed;
    `loaded` (months,) tells which have figures at all.
    """

    item_ids: Ints
    market_ids: Ints
    first_month: int
    closed: int
    loaded: NDArray[np.bool_]
    units: Ints
    cents: Ints
    wanted_units: Ints
    upside_cents: Ints

    @property
    def months(self) -> range:
        """The month numbers of the blocks."""
        return range(self.first_month, self.first_month + self.units.shape[1])


@dataclass(frozen=True)
class Names:
    """What items, families, categories and markets are called; frames keyed by their ids.

    `items`: item_id, code, name, family_id; `families`: family_id, code, name, category_id; `categories`: category_id,
    code, name; `markets`: as in `Hierarchy`.
    """

    items: pd.DataFrame
    families: pd.DataFrame
    categories: pd.DataFrame
    markets: pd.DataFrame


def load_plan_side(plan: Plan) -> PlanSide:
    """The stored landing with up to three closed years before it; no series when nothing has landed yet."""
    items, markets, blocks = load_money(plan, "shipped_units", "revenue_cents", "unconstrained_units", "upside_cents")
    first = max(plan.first_month_index - MOST_CLOSED_MONTHS, _first_month_of_history())
    closed = max(plan.first_month_index - first, 0)
    actuals = load_actuals(first, plan.first_month_index - 1)
    keys = np.union1d(_pairs(items, markets), _sold_pairs(actuals)) if len(items) else np.zeros(0, np.int64)
    past_units = _placed(keys, _pairs(actuals.item_ids, actuals.market_ids), actuals.units)
    past_cents = _placed(keys, _pairs(actuals.item_ids, actuals.market_ids), actuals.net_cents)
    units, cents, wanted, upside = (_placed(keys, _pairs(items, markets), block) for block in blocks)
    known = load_loaded_months(first, plan.first_month_index - 1)
    loaded = np.array([month in known for month in range(first, first + closed)] + [True] * plan.horizon)
    return PlanSide(
        item_ids=keys // PAIR,
        market_ids=keys % PAIR,
        first_month=first,
        closed=closed,
        loaded=loaded,
        units=np.hstack([past_units, units]),
        cents=np.hstack([past_cents, cents]),
        wanted_units=np.hstack([past_units, wanted]),
        upside_cents=np.hstack([past_cents, upside]),
    )


def load_names() -> Names:
    """All names in four queries."""
    hierarchy = load_hierarchy()
    families = pd.DataFrame.from_records(
        list(Family.objects.order_by("id").values_list("id", "code", "name", "category_id")),
        columns=["family_id", "code", "name", "category_id"],
    )
    categories = pd.DataFrame.from_records(
        list(Category.objects.order_by("id").values_list("id", "code", "name")),
        columns=["category_id", "code", "name"],
    )
    sold = hierarchy.items[hierarchy.items["is_sold"] & (hierarchy.items["family_id"] >= 0)]
    return Names(sold, families, categories, hierarchy.markets)


def _first_month_of_history() -> int:
    start = Company.objects.current().history_start
    return start.year * 12 + start.month - 1


def _pairs(items: NDArray[np.integer], markets: NDArray[np.integer]) -> Ints:
    return np.asarray(items, np.int64) * PAIR + np.asarray(markets, np.int64)


def _sold_pairs(actuals: ActualBlock) -> Ints:
    sold = (actuals.units != 0).any(axis=1) | (actuals.net_cents != 0).any(axis=1)
    return _pairs(actuals.item_ids, actuals.market_ids)[sold]


def _placed(keys: Ints, own: Ints, block: Ints) -> Ints:
    """Rows of a block at the places of their keys; absent ones are 0."""
    placed = np.zeros((len(keys), block.shape[1]), np.int64)
    inside = np.isin(own, keys)
    placed[np.searchsorted(keys, own[inside])] = block[inside]
    return placed
