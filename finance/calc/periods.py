"""Months brought to quarters, fiscal years and rolling twelve months: flows add, balances take the last month's end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog.calc.months import MONTHS_IN_YEAR, fiscal_months, fiscal_quarter_of, fiscal_year_of, month_date

MONTHS_IN_QUARTER = 3


class PeriodKind(StrEnum):
    """What one column of a statement stands for."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ROLLING = "rolling"


@dataclass(frozen=True)
class Period:
    """The months `first` … `last` (month numbers, inclusive); `last` lies in `quarter` of `fiscal_year`."""

    kind: PeriodKind
    first: int
    last: int
    fiscal_year: int
    quarter: int

    @property
    def months(self) -> range:
        """The month numbers of the period."""
        return range(self.first, self.last + 1)

    @property
    def name(self) -> str:
        """The period in words that need no calendar: 2014-06, Q2 FY2015, FY2015, 12 months to 2014-06."""
        end = f"{month_date(self.last):%Y-%m}"
        if self.kind == PeriodKind.MONTH:
            return end
        if self.kind == PeriodKind.ROLLING:
            return f"12 months to {end}"
        return f"FY{self.fiscal_year}" if self.kind == PeriodKind.YEAR else f"Q{self.quarter} FY{self.fiscal_year}"


@dataclass(frozen=True)
class Figure:
    """One amount of a period, in the unit of its months (cents or milli-units).

    `amount` is None when a month that it needs is not known, never 0; `known_amount` is what the `known` of its
    `months` say (None when none of them does).
    """

    amount: int | None
    known_amount: int | None
    known: int
    months: int

    @property
    def is_partial(self) -> bool:
        """Whether some months are known and others are not."""
        return 0 < self.known < self.months


def periods_in(kind: PeriodKind, *, first: int, last: int, start_month: int) -> tuple[Period, ...]:
    """The periods of a kind that share at least one month with `first` … `last`, in order.

    A rolling period is the twelve months that end with a month of the span. Quarters and years are whole fiscal ones,
    also where the span covers them in part.

    Args:
        kind: month, quarter, year or rolling.
        first, last: month numbers, inclusive; an empty span has no periods.
        start_month: calendar month (1 to 12) in which the company's fiscal year starts.
    """
    if first > last:
        return ()
    if kind == PeriodKind.MONTH:
        return tuple(_period(kind, month, month, start_month) for month in range(first, last + 1))
    if kind == PeriodKind.ROLLING:
        ends = range(first, last + 1)
        return tuple(_period(kind, end - MONTHS_IN_YEAR + 1, end, start_month) for end in ends)
    length = MONTHS_IN_QUARTER if kind == PeriodKind.QUARTER else MONTHS_IN_YEAR
    year_start = fiscal_months(fiscal_year_of(first, start_month), start_month).start
    start = first - (first - year_start) % length
    return tuple(_period(kind, begin, begin + length - 1, start_month) for begin in range(start, last + 1, length))


def flow_of(months: Mapping[int, int], period: Period) -> Figure:
    """The sum of a flow over a period; not known as soon as one of its months is not.

    Args:
        months: amount per month number; a month that is absent is not known.
        period: what to add up.
    """
    known = [months[month] for month in period.months if month in months]
    whole = len(known) == len(period.months)
    return Figure(sum(known) if whole else None, sum(known) if known else None, len(known), len(period.months))


def balance_of(months: Mapping[int, int], period: Period) -> Figure:
    """A balance at the end of the period's last month; not known when that month is not, whatever came before."""
    balance = months.get(period.last)
    return Figure(balance, balance, int(balance is not None), 1)


def difference(figure: Figure, other: Figure) -> Figure:
    """figure − other where both are known; a part of one less a part of the other would compare different months."""
    if figure.amount is None or other.amount is None:
        return Figure(None, None, 0, figure.months)
    return Figure(figure.amount - other.amount, figure.amount - other.amount, figure.months, figure.months)


def added_months(parts: Iterable[tuple[int, Mapping[int, int]]]) -> dict[int, int]:
    """Signed sum of lines per month, over the months in which every line is known.

    Args:
        parts: (sign, amount per month); no lines make no months.
    """
    lines = list(parts)
    if not lines:
        return {}
    shared = set.intersection(*(set(months) for _, months in lines))
    return {month: sum(sign * months[month] for sign, months in lines) for month in sorted(shared)}


def _period(kind: PeriodKind, first: int, last: int, start_month: int) -> Period:
    return Period(kind, first, last, fiscal_year_of(last, start_month), fiscal_quarter_of(last, start_month))
