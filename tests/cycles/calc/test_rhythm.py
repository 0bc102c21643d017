"""Working days of the four-week rhythm."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cycles.calc.rhythm import DUE_WORKING_DAYS, due_dates, following_month, working_day


def test_a_month_that_begins_on_a_weekend() -> None:
    # 1 June 2014 is a Sunday, so Monday the 2nd is working day 1 and Friday the 6th is working day 5.
    assert [working_day(date(2014, 6, 15), n).day for n in (1, 5, 6)] == [2, 6, 9]


def test_february_has_exactly_twenty_working_days() -> None:
    # February 2015 begins on a Sunday and has four whole weeks: the 20th working day is Friday the 27th.
    assert due_dates(date(2015, 2, 1))[-1] == date(2015, 2, 27)


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_due_dates_are_rising_working_days_counted_right(day: date) -> None:
    due = due_dates(day)
    assert list(due) == sorted(set(due))
    first = day.replace(day=1)
    for end, number in zip(due, DUE_WORKING_DAYS, strict=True):
        days = (first + timedelta(days=n) for n in range((end - first).days + 1))
        assert sum(d.weekday() < 5 for d in days) == number
        assert end.weekday() < 5


def test_working_days_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        working_day(date(2014, 6, 1), 0)


def test_the_month_after_december() -> None:
    assert following_month(date(2013, 12, 1)) == date(2014, 1, 1)
    assert following_month(date(2013, 11, 1)) == date(2013, 12, 1)
