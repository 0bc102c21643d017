"""Bridges of what belongs to the company and not to series: inventory by item, operating cash by month.

Inventory: cost = units × (standard now − before); volume = what the base's cover asks for at the other's throughput;
constraint = the change of what is missing below the safety stock; policy = the rest, stock that somebody chose to hold
(cover, pre-build, lots). Cash: margin before revaluation, fixed cost, ΔAR, Δinventory, ΔAP, Δaccruals. Source: FORMULAS
§2; the split of inventory is this product's own and is printed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finance.calc.bridge import round_to_total
from finance.calc.bridge_pairs import Leaves, StepBlock
from finance.calc.references import StepKey

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CASH_SIGNS = {
    StepKey.MARGIN: 1,
    StepKey.FIXED_COST: -1,
    StepKey.RECEIVABLES: -1,
    StepKey.INVENTORY: -1,
    StepKey.PAYABLES: 1,
    StepKey.ACCRUALS: 1,
}
"""How each line of the indirect way counts in operating cash."""


@dataclass(frozen=True)
class StockSide:
    """Stock of one reference over `months` (T,); items (n,), unique.

    `units` closing milli-units and `value` cents, (n, T); `used` milli-units shipped and consumed, (n, T); `stored` (T,)
    the company's inventory as stored.
    """

    months: Ints
    items: Ints
    units: Ints
    value: Ints
    used: Ints
    stored: Ints


@dataclass(frozen=True)
class CashSide:
    """Operating cash of one reference over `months` (T,): each line of the indirect way, and the direct flow, cents."""

    months: Ints
    lines: dict[StepKey, Ints]
    direct: Ints


def cash_steps(base: CashSide, other: CashSide, *, months: Ints) -> StepBlock:
    """Operating cash from base to other: one row, the direct flows as totals and the lines of the indirect as steps."""
    one, two = np.searchsorted(base.months, months), np.searchsorted(other.months, months)
    steps = {key: (sign * (other.lines[key][two] - base.lines[key][one]))[None] for key, sign in CASH_SIGNS.items()}
    nothing = np.zeros(1, np.int64)
    return StepBlock(months, Leaves(nothing, nothing, nothing), base.direct[one][None], other.direct[two][None], steps)


def inventory_steps(
    base: StockSide, other: StockSide, *, months: Ints, safety: dict[int, int], family_of: dict[int, int]
) -> StepBlock:
    """Inventory at the end of each month from base to other, by item; the steps of a cell add to its change exactly.

    Args:
        base, other: both sides.
        months: months that both have.
        safety: item → safety stock, milli-units; absent = none.
        family_of: item → family; a component has none.
    """
    items = np.unique(np.concatenate([base.items, other.items]))
    units_a, value_a, used_a = (_placed(base, block, items, months) for block in (base.units, base.value, base.used))
    units_b, value_b, used_b = (
        _placed(other, block, items, months) for block in (other.units, other.value, other.used)
    )
    floor = np.array([safety.get(int(item), 0) for item in items], np.int64)[:, None]
    before, after = _unit_cost(units_a, value_a), _unit_cost(units_b, value_b)
    cost = np.where(units_a != 0, before, after)
    grown = np.divide(
        used_b.cumsum(axis=1), used_a.cumsum(axis=1), out=np.ones(units_a.shape), where=used_a.cumsum(axis=1) > 0
    )
    volume = units_a * (grown - 1.0)
    missing = np.minimum(units_b - floor, 0) - np.minimum(units_a - floor, 0)
    policy = units_b - units_a - volume - missing
    parts = np.stack([volume * cost, missing * cost, policy * cost, value_b - value_a - (units_b - units_a) * cost])
    rounded = round_to_total(parts, value_b - value_a)
    keys = (StepKey.VOLUME, StepKey.CONSTRAINT, StepKey.POLICY, StepKey.COST)
    steps = dict(zip(keys, rounded, strict=True))
    families = np.array([family_of.get(int(item), 0) for item in items], np.int64)
    leaves = Leaves(items, families, np.zeros_like(items))
    return StepBlock(months, leaves, value_a, value_b, {key: steps[key] for key in StepKey if key in steps})


def _placed(side: StockSide, block: Ints, items: Ints, months: Ints) -> Ints:
    wide = np.zeros((len(items), len(months)), np.int64)
    wide[np.searchsorted(items, side.items)] = block[:, np.searchsorted(side.months, months)]
    return wide


def _unit_cost(units: Ints, value: Ints) -> Floats:
    """Cents per milli-unit; 0 without units."""
    return np.divide(value.astype(np.float64), units, out=np.zeros(units.shape), where=units != 0)
