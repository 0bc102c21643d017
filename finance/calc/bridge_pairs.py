"""A bridge between any two references: both put on the same leaves and months, then revenue, COGS and margin.

Where either side is constrained, the drivers compare what was wanted, and the constraint is the other's shortfall less
the base's own. Margin = revenue drivers − COGS drivers. Source: FORMULAS §2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finance.calc.bridge import BridgeRates, BudgetSide, Driver, MixLevel, PlanSide, bridge
from finance.calc.references import BridgeMeasure, StepKey

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PAIR = 2**31
FX6_ONE = 1_000_000
REVENUE_STEPS = {driver: StepKey(driver.value) for driver in Driver}
COGS_STEPS = REVENUE_STEPS | {Driver.PRICE: StepKey.RATE}


@dataclass(frozen=True)
class Leaves:
    """Keys of leaves, each (n,): `items` 0 = what a family holds beside its items."""

    items: Ints
    families: Ints
    markets: Ints

    @property
    def keys(self) -> Ints:
        """One number per leaf; a leaf without an item is keyed by its family, negative."""
        keys: Ints = np.where(self.items > 0, self.items, -self.families) * PAIR + self.markets
        return keys


@dataclass(frozen=True)
class Amounts:
    """One measure of one reference, (leaf, month): milli-units wanted, their cents, and the cents that are the plan's.

    `free` and `cents` are equal where nothing is constrained.
    """

    units: Floats
    free: Ints
    cents: Ints


@dataclass(frozen=True)
class Side:
    """One reference over `months` (T,), month numbers of the plan's calendar, ascending.

    `revenue` and `cogs` on the same leaves (n, T); `cogs` is None where the reference does not know it. `served` (n, T)
    is cost to serve in cents, 0 where nothing is recorded; `fx6` (n, T) millionths of the reporting currency per unit
    of the market's.
    """

    months: Ints
    leaves: Leaves
    revenue: Amounts
    cogs: Amounts | None
    served: Ints
    fx6: Ints


@dataclass(frozen=True)
class StepBlock:
    """A closed bridge on leaves: `start`, `end` (leaf, month) and each step (leaf, month), cents.

    end − start = Σ steps at every leaf and month. Costs are positive in a COGS bridge, effects in one of margin.
    """

    months: Ints
    leaves: Leaves
    start: Ints
    end: Ints
    steps: dict[StepKey, Ints]


def on_same_leaves(base: Side, other: Side, *, months: Ints) -> tuple[Side, Side]:
    """Both sides over `months`, which both have, and the union of their leaves, ordered by key; absent is 0.

    Callers load both with one hierarchy, so that an item has one family.
    """
    keys = np.unique(np.concatenate([base.leaves.keys, other.leaves.keys]))
    return _spread(base, keys, months, other), _spread(other, keys, months, base)


def revenue_steps(base: Side, other: Side, group: Ints, *, mix_level: MixLevel) -> StepBlock:
    """Revenue from base to other; sides on the same leaves, `group` (leaf,) the mix group."""
    rates = BridgeRates(group, base.fx6 / FX6_ONE, other.fx6 / FX6_ONE, mix_level)
    steps = _drivers(base.revenue, other.revenue, rates)
    named = {REVENUE_STEPS[driver]: block for driver, block in steps.items()}
    return StepBlock(base.months, base.leaves, base.revenue.cents, other.revenue.cents, named)


def cogs_steps(base: Side, other: Side, group: Ints, *, mix_level: MixLevel) -> StepBlock:
    """COGS at standard and cost to serve from base to other, a cost increase positive; price is the standard rate.

    Raises:
        ValueError: a side does not know its COGS.
    """
    if base.cogs is None or other.cogs is None:
        raise ValueError("A bridge of COGS needs the COGS of both sides.")
    same = np.ones(base.fx6.shape)
    steps = _drivers(base.cogs, other.cogs, BridgeRates(group, same, same, mix_level))
    named = {COGS_STEPS[driver]: block for driver, block in steps.items()}
    named[StepKey.COST_TO_SERVE] = other.served - base.served
    return StepBlock(base.months, base.leaves, base.cogs.cents + base.served, other.cogs.cents + other.served, named)


def margin_steps(revenue: StepBlock, cogs: StepBlock) -> StepBlock:
    """Margin = revenue − COGS, step by step; what raises cost lowers margin."""
    nothing = np.zeros_like(revenue.start)
    keys = [key for key in StepKey if key in revenue.steps or key in cogs.steps]
    steps = {key: revenue.steps.get(key, nothing) - cogs.steps.get(key, nothing) for key in keys}
    return StepBlock(revenue.months, revenue.leaves, revenue.start - cogs.start, revenue.end - cogs.end, steps)


def measured_steps(measure: BridgeMeasure, sides: tuple[Side, Side], group: Ints, *, mix_level: MixLevel) -> StepBlock:
    """The bridge of a measure that stands on leaves.

    Raises:
        ValueError: the measure is one of the company as a whole, or a side does not know it.
    """
    builders: dict[BridgeMeasure, Callable[..., StepBlock]] = {
        BridgeMeasure.REVENUE: revenue_steps,
        BridgeMeasure.COGS: cogs_steps,
        BridgeMeasure.MARGIN: lambda base, other, group, *, mix_level: margin_steps(
            revenue_steps(base, other, group, mix_level=mix_level), cogs_steps(base, other, group, mix_level=mix_level)
        ),
    }
    if measure not in builders:
        raise ValueError(f"{measure.label} does not stand on leaves.")
    return builders[measure](*sides, group, mix_level=mix_level)


def _drivers(base: Amounts, other: Amounts, rates: BridgeRates) -> dict[Driver, Ints]:
    block = bridge(BudgetSide(base.units, base.free), PlanSide(other.units, other.free, other.cents), rates)
    steps = dict(zip(Driver, block.drivers, strict=True))
    steps[Driver.CONSTRAINT] = steps[Driver.CONSTRAINT] - (base.cents - base.free)
    return steps


def one_after_the_other(first: Side, second: Side) -> Side:
    """Two sides of months that follow each other as one on the union of their leaves; what a part lacks is 0.

    A market that one part does not hold takes the other part's rate at the month where they meet. COGS stays unknown
    when one part does not know it.
    """
    keys = np.unique(np.concatenate([first.leaves.keys, second.leaves.keys]))
    early, late = _spread(first, keys, first.months, second), _spread(second, keys, second.months, first)

    def joined(one: Amounts, two: Amounts) -> Amounts:
        units, free, cents = (
            np.concatenate([getattr(one, name), getattr(two, name)], axis=1) for name in ("units", "free", "cents")
        )
        return Amounts(units, free, cents)

    return Side(
        months=np.concatenate([early.months, late.months]),
        leaves=early.leaves,
        revenue=joined(early.revenue, late.revenue),
        cogs=joined(early.cogs, late.cogs) if early.cogs and late.cogs else None,
        served=np.concatenate([early.served, late.served], axis=1),
        fx6=np.concatenate([early.fx6, late.fx6], axis=1),
    )


def _spread(side: Side, keys: Ints, months: Ints, beside: Side) -> Side:
    rows, columns = np.searchsorted(keys, side.leaves.keys), np.searchsorted(side.months, months)
    families = np.zeros(len(keys), np.int64)
    families[np.searchsorted(keys, beside.leaves.keys)] = beside.leaves.families
    families[rows] = side.leaves.families

    def placed(block: NDArray[Any]) -> NDArray[Any]:
        wide = np.zeros((len(keys), len(months)), block.dtype)
        wide[rows] = block[:, columns]
        return wide

    def amounts(own: Amounts) -> Amounts:
        return Amounts(placed(own.units), placed(own.free), placed(own.cents))

    high, markets = np.divmod(keys, PAIR)
    return Side(
        months=months,
        leaves=Leaves(np.maximum(high, 0), families, markets),
        revenue=amounts(side.revenue),
        cogs=None if side.cogs is None else amounts(side.cogs),
        served=placed(side.served),
        fx6=_rates_of(markets, months, (side, beside)),
    )


def _rates_of(markets: Ints, months: Ints, sides: tuple[Side, Side]) -> Ints:
    """Exchange rates of leaves that a side does not hold: of its own leaves in the market, else of the other side's.

    The other side may hold other months: its nearest one counts then.
    """
    rates = np.full((len(markets), len(months)), FX6_ONE, np.int64)
    for side in reversed(sides):
        if not len(side.months):
            continue
        known, first = np.unique(side.leaves.markets, return_index=True)
        held = np.isin(markets, known)
        nearest = np.clip(np.searchsorted(side.months, months), 0, len(side.months) - 1)
        rates[held] = side.fx6[first][:, nearest][np.searchsorted(known, markets[held])]
    return rates
