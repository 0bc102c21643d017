"""The leaves of a bridge over one fiscal year: actuals and plan put on one set of keys, the budget brought to them.

With mix level *family* the budget is compared at family × market: it is shared over the family's leaves by the plan's
own units of the month, so every leaf has the family's budget price, mix within a family is 0, and the drivers of a
family are those of the family as a whole. What no item of the year can carry stays on a residual leaf of the family.
Source: FORMULAS §2, "Budget to leaves".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import largest_remainder_by_group, sum_by_group
from finance.calc.window import FiscalWindow

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NANO_PER_MILLI = 1_000_000
PAIR = 2**31
NO_ITEM = 0


class BudgetRule(IntEnum):
    """How the budget came to a leaf."""

    NONE = 0
    OWN_DETAIL = 1
    PRIOR_YEAR_MIX = 2
    PLAN_MIX = 3
    FAMILY_RESIDUAL = 4

    @property
    def label(self) -> str:
        """The rule in words, as a page shows it."""
        return {
            BudgetRule.NONE: "no budget",
            BudgetRule.OWN_DETAIL: "the budget's own detail",
            BudgetRule.PRIOR_YEAR_MIX: "last year's mix",
            BudgetRule.PLAN_MIX: "the plan's mix (mix is 0)",
            BudgetRule.FAMILY_RESIDUAL: "family, without items in the year",
        }[self]


@dataclass(frozen=True)
class SeriesAmounts:
    """Series of one source over some months: keys (n,), milli-units and cents (n, month).

    For actuals `wanted` = `shipped` and `upside` = `revenue`.
    """

    items: Ints
    markets: Ints
    wanted: Ints
    shipped: Ints
    upside: Ints
    revenue: Ints


@dataclass(frozen=True)
class BudgetRows:
    """A budget per family and market, or item and market: `items` (NO_ITEM = family level), `families`, `markets` (r,).

    `units` milli-units (NaN-free floats) and `cents`, (r, 12); keys are unique.
    """

    items: Ints
    families: Ints
    markets: Ints
    units: Floats
    cents: Ints


@dataclass(frozen=True)
class LeafTable:
    """Aligned operands of the bridge over the 12 months of a fiscal year; keys (n,), arrays (n, 12).

    `items` is NO_ITEM on a residual leaf. `wanted` and `shipped` milli-units, `budget_units` milli-units unrounded
    (whole billionths of a unit), amounts in cents, `rule` the `BudgetRule` of the leaf.
    """

    items: Ints
    families: Ints
    markets: Ints
    wanted: Ints
    shipped: Ints
    upside: Ints
    landing: Ints
    budget_units: Floats
    budget: Ints
    rule: Ints

    @property
    def budget_nano(self) -> Ints:
        """Budget units in billionths, (n, 12): exactly what the bridge used."""
        nano: Ints = np.rint(self.budget_units * NANO_PER_MILLI).astype(np.int64)
        return nano


def year_leaves(actual: SeriesAmounts, plan: SeriesAmounts, window: FiscalWindow) -> LeafTable:
    """Actuals of the closed months and plan of the open months of one year on the union of their keys, no budget yet.

    Args:
        actual: months = the closed months of the window, in order.
        plan: months = the plan's horizon; those beyond the year are cut.
        window: the fiscal year.

    Returns:
        Leaves with anything in the year, ordered by item and market; `families` are 0 until `with_families`.
    """
    keys = np.unique(np.concatenate([_pair(actual.items, actual.markets), _pair(plan.items, plan.markets)]))
    filled = {name: _spread(keys, actual, plan, window, name) for name in ("wanted", "shipped", "upside", "revenue")}
    used = np.any([block.any(axis=1) for block in filled.values()], axis=0) if len(keys) else np.zeros(0, bool)
    zeros = np.zeros((int(used.sum()), 12), dtype=np.int64)
    return LeafTable(
        items=keys[used] // PAIR,
        families=zeros[:, 0],
        markets=keys[used] % PAIR,
        wanted=filled["wanted"][used],
        shipped=filled["shipped"][used],
        upside=filled["upside"][used],
        landing=filled["revenue"][used],
        budget_units=zeros.astype(np.float64),
        budget=zeros,
        rule=zeros[:, 0],
    )


def with_families(table: LeafTable, family_of: dict[int, int]) -> LeafTable:
    """Name the family of each leaf's item; an item without one (it is sold all the same) has family 0."""
    families = np.array([family_of.get(int(item), 0) for item in table.items], dtype=np.int64)
    return replace(table, families=families)


def budget_by_plan_mix(table: LeafTable, rows: BudgetRows) -> LeafTable:
    """Share a budget over the leaves of its family and market by the year's plan and actual units.

    The month's units decide; a month without any takes the units of the year; a family and market without units in
    the whole year keeps its budget on a residual leaf. Cents by largest remainder, units in proportion, so that every
    leaf has the family's price and nothing is lost.
    """
    family_rows = _by_family(rows)
    keys, row_keys = (_pair(table.families, table.markets), _pair(family_rows.families, family_rows.markets))
    carried = np.isin(row_keys, keys[(table.wanted > 0).any(axis=1)])
    target = row_keys[carried]
    inside = np.isin(keys, target) & (table.wanted > 0).any(axis=1)
    group = np.searchsorted(target, keys[inside])
    weights = _weights(table.wanted[inside].astype(np.float64), group, len(target))
    cents, units = table.budget.copy(), table.budget_units.copy()
    cents[inside] = largest_remainder_by_group(weights, group, family_rows.cents[carried])
    sums = _sums(weights, group, len(target))[group]
    units[inside] = family_rows.units[carried][group] * np.divide(
        weights, sums, out=np.zeros_like(weights), where=sums > 0
    )
    rule = table.rule.copy()
    rule[inside] = BudgetRule.PLAN_MIX
    placed = replace(table, budget=cents, budget_units=_to_nano(units), rule=rule)
    return _append(placed, _chosen(family_rows, ~carried), BudgetRule.FAMILY_RESIDUAL)


