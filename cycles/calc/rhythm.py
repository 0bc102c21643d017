"""The four-week rhythm: on which working day of the month each stage is due, and the weeks of the calendar."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

#: Working day of the cycle's month (1 = its first) by which stage 1 … 5 is to be submitted, where nobody says otherwise.
DUE_WORKING_DAYS = (4, 9, 14, 17, 20)
#: A month has at least 20 Monday-to-Friday days; later ones may run into the next month.
LAST_WORKING_DAY = 25
WEEK = timedelta(days=7)


def is_working_day(day: date, holidays: Collection[date] = ()) -> bool:
    """Return whether the company works on `day`: Monday to Friday and no holiday."""
    return day.weekday() < 5 and day not in holidays


def working_day(month: date, number: int, holidays: Collection[date] = ()) -> date:
    """Return the `number`-th working day of a month, counted from 1; past the month's end it runs on.

    Raises:
        ValueError: number below 1.
    """
    if number < 1:
        raise ValueError("working days are counted from 1")
    day = month.replace(day=1)
    seen = 0
    while True:
        seen += is_working_day(day, holidays)
        if seen == number:
            return day
        day += timedelta(days=1)


def due_dates(
    month: date, numbers: Sequence[int] = DUE_WORKING_DAYS, holidays: Collection[date] = ()
) -> tuple[date, ...]:
    """Return the due dates of stages 1 … 5 of the cycle of `month` (any day in it); strictly increasing.

    Raises:
        ValueError: the working days do not increase.
    """
    if any(earlier >= later for earlier, later in zip(numbers, numbers[1:], strict=False)):
        raise ValueError("each stage is due after the one before it")
    return tuple(working_day(month, number, holidays) for number in numbers)


def calendar_weeks(first: date, last: date) -> list[list[date]]:
    """Return whole weeks, Monday to Sunday, from the one of `first` to the one of `last`; empty when last < first."""
    monday = first - timedelta(days=first.weekday())
    weeks = []
    while monday <= last:
        weeks.append([monday + timedelta(days=offset) for offset in range(7)])
        monday += WEEK
    return weeks


def following_month(month: date) -> date:
    """Return the first day of the month after `month`."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
