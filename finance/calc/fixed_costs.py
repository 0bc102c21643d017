"""Fixed costs by month: expensed in one month, paid in the same, an earlier or a later one, or never (depreciation)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class FixedCostRow:
    """One line in one month: month position of the cost and of its payment (None = never paid), cents, budget cents.

    Positions count from the plan's first month; negative ones lie before it.
    """

    line: str
    month: int
    cash_month: int | None
    cents: int
    budget_cents: int | None


@dataclass(frozen=True)
class FixedCostMonths:
    """Cents of the company per month, costs positive, each (month,); `accruals` (1 + month,) from the opening on.

    `expensed` reaches the operating margin, `non_cash` is the part of it that is never paid, `paid` leaves the bank.
    accruals = what is expensed and not yet paid − what is paid and not yet expensed, counted line by line.
    """

    expensed: Ints
    non_cash: Ints
    paid: Ints
    accruals: Ints


def fixed_cost_months(rows: tuple[FixedCostRow, ...], months: int) -> FixedCostMonths:
    """Bring the lines to the plan's months; those wholly before the plan or after its end say nothing in it."""
    expensed, non_cash, paid = (np.zeros(months, dtype=np.int64) for _ in range(3))
    accruals = np.zeros(1 + months, dtype=np.int64)
    at_end = np.arange(-1, months)
    for row in rows:
        if 0 <= row.month < months:
            expensed[row.month] += row.cents
        if row.cash_month is None:
            if 0 <= row.month < months:
                non_cash[row.month] += row.cents
            continue
        if 0 <= row.cash_month < months:
            paid[row.cash_month] += row.cents
        accruals += row.cents * ((at_end >= row.month).astype(np.int64) - (at_end >= row.cash_month))
    return FixedCostMonths(expensed, non_cash, paid, accruals)
