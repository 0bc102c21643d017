"""The revenue bridge between two plans: drivers per leaf that add to the change exactly, in cents.

A leaf is one item (or one family residual) in one market; its months are one row. Every level above a leaf is
integer addition, so a bridge that closes at its leaves closes at item, family, category, market, region and month.
Source: FORMULAS §2 (price, volume and mix after Horngren, *Cost Accounting*, ch. 14).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Driver(StrEnum):
    """Why the landing differs from the budget, in the order in which a bridge shows it."""

    VOLUME = "volume"
    MIX = "mix"
    PRICE = "price"
    FX = "fx"
    NEW = "new"
    DISCONTINUED = "discontinued"
    CONSTRAINT = "supply_constraint"


class MixLevel(StrEnum):
    """What a leaf of the bridge is, company policy: item × market × month, or family × market × month."""

    ITEM = "item"
    FAMILY = "family"


class BridgeDoesNotClose(ArithmeticError):
    """The drivers of a leaf do not add to its change: an input is not a number or the arithmetic is broken."""


@dataclass(frozen=True)
class BudgetSide:
    """What was promised: `units` (leaf, month) milli-units, unrounded; `cents` (leaf, month) reporting currency."""

    units: Floats
    cents: Ints


@dataclass(frozen=True)
class PlanSide:
    """What is expected: unconstrained `units` (leaf, month) milli-units, their `upside_cents`, and `landing_cents`.

    In closed months the three hold actuals and upside equals landing.
    """

    units: Floats
    upside_cents: Ints
    landing_cents: Ints


@dataclass(frozen=True)
class BridgeRates:
    """`group` (leaf,): mix group of the leaf within a month, that is family × market × unit of measure.

    `budget_fx`, `plan_fx` (leaf, month): reporting currency per unit of the market's currency, all positive.
    `mix_level` family: the group itself is what is compared. Its items keep their own amounts, their drivers add to
    those of the group; a group is new or discontinued as a whole, and a change of its items' mix stands in price.
    """

    group: Ints
    budget_fx: Floats
    plan_fx: Floats
    mix_level: MixLevel = MixLevel.ITEM


@dataclass(frozen=True)
class BridgeBlock:
    """A closed bridge. `drivers` (driver, leaf, month) cents in the order of `Driver`; favourable is positive.

    `budget` and `landing` (leaf, month) cents; `is_new`, `is_discontinued` (leaf,); `whole_change` (leaf, month) marks
    the leaves whose mix group had no budget units, so that their whole change stands in volume.
    """

    drivers: Ints
    budget: Ints
    landing: Ints
    is_new: NDArray[np.bool_]
    is_discontinued: NDArray[np.bool_]
    whole_change: NDArray[np.bool_]

    def totals(self) -> dict[Driver, int]:
        """Cents per driver over all leaves and months."""
        return {driver: int(self.drivers[position].sum()) for position, driver in enumerate(Driver)}


@dataclass(frozen=True)
class _Leaves:
    """The aligned operands of the driver functions; amounts in cents as floats, shapes (leaf, month)."""

    planned: Floats
    upside: Floats
    budget: Floats
    priced_budget: Floats
    at_budget_price: Floats
    at_budget_fx: Floats
    growth: Floats
    whole: NDArray[np.bool_]
    new: NDArray[np.bool_]
    gone: NDArray[np.bool_]


def bridge(budget: BudgetSide, plan: PlanSide, rates: BridgeRates) -> BridgeBlock:
    """Split landing − budget into drivers at every leaf; Σ drivers = change, exactly, in cents.

    The months of the arrays are the year over which a leaf is new (no budget units in any of them) or discontinued
    (no plan or actual units in any of them). Mix is measured within the group over the leaves that are neither.
    A group with Qb ≤ 0 puts the whole change into volume; an amount without units is a credit and stands in price.
    Empty input gives an empty bridge. Duplicated leaves are two leaves: the caller keys them.

    Args:
        budget: promised units and cents, (leaf, month).
        plan: expected units and cents, (leaf, month).
        rates: mix groups (leaf,) and exchange rates (leaf, month).

    Returns:
        Integer cents per driver, leaf and month, reporting currency.

    Raises:
        BridgeDoesNotClose: an operand is not finite, or the parts of a leaf miss its change.
        ValueError: shapes differ, or an exchange rate is not positive.
    """
    split = unrounded_drivers(budget, plan, rates)
    change = plan.landing_cents - budget.cents
    return BridgeBlock(
        drivers=round_to_total(split.parts, change),
        budget=budget.cents,
        landing=plan.landing_cents,
        is_new=split.is_new,
        is_discontinued=split.is_discontinued,
        whole_change=split.whole_change,
    )


@dataclass(frozen=True)
class UnroundedDrivers:
    """`parts` (driver, leaf, month) cents before any rounding; marks as in `BridgeBlock`."""

    parts: Floats
    is_new: NDArray[np.bool_]
    is_discontinued: NDArray[np.bool_]
    whole_change: NDArray[np.bool_]


def unrounded_drivers(budget: BudgetSide, plan: PlanSide, rates: BridgeRates) -> UnroundedDrivers:
    """The drivers of `bridge` before they are rounded; cents may have fractions here.

    Raises:
        ValueError: shapes differ, or an exchange rate is not positive.
    """
    _check(budget, plan, rates)
    budgeted, planned = _with_units(budget.units, rates), _with_units(plan.units, rates)
    new, gone = _only_in(planned, budgeted), _only_in(budgeted, planned)
    leaves = _align(budget, plan, rates, new=new, gone=gone)
    mix, price = _mix(leaves), _price(leaves)
    if rates.mix_level is MixLevel.FAMILY:
        mix, price = np.zeros_like(mix), price + mix
    parts = np.stack(
        [
            _volume(leaves),
            mix,
            price,
            _fx(leaves),
            _new(leaves),
            _discontinued(leaves),
            (plan.landing_cents - plan.upside_cents).astype(np.float64),
        ]
    )
    return UnroundedDrivers(parts, new, gone, leaves.whole)


def budget_price(budget: BudgetSide, budget_fx: Floats) -> Floats:
    """Budget price in cents of local currency per milli-unit, (leaf, month).

    amount / units of the month; a month without budget units takes the leaf's average of the year, Σ|amount| / Σ|units|
    over its priced months; 0 where the leaf has none.
    """
    priced = budget.units != 0
    local = np.where(priced, budget.cents / budget_fx, 0.0)
    own = np.divide(local, budget.units, out=np.zeros_like(local), where=priced)
    units = np.abs(np.where(priced, budget.units, 0.0)).sum(axis=-1, keepdims=True)
    amount = np.abs(local).sum(axis=-1, keepdims=True)
    average = np.divide(amount, units, out=np.zeros_like(units), where=units > 0)
    return np.where(priced, own, average)


def round_to_total(parts: Floats, total: Ints) -> Ints:
    """Round `parts` (part, …) to integers that add to `total` (…) exactly: floor, then largest fractions first.

    Ties go to the earlier part. A part moves by less than one unit.

    Raises:
        BridgeDoesNotClose: the unrounded parts do not add to `total`, or are not finite.
    """
    floors = np.floor(parts)
    if not np.isfinite(floors).all():
        raise BridgeDoesNotClose("a driver is not a number")
    rounded: Ints = floors.astype(np.int64)
    missing = total - rounded.sum(axis=0)
    count = len(parts)
    if missing.size and (int(missing.min()) < 0 or int(missing.max()) > count):
        raise BridgeDoesNotClose(f"a leaf misses its change by {int(np.abs(missing).max())} cents")
    fractions = parts - floors
    for position in range(count):
        ahead = np.zeros(missing.shape, dtype=np.int8)
        for other in range(count):
            if other < position:
                ahead += fractions[other] >= fractions[position]
            elif other > position:
                ahead += fractions[other] > fractions[position]
        rounded[position] += ahead < missing
    return rounded


def _check(budget: BudgetSide, plan: PlanSide, rates: BridgeRates) -> None:
    shape = budget.units.shape
    arrays = (budget.cents, plan.units, plan.upside_cents, plan.landing_cents, rates.budget_fx, rates.plan_fx)
    if len(shape) != 2 or any(array.shape != shape for array in arrays) or rates.group.shape != shape[:1]:
        raise ValueError("bridge operands must share one (leaf, month) shape")
    if not ((rates.budget_fx > 0).all() and (rates.plan_fx > 0).all()):
        raise ValueError("exchange rates must be positive")


def _with_units(units: Floats, rates: BridgeRates) -> NDArray[np.bool_]:
    """Where the leaf has units, (leaf, month); at family level, where anything of its group has."""
    own: NDArray[np.bool_] = units != 0
    if rates.mix_level is MixLevel.ITEM:
        return own
    return _group_sum(own.astype(np.float64), rates.group) > 0


def _only_in(these: NDArray[np.bool_], those: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Leaves (leaf,) with something in a month of `these` and nothing in any of `those`."""
    return np.asarray(these.any(axis=1) & ~those.any(axis=1), np.bool_)