def budget_in_own_detail(table: LeafTable, rows: BudgetRows, rules: Ints) -> LeafTable:
    """Put a budget that already has items (its own, or brought down) on the leaves; `rules` (r,) say how it got there.

    Rows of items that are not among the leaves become leaves; rows without an item become residual leaves.
    """
    keys, row_keys = _leaf_key(table), _row_key(rows)
    order = np.argsort(keys)
    position = np.searchsorted(keys[order], row_keys)
    found = np.zeros(len(row_keys), bool)
    within = position < len(keys)
    found[within] = keys[order][position[within]] == row_keys[within]
    at = order[position[found]]
    cents, units, rule = (table.budget.copy(), table.budget_units.copy(), table.rule.copy())
    cents[at], units[at], rule[at] = rows.cents[found], rows.units[found], rules[found]
    placed = replace(table, budget=cents, budget_units=_to_nano(units), rule=rule)
    return _append(placed, _chosen(rows, ~found), rules[~found])


def stacked_rows(first: BudgetRows, second: BudgetRows) -> BudgetRows:
    """The rows of both, one after the other; keys are not added up."""
    return BudgetRows(
        items=np.concatenate([first.items, second.items]),
        families=np.concatenate([first.families, second.families]),
        markets=np.concatenate([first.markets, second.markets]),
        units=np.concatenate([first.units, second.units]),
        cents=np.concatenate([first.cents, second.cents]),
    )


def _chosen(rows: BudgetRows, chosen: NDArray[np.bool_]) -> BudgetRows:
    return BudgetRows(
        items=rows.items[chosen],
        families=rows.families[chosen],
        markets=rows.markets[chosen],
        units=rows.units[chosen],
        cents=rows.cents[chosen],
    )


def _sums(values: Floats, group: Ints, groups: int) -> Floats:
    return sum_by_group(values, group, groups).astype(np.float64)


def _by_family(rows: BudgetRows) -> BudgetRows:
    """Rows added up to one per family × market, ordered by key."""
    keys, group = np.unique(_pair(rows.families, rows.markets), return_inverse=True)
    return BudgetRows(
        items=np.full(len(keys), NO_ITEM),
        families=keys // PAIR,
        markets=keys % PAIR,
        units=_sums(rows.units, group, len(keys)),
        cents=sum_by_group(rows.cents, group, len(keys)).astype(np.int64),
    )


def _weights(wanted: Floats, group: Ints, groups: int) -> Floats:
    """Units of the month where the group has any, else units of the year; returns count as nothing."""
    month = np.maximum(wanted, 0.0)
    year = np.broadcast_to(month.sum(axis=1, keepdims=True), month.shape)
    has_month = (_sums(month, group, groups) > 0)[group]
    weights: Floats = np.where(has_month, month, year)
    return weights


def _append(table: LeafTable, rows: BudgetRows, rule: Ints | BudgetRule) -> LeafTable:
    count = len(rows.items)
    nothing = np.zeros((count, 12), dtype=np.int64)
    return LeafTable(
        items=np.concatenate([table.items, rows.items]),
        families=np.concatenate([table.families, rows.families]),
        markets=np.concatenate([table.markets, rows.markets]),
        wanted=np.concatenate([table.wanted, nothing]),
        shipped=np.concatenate([table.shipped, nothing]),
        upside=np.concatenate([table.upside, nothing]),
        landing=np.concatenate([table.landing, nothing]),
        budget_units=np.concatenate([table.budget_units, _to_nano(rows.units)]),
        budget=np.concatenate([table.budget, rows.cents]),
        rule=np.concatenate([table.rule, np.broadcast_to(np.asarray(rule, np.int64), (count,))]),
    )


def _spread(keys: Ints, actual: SeriesAmounts, plan: SeriesAmounts, window: FiscalWindow, name: str) -> Ints:
    block = np.zeros((len(keys), 12), dtype=np.int64)
    closed, last = window.closed, window.closed + window.open
    block[np.searchsorted(keys, _pair(actual.items, actual.markets)), :closed] = getattr(actual, name)[:, :closed]
    block[np.searchsorted(keys, _pair(plan.items, plan.markets)), closed:last] = getattr(plan, name)[:, : window.open]
    return block


def _to_nano(units: Floats) -> Floats:
    rounded: Floats = np.rint(units * NANO_PER_MILLI) / NANO_PER_MILLI
    return rounded


def _pair(high: Ints, low: Ints) -> Ints:
    pairs: Ints = np.asarray(high, np.int64) * PAIR + np.asarray(low, np.int64)
    return pairs


def _leaf_key(table: LeafTable) -> Ints:
    """Item × market; a residual leaf is keyed by its family, negative, so that the two never meet."""
    return _pair(np.where(table.items == NO_ITEM, -table.families, table.items), table.markets)


def _row_key(rows: BudgetRows) -> Ints:
    return _pair(np.where(rows.items == NO_ITEM, -rows.families, rows.items), rows.markets)
