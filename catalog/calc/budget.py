"""A budget of any level brought to leaves (item × market × month) without losing a cent.

The amount in cents is the truth and is shared by largest remainder; units are shared in proportion and stay unrounded.
Shares come from the row's own detail, else from last year's mix over the items alive in the month (an ended item's
share goes to its successor, else to the others pro rata), else from the plan's mix. Source: FORMULAS §2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import Number, largest_remainder_by_group, sum_by_group

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

PAIR = 2**31
NONE = -1
SUCCESSOR_STEPS = 5


class BudgetRule(IntEnum):
    """How a budget amount came to a leaf in a month; where several did, the weakest (largest) is kept."""

    NONE = 0
    OWN_DETAIL = 1
    PRIOR_YEAR_MIX = 2
    PLAN_MIX = 3


@dataclass(frozen=True)
class BudgetLevels:
    """Keys (k,) of rows or leaves; −1 = that level is not given. On leaves all six are given (a family may lack)."""

    item: Ints
    family: Ints
    category: Ints
    market: Ints
    region: Ints
    channel: Ints


@dataclass(frozen=True)
class BudgetRows:
    """Budget rows (r,) as the file gave them.

    `month` 0 … T−1; `units` milli-units and `cogs` cents, 0 where unknown (an amount without units stays in price);
    `revenue` int64 cents of the reporting currency, any sign. Rows at different levels add up.
    """

    levels: BudgetLevels
    month: Ints
    units: Floats
    revenue: Ints
    cogs: Ints


@dataclass(frozen=True)
class BudgetLeaves:
    """Candidate leaves (n,) and what is known about them, (n, T) for the months of the fiscal year.

    `alive`: the item is on sale in the month. `prior_units`, `prior_revenue`, `prior_cogs`: last year's actuals of
    the same months (negative counts as none). `plan_units`: plan or actual units of this year. `successor` (n,):
    position of the leaf that takes over, −1 = none.
    """

    levels: BudgetLevels
    successor: Ints
    alive: Marks
    prior_units: Floats
    prior_revenue: Floats
    prior_cogs: Floats
    plan_units: Floats


@dataclass(frozen=True)
class LeafBudget:
    """The budget on leaves: `units` (n, T) milli-units unrounded, `revenue`, `cogs` (n, T) int64 cents, `rule` (n, T).

    `stranded` (r,) marks the rows that no leaf can carry: their amounts are NOT in the arrays. Invariant: Σ leaves +
    Σ stranded rows = Σ rows, in cents, per month.
    """

    units: Floats
    revenue: Ints
    cogs: Ints
    rule: Ints
    stranded: Marks


@dataclass(frozen=True)
class _Shares:
    """Weights (m, T) for units, revenue and cogs, and the rule (g, T) they come from (0 = nobody can carry it)."""

    units: Floats
    revenue: Floats
    cogs: Floats
    rule: Ints


def bring_to_leaves(rows: BudgetRows, leaves: BudgetLeaves) -> LeafBudget:
    """Share every budget row over the leaves it covers; each level in turn, all its rows at once.

    Last year's mix is that of the same month; where the covered leaves sold nothing in it, that of the whole year; the
    plan's mix likewise. A row with its own item and market goes to that leaf whether or not it is alive.

    Args:
        rows: the budget, (r,).
        leaves: where it may go, (n,) and (n, T); keys (item, market) unique.

    Returns:
        Amounts per leaf and month, and the rows that could not be brought down.

    Raises:
        ValueError: shapes disagree, a month lies outside the year, or a number is not finite.
    """
    _check(rows, leaves)
    shape = leaves.alive.shape
    result = LeafBudget(
        units=np.zeros(shape),
        revenue=np.zeros(shape, np.int64),
        cogs=np.zeros(shape, np.int64),
        rule=np.zeros(shape, np.int64),
        stranded=np.zeros(len(rows.month), np.bool_),
    )
    signature = _signature(rows.levels)
    for level in np.unique(signature):
        _place_level(result, rows, leaves, chosen=np.flatnonzero(signature == level))
    return result


def _place_level(result: LeafBudget, rows: BudgetRows, leaves: BudgetLeaves, *, chosen: Ints) -> None:
    """Add the `chosen` rows, all of one level, to the arrays of `result`; marks those that nobody can carry."""
    level = int(_signature(rows.levels)[chosen[0]])
    keys, group_of_row = np.unique(_keys(rows.levels, level)[chosen], return_inverse=True)
    leaf_keys = _keys(leaves.levels, level)
    inside = np.flatnonzero(np.isin(leaf_keys, keys))
    group = np.searchsorted(keys, leaf_keys[inside])
    shares = _shares(leaves, inside, group, len(keys), own=level == 0)
    reached = shares.rule[group_of_row, rows.month[chosen]] > 0
    result.stranded[chosen] = ~reached
    placed, place = chosen[reached], (group_of_row[reached], rows.month[chosen][reached])
    form = shares.rule.shape
    result.units[inside] += _in_proportion(shares.units, group, _block(rows.units[placed], place, form))
    revenue, cogs = _block(rows.revenue[placed], place, form), _block(rows.cogs[placed], place, form)
    result.revenue[inside] += largest_remainder_by_group(shares.revenue, group, revenue)
    result.cogs[inside] += largest_remainder_by_group(shares.cogs, group, cogs)
    touched = np.zeros(form, np.bool_)
    touched[place] = True
    result.rule[inside] = np.maximum(result.rule[inside], np.where(touched, shares.rule, 0)[group])


def _signature(levels: BudgetLevels) -> Ints:
    """Level of each row as item part × 4 + market part; 0 = item × market, 15 = the whole company."""
    item = np.select([levels.item != NONE, levels.family != NONE, levels.category != NONE], [0, 1, 2], 3)
    market = np.select([levels.market != NONE, levels.region != NONE, levels.channel != NONE], [0, 1, 2], 3)
    signature: Ints = (item * 4 + market).astype(np.int64)
    return signature


def _keys(levels: BudgetLevels, signature: int) -> Ints:
    """One key per row or leaf at a level; −1 in a part matches only −1."""
    whole = np.zeros(len(levels.item), np.int64)
    item = (levels.item, levels.family, levels.category, whole)[signature // 4]
    market = (levels.market, levels.region, levels.channel, whole)[signature % 4]
    return (item + 1) * PAIR + market + 1


def _shares(leaves: BudgetLeaves, inside: Ints, group: Ints, groups: int, *, own: bool) -> _Shares:
    shape = (groups, leaves.alive.shape[1])
    if own:
        ones = np.ones((len(inside), shape[1]))
        rule = np.zeros(shape, np.int64)
        rule[group] = BudgetRule.OWN_DETAIL
        return _Shares(ones, ones, ones, rule)
    heirs = _heirs(leaves.successor, inside, group)
    sources = [leaves.prior_units, leaves.prior_revenue, leaves.prior_cogs]
    units, revenue, cogs = (_mix(source[inside], leaves.alive[inside], heirs, group, groups) for source in sources)
    plan = _mix(
        leaves.plan_units[inside], np.ones_like(leaves.alive[inside]), np.full(len(inside), NONE), group, groups
    )
    has = {
        name: sum_by_group(part, group, groups) > 0
        for name, part in (("units", units), ("money", revenue), ("plan", plan))
    }
    rule = np.select([has["units"], has["money"], has["plan"]], [2, 2, 3], 0).astype(np.int64)
    return _Shares(
        units=_first_with_sum([units, revenue, plan], group, groups),
        revenue=_first_with_sum([revenue, units, plan], group, groups),
        cogs=_first_with_sum([cogs, units, revenue, plan], group, groups),
        rule=rule,
    )


def _heirs(successor: Ints, inside: Ints, group: Ints) -> Ints:
    """Position within `inside` of each leaf's successor when it belongs to the same group, else −1."""
    position = np.full(len(successor), NONE, np.int64)
    position[inside] = np.arange(len(inside))
    heirs = np.where(successor[inside] == NONE, NONE, position[successor[inside]])
    return np.where((heirs != NONE) & (group[heirs] == group), heirs, NONE)


