"""The curve of a launch: which part of its peak an item sells in each month after its first."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import round_to_quantum

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class CurveKind(StrEnum):
    """Where a launch curve comes from."""

    RAMP = "ramp"
    LIKE = "like"
    TYPED = "typed"

    @property
    def label(self) -> str:
        """The name people read."""
        return {
            "ramp": "Straight ramp to the peak",
            "like": "As another item started",
            "typed": "Typed, % of the peak",
        }[self]


class NoCurve(ValueError):
    """The like-item never sold anything, or no percentages were typed."""


def ramp_factors(months: int, ramp_months: int) -> Floats:
    """(M,) 1/r, 2/r, … 1, then 1: the peak is reached in month r and held."""
    return np.minimum(np.arange(1, months + 1) / max(ramp_months, 1), 1.0)


def like_factors(sold: Ints, months: int) -> Floats:
    """(M,) how an item started, as parts of its best month there: from its first month with sales on.

    Months that the past does not reach hold the last known part. Returns (negative months) count as 0.

    Args:
        sold: (T,) milli-units of closed months, oldest first.

    Raises:
        NoCurve: it never sold anything.
    """
    started = np.flatnonzero(sold > 0)
    if not len(started):
        raise NoCurve("The like-item has never sold anything in these markets.")
    start = np.maximum(sold[started[0] : started[0] + months], 0)
    return _held(start / start.max(), months)


def typed_factors(percentages: Sequence[float], months: int) -> Floats:
    """(M,) typed percentages as parts; the last one holds on.

    Raises:
        NoCurve: none was typed.
    """
    if not percentages:
        raise NoCurve("No percentage was typed.")
    return _held(np.array(percentages[:months], np.float64) / 100, months)


def launch_units(peak_milli: int, factors: Floats, quantum_milli: int) -> Ints:
    """(M,) peak × factor, milli-units in whole steps; the running total is rounded, so that the sum is kept."""
    return round_to_quantum(peak_milli * factors, quantum_milli)


def _held(known: Floats, months: int) -> Floats:
    return np.concatenate([known, np.full(months - len(known), known[-1])])