def _align(
    budget: BudgetSide, plan: PlanSide, rates: BridgeRates, *, new: NDArray[np.bool_], gone: NDArray[np.bool_]
) -> _Leaves:
    upside, amount = (plan.upside_cents.astype(np.float64), budget.cents.astype(np.float64))
    stays = ~(new | gone)[:, None]
    promised = _group_sum(np.where(stays, budget.units, 0.0), rates.group)
    expected = _group_sum(np.where(stays, plan.units, 0.0), rates.group)
    budgeted = _with_units(budget.units, rates)
    moves = budgeted | _with_units(plan.units, rates)
    return _Leaves(
        planned=plan.units,
        upside=upside,
        budget=amount,
        priced_budget=np.where(budgeted, amount, 0.0),
        at_budget_price=plan.units * budget_price(budget, rates.budget_fx) * rates.budget_fx,
        at_budget_fx=upside * (rates.budget_fx / rates.plan_fx),
        growth=np.divide(expected, promised, out=np.ones_like(promised), where=promised > 0),
        whole=stays & (promised <= 0) & moves,
        new=np.broadcast_to(new[:, None], upside.shape),
        gone=np.broadcast_to(gone[:, None], upside.shape),
    )


def _group_sum(values: Floats, group: Ints) -> Floats:
    """Sum over the leaves of each group, spread back to the leaves, (leaf, month)."""
    if not len(group):
        return values
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=group[order[:1]] - 1))
    sums = np.add.reduceat(values[order], starts, axis=0)
    spread = np.empty_like(values)
    spread[order] = np.repeat(sums, np.diff(starts, append=len(group)), axis=0)
    return spread