def _mix(weights: Floats, alive: Marks, heirs: Ints, group: Ints, groups: int) -> Floats:
    """Weights (m, T) of the month, or of the whole year where the group has none in the month, over living items."""
    positive = np.maximum(weights, 0.0)
    monthly = _inherited(positive, alive, heirs)
    yearly = _inherited(np.repeat(positive.sum(axis=1, keepdims=True), weights.shape[1], axis=1), alive, heirs)
    return _first_with_sum([monthly, yearly], group, groups)


def _inherited(weights: Floats, alive: Marks, heirs: Ints) -> Floats:
    """Weights with those of ended items moved to their successors, step by step; what finds no heir is dropped."""
    moved = weights.copy()
    for _ in range(SUCCESSOR_STEPS):
        leaf, month = np.nonzero(~alive & (moved > 0) & (heirs != NONE)[:, None])
        if not len(leaf):
            break
        amounts = moved[leaf, month]
        moved[leaf, month] = 0.0
        np.add.at(moved, (heirs[leaf], month), amounts)
    return np.where(alive, moved, 0.0)


def _first_with_sum(candidates: list[Floats], group: Ints, groups: int) -> Floats:
    """Per group and month the first of the weights (m, T) that has a positive sum, else the last."""
    result = candidates[-1]
    for weights in reversed(candidates[:-1]):
        result = np.where((sum_by_group(weights, group, groups) > 0)[group], weights, result)
    return result


def _block(values: NDArray[Number], place: tuple[Ints, Ints], shape: tuple[int, ...]) -> NDArray[Number]:
    block = np.zeros(shape, values.dtype)
    np.add.at(block, place, values)
    return block


def _in_proportion(weights: Floats, group: Ints, totals: Floats) -> Floats:
    sums = sum_by_group(weights, group, len(totals))[group]
    parts = np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0)
    return totals[group] * parts


def _check(rows: BudgetRows, leaves: BudgetLeaves) -> None:
    shape = leaves.alive.shape
    blocks = [leaves.prior_units, leaves.prior_revenue, leaves.prior_cogs, leaves.plan_units]
    if any(block.shape != shape for block in blocks) or len(leaves.successor) != shape[0]:
        raise ValueError("The arrays of the leaves have one shape (leaf, month).")
    if len(rows.month) and (rows.month.min() < 0 or rows.month.max() >= shape[1]):
        raise ValueError("A budget row lies outside the fiscal year.")
    if not all(np.isfinite(block).all() for block in [*blocks, rows.units]):
        raise ValueError("A budget is shared by finite numbers only.")
