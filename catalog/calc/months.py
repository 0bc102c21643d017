"""Months as integers: year * 12 + month − 1, so that a span of months is a range and a shift is an addition."""

from __future__ import annotations

import calendar
from datetime import date

MONTHS_IN_YEAR = 12


def month_index(day: date) -> int:
    """Number of the month that `day` lies in; January of year 1 is 12."""
    return day.year * MONTHS_IN_YEAR + day.month - 1


def month_date(month: int) -> date:
    """First day of a month number.

    Raises:
        ValueError: the month lies outside the years 1 to 9999.
    """
    return date(month // MONTHS_IN_YEAR, month % MONTHS_IN_YEAR + 1, 1)


def days_in_month(month: int) -> int:
    """Number of calendar days of a month, leap years included."""
    return calendar.monthrange(month // MONTHS_IN_YEAR, month % MONTHS_IN_YEAR + 1)[1]


def last_day(month: int) -> date:
    """Last day of a month: the day on which a rate must be valid to count for the month."""
    return month_date(month).replace(day=days_in_month(month))


def fiscal_year_of(month: int, start_month: int) -> int:
    """Fiscal year of a month, named by the calendar year in which it ENDS.

    With `start_month` 1 it is the calendar year; with 5, May 2013 to April 2014 is 2014.

    Raises:
        ValueError: `start_month` is not 1 to 12.
    """
    _check_start(start_month)
    year, position = divmod(month, MONTHS_IN_YEAR)
    return year + 1 if start_month > 1 and position + 1 >= start_month else year


def fiscal_months(fiscal_year: int, start_month: int) -> range:
    """The twelve month numbers of a fiscal year, in order.

    Raises:
        ValueError: `start_month` is not 1 to 12.
    """
    _check_start(start_month)
    first_year = fiscal_year - 1 if start_month > 1 else fiscal_year
    first = first_year * MONTHS_IN_YEAR + start_month - 1
    return range(first, first + MONTHS_IN_YEAR)


def fiscal_quarter_of(month: int, start_month: int) -> int:
    """Quarter (1 to 4) of a month within its fiscal year.

    Raises:
        ValueError: `start_month` is not 1 to 12.
    """
    _check_start(start_month)
    return (month - (start_month - 1)) % MONTHS_IN_YEAR // 3 + 1


def _check_start(start_month: int) -> None:
    if not 1 <= start_month <= MONTHS_IN_YEAR:
        raise ValueError(f"A fiscal year starts in month 1 to 12, not {start_month}.")
