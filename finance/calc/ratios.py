"""Days and ratios of working capital on a 365-day year; undefined is None, never 0.

Source: FORMULAS §1, CCC check.
"""

from __future__ import annotations

from dataclasses import dataclass

DAYS_IN_YEAR = 365


@dataclass(frozen=True)
class WorkingCapitalDays:
    """`dso`, `dio`, `dpo` and `ccc` = DIO + DSO − DPO, in days; None where the denominator is not positive, and DIO
    (and with it the cycle) where nothing can be stocked."""

    dso: float | None
    dio: float | None
    dpo: float | None

    @property
    def ccc(self) -> float | None:
        """Cash conversion cycle in days."""
        if self.dso is None or self.dio is None or self.dpo is None:
            return None
        return self.dio + self.dso - self.dpo


def working_capital_days(
    *, revenue: float, cogs: float, inventory: float | None, receivables: float, payables: float
) -> WorkingCapitalDays:
    """Year-end balances over the flows of one year, all in one currency unit: balance / flow × 365.

    `inventory` is None where nothing can be stocked: its days are then not 0 but none.
    """
    stock_days = None if inventory is None else _days(inventory, cogs)
    return WorkingCapitalDays(dso=_days(receivables, revenue), dio=stock_days, dpo=_days(payables, cogs))


def cash_to_sales(operating_cash: float, revenue: float) -> float | None:
    """Operating cash flow / net revenue; None without revenue."""
    return operating_cash / revenue if revenue > 0 else None


def _days(balance: float, flow: float) -> float | None:
    return balance / flow * DAYS_IN_YEAR if flow > 0 else None