def _volume(leaves: _Leaves) -> Floats:
    """(Qa − Qb) · s_i · pb_i · fb, that is (Qa / Qb − 1) × the leaf's budget; the whole change where Qb ≤ 0."""
    scaled = np.where(leaves.new | leaves.gone, 0.0, (leaves.growth - 1.0) * leaves.priced_budget)
    return np.where(leaves.whole, leaves.upside - leaves.budget, scaled)


def _mix(leaves: _Leaves) -> Floats:
    """(qa_i − Qa · s_i) · pb_i · fb: the leaf's units beyond its budget share of the group."""
    own = leaves.at_budget_price - leaves.growth * leaves.priced_budget
    return np.where(leaves.new | leaves.gone | leaves.whole, 0.0, own)


def _price(leaves: _Leaves) -> Floats:
    """qa_i · (pa_i − pb_i) · fb, and every amount that has no units behind it."""
    own = leaves.at_budget_fx - leaves.at_budget_price - (leaves.budget - leaves.priced_budget)
    ended = leaves.upside - (leaves.budget - leaves.priced_budget)
    launched = np.where(leaves.new, -leaves.budget, 0.0)
    return np.where(leaves.new | leaves.whole, launched, np.where(leaves.gone, ended, own))


def _fx(leaves: _Leaves) -> Floats:
    """qa_i · pa_i · (fa − fb): the plan's local amount at the plan's rate less the same at the budget's."""
    return np.where(leaves.new | leaves.gone | leaves.whole, 0.0, leaves.upside - leaves.at_budget_fx)


def _new(leaves: _Leaves) -> Floats:
    """The whole amount of a leaf that had no budget units in the year."""
    return np.where(leaves.new, leaves.upside, 0.0)


def _discontinued(leaves: _Leaves) -> Floats:
    """Minus the whole budget of a leaf that has no plan or actual units in the year."""
    return np.where(leaves.gone, -leaves.priced_budget, 0.0)
