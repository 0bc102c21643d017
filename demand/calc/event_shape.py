"""How the units of an event lie over its months: the total first, then its shape; whole planning steps, sums kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import last_day, month_date, month_index
from catalog.calc.rounding import largest_remainder, round_half_away

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RATE4_ONE = 10_000


class Shape(StrEnum):
    """How a total lies over the months of an event."""

    DAYS = "days"
    FLAT = "flat"
    FRONT = "front"
    RAMP = "ramp"

    @property
    def label(self) -> str:
        """The name people read."""
        return _LABELS[self]


_LABELS = {
    Shape.DAYS: "By days in the month",
    Shape.FLAT: "Flat: the same every month",
    Shape.FRONT: "Front-loaded: most at the start",
    Shape.RAMP: "Ramp: more every month",
}


def days_in_months(first: date, last: date) -> tuple[list[int], Ints, Ints]:
    """The months that an event touches: month numbers (M), its days in each (M,) and the days of each (M,).

    Args:
        first, last: its first and last day, both inclusive; last is not before first.
    """
    months = list(range(month_index(first), month_index(last) + 1))
    starts = [max(first, month_date(month)) for month in months]
    ends = [min(last, last_day(month)) for month in months]
    lengths = [(last_day(month) - month_date(month) + timedelta(1)).days for month in months]
    days = [(end - start).days + 1 for start, end in zip(starts, ends, strict=True)]
    return months, np.array(days, np.int64), np.array(lengths, np.int64)


def lift_total(baseline: Ints, share: Floats, lift4: int) -> int:
    """Σ baseline × share of the month × lift, milli-units, half away from zero.

    Args:
        baseline: (M,) milli-units of the months.
        share: (M,) days of the event ÷ days of the month.
        lift4: ten-thousandths; 2,000 is a fifth more.
    """
    return int(round_half_away(float((baseline * share).sum()) * lift4 / RATE4_ONE))


def shape_weights(shape: Shape, days: Ints) -> Floats:
    """(M,) weights of the months: their days, 1 each, M … 1, or 1 … M."""
    count = len(days)
    if shape == Shape.DAYS:
        return days.astype(np.float64)
    if shape == Shape.FLAT:
        return np.ones(count)
    ramp = np.arange(1, count + 1, dtype=np.float64)
    return ramp if shape == Shape.RAMP else ramp[::-1].copy()


def over_months(total: int, weights: Floats, quantum_milli: int) -> Ints:
    """(M,) milli-units in whole steps by largest remainder; they add to the total rounded to a step, sign kept."""
    steps = int(round_half_away(total / quantum_milli))
    return largest_remainder(weights, steps) * quantum_milli


def over_markets(months: Ints, weights: Ints, quantum_milli: int) -> Ints:
    """(K, M): every month's units (M,) over the markets in proportion to `weights` (K, M), equally where all are 0."""
    return (largest_remainder(weights.T, months // quantum_milli) * quantum_milli).T


def discount_of_month(discount4: int, share: Floats) -> Sequence[int]:
    """What a discount during some days takes off the whole month's price: ten-thousandths, half away from zero."""
    return [int(part) for part in round_half_away(discount4 * share)]
