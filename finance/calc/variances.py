"""Planned variances: what arises in a month, what reaches its margin, and what waits in stock, by company policy.

Source: FORMULAS §1; releasing by Horngren, Cost Accounting, ch. 7 (proration over cost of goods sold and ending stock).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from finance.calc.cogs import CashLine, variance_of_standard

Ints = NDArray[np.int64]
COMPANY = 0


class VariancePolicy(StrEnum):
    """When a planned variance reaches the margin."""

    EXPENSED = "expensed"
    CAPITALISED = "capitalised"


@dataclass(frozen=True)
class VarianceRow:
    """One planned variance: month position, family (0 = company), cash line, and cents or millionths of standard."""

    month: int
    family: int
    line: CashLine
    cents: int | None
    percent6: int | None


@dataclass(frozen=True)
class VariancePlan:
    """All planned variances of a plan, the policy, and the balance capitalised before the first month, cents."""

    rows: tuple[VarianceRow, ...] = ()
    policy: VariancePolicy = VariancePolicy.EXPENSED
    opening: int = 0


@dataclass(frozen=True)
class VarianceMonths:
    """Cents of the company per month, a cost is positive, each (month,).

    `purchases` and `conversion` are what arises, by the line that pays it; `recognised` reaches the margin; `balance` is
    capitalised at the month's end. balance = balance before + purchases + conversion − recognised.
    """

    purchases: Ints
    conversion: Ints
    recognised: Ints
    balance: Ints

    @property
    def incurred(self) -> Ints:
        """What arises in the month, (month,)."""
        return self.purchases + self.conversion

    @property
    def capitalised(self) -> Ints:
        """What the balance gains in the month, negative when more is released than arises, (month,)."""
        return self.incurred - self.recognised


def plan_variances(plan: VariancePlan, *, families: Ints, made: Ints, sold: Ints, closing: Ints) -> VarianceMonths:
    """Price the rows and release them by the policy: a family's with its own stock, the company's with all of it.

    Args:
        plan: rows, policy, opening balance (which belongs to the company's pool).
        families: family of each stock row (stock,), 0 = none.
        made, sold, closing: cents at standard (stock, month): what was made, COGS, stock at the month's end.
    """
    pools = np.unique([COMPANY, *(row.family for row in plan.rows)])
    months = made.shape[1]
    arising = {line: np.zeros((len(pools), months), dtype=np.int64) for line in CashLine}
    for row in plan.rows:
        arising[row.line][np.searchsorted(pools, row.family), row.month] += _cents(row, made[:, row.month], families)
    incurred = arising[CashLine.PURCHASES] + arising[CashLine.CONVERSION]
    opening = np.where(pools == COMPANY, plan.opening, 0)
    balance = np.zeros_like(incurred)
    if plan.policy is VariancePolicy.CAPITALISED:
        members = [np.ones(len(families), bool) if pool == COMPANY else families == pool for pool in pools]
        out, kept = (np.stack([block[chosen].sum(axis=0) for chosen in members]) for block in (sold, closing))
        balance = capitalised_balance(incurred, out, kept, opening)
    before = np.concatenate([opening[:, None], balance[:, :-1]], axis=1)
    return VarianceMonths(
        purchases=arising[CashLine.PURCHASES].sum(axis=0),
        conversion=arising[CashLine.CONVERSION].sum(axis=0),
        recognised=(before + incurred - balance).sum(axis=0),
        balance=balance.sum(axis=0),
    )


def capitalised_balance(incurred: Ints, sold: Ints, closing: Ints, opening: Ints) -> Ints:
    """What stays in stock: (balance before + incurred) × closing stock / (closing stock + sold), rounded half away.

    Whatever has neither stock nor sales is released at once, so that no balance outlives its goods. Negative stock or
    net returns count as 0.

    Args:
        incurred: cents (pool, month), favourable variances negative.
        sold, closing: cents at standard (pool, month).
        opening: cents (pool,).

    Returns:
        int64 cents (pool, month), the balance at each month's end.
    """
    kept, out = np.maximum(closing, 0).astype(object), np.maximum(sold, 0).astype(object)
    balance = np.zeros_like(incurred)
    before = opening.astype(object)
    for month in range(incurred.shape[1]):
        amount = before + incurred[:, month]
        whole = np.maximum(kept[:, month] + out[:, month], 1)
        size = (np.abs(amount) * kept[:, month] * 2 + whole) // (2 * whole)
        before = np.where(amount < 0, -size, size)
        balance[:, month] = before.astype(np.int64)
    return balance


def _cents(row: VarianceRow, made: Ints, families: Ints) -> int:
    if row.cents is not None:
        return row.cents
    standard = made.sum() if row.family == COMPANY else made[families == row.family].sum()
    return int(variance_of_standard(np.array([standard]), np.array([row.percent6 or 0]))[0])
