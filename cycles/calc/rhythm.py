"""The four-week rhythm: on which working day of the month each stage is due."""

from __future__ import annotations

from datetime import date, timedelta

#: Working day of the cycle's month (1 = its first Monday-to-Friday day) by which stage 1 … 5 is to be submitted.
DUE_WORKING_DAYS = (4, 9, 14, 17, 20)


def working_day(month: date, number: int) -> date:
    """Return the `number`-th Monday-to-Friday day of a month, counted from 1; past the month's end it runs on.

    Raises:
        ValueError: number below 1.
    """
    if number < 1:
        raise ValueError("working days are counted from 1")
    day = month.replace(day=1)
    seen = 0
    while True:
        seen += day.weekday() < 5
        if seen == number:
            return day
        day += timedelta(days=1)


def due_dates(month: date) -> tuple[date, ...]:
    """Return the due dates of stages 1 … 5 of the cycle of `month` (any day in it); strictly increasing."""
    return tuple(working_day(month, number) for number in DUE_WORKING_DAYS)


def following_month(month: date) -> date:
    """Return the first day of the month after `month`."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
