"""Month numbers and fiscal years named by the year in which they end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.calc.months import (
    days_in_month,
    fiscal_months,
    fiscal_quarter_of,
    fiscal_year_of,
    last_day,
    month_date,
    month_index,
)

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))
starts = st.integers(min_value=1, max_value=12)


@given(days)
def test_number_and_first_day_are_inverse(day: date) -> None:
    assert month_date(month_index(day)) == day.replace(day=1)


@given(days)
def test_last_day_is_the_day_before_the_next_month(day: date) -> None:
    month = month_index(day)
    assert last_day(month) + timedelta(days=1) == month_date(month + 1)
    assert days_in_month(month) == last_day(month).day


def test_leap_february() -> None:
    assert last_day(month_index(date(2016, 2, 1))) == date(2016, 2, 29)
    assert last_day(month_index(date(2100, 2, 1))) == date(2100, 2, 28)


def test_year_is_named_by_its_end() -> None:
    assert fiscal_year_of(month_index(date(2013, 5, 1)), 5) == 2014
    assert fiscal_year_of(month_index(date(2014, 4, 1)), 5) == 2014
    assert fiscal_year_of(month_index(date(2014, 4, 1)), 1) == 2014


@given(days, starts)
def test_a_month_lies_in_its_year(day: date, start: int) -> None:
    month = month_index(day)
    year = fiscal_months(fiscal_year_of(month, start), start)
    assert month in year
    assert month_date(year[0]).month == start
    assert fiscal_quarter_of(month, start) == year.index(month) // 3 + 1


@pytest.mark.parametrize("start", [0, 13])
def test_start_month_is_checked(start: int) -> None:
    with pytest.raises(ValueError, match="starts in month"):
        fiscal_months(2014, start)
