"""The fiscal year of a plan: which of its months are closed, which the plan covers, which nobody covers."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.calc.months import fiscal_months, fiscal_year_of


@dataclass(frozen=True)
class FiscalWindow:
    """The fiscal year that holds a plan's first month. Month numbers; `first_month` is the first open one."""

    fiscal_year: int
    first_month: int
    horizon: int
    start: int

    @property
    def months(self) -> range:
        """The twelve month numbers of the year."""
        return range(self.start, self.start + 12)

    @property
    def closed(self) -> int:
        """How many of the twelve are closed: they hold actuals."""
        return self.first_month - self.start

    @property
    def open(self) -> int:
        """How many of the twelve the plan covers."""
        return min(12 - self.closed, self.horizon)

    @property
    def uncovered(self) -> int:
        """How many months at the year's end lie beyond the horizon: the landing misses them and says so."""
        return 12 - self.closed - self.open


def fiscal_window(first_month: int, horizon: int, start_month: int) -> FiscalWindow:
    """The fiscal year holding `first_month`, for a company whose year starts in `start_month`."""
    year = fiscal_year_of(first_month, start_month)
    return FiscalWindow(year, first_month, horizon, fiscal_months(year, start_month).start)
