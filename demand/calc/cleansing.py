"""Months of a history that say nothing about demand: single spikes, and stock-outs between months of sales."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Months on each side that a month is compared with; the latest ones are left alone: a change of level looks the same.
AROUND = 3
SEASON = 12
#: A month is out of line beyond this many standard deviations of its neighbours (1.4826 × MAD) …
SPREADS = 6.0
#: … and only where it is above so many times what is usual there and the highest of them, or below this part of it.
SPIKE_TIMES, ALONE_TIMES, STOCK_OUT_PART = 2.5, 1.5, 0.1
#: A neighbourhood without a spread still moves this part of its level.
LEAST_SPREAD = 0.1
MAD_TO_SIGMA = 1.4826


class CleansingKind(StrEnum):
    """Why a month is not taken as it is."""

    SPIKE = "spike"
    STOCK_OUT = "stock_out"
    TYPED = "typed"

    @property
    def label(self) -> str:
        """The name people read."""
        return {"spike": "Single spike", "stock_out": "Nothing to sell", "typed": "Named by a planner"}[self.value]


@dataclass(frozen=True)
class Found:
    """One month out of line: `row` and `column` of the history, `sold` and `usual` in its unit."""

    row: int
    column: int
    kind: CleansingKind
    sold: float
    usual: float


def cleansings_of(history: Floats, unit: float) -> list[Found]:
    """The months of `history` (s, T) that stand alone, by row and month.

    A month is compared with the three before and the three after it: usual = their median m, spread = 1.4826 × median
    |x − m|, at least 10 % of m and at least √m single units (few units scatter by chance). A spike lies 6 spreads above m,
    over 2.5 m and over 1.5 times the highest of the six (customers who order every third month are no outliers); a
    stock-out 6 spreads below and under 0.1 m, with sales in all six. The same month of the year before or after that does the same makes it a
    season, and it is left alone. So are the first and last three months of a past (a change of level looks like a spike
    until later months tell), and a past with a gap nearby. Source: Hampel 1974 (median and MAD identifier).

    Args:
        history: units per month ≥ 0, oldest first; a past begins with its first sale.
        unit: one unit, in the unit of the history (1,000 for milli-units).

    Returns:
        What was found; `usual` is the value that stands in for it.
    """
    count, months = history.shape
    if months < 2 * AROUND + 1:
        return []
    windows = np.lib.stride_tricks.sliding_window_view(history, 2 * AROUND + 1, axis=1)
    around = np.delete(windows, AROUND, axis=2)
    usual = np.median(around, axis=2)
    scatter = MAD_TO_SIGMA * np.median(np.abs(around - usual[:, :, None]), axis=2)
    spread = np.maximum(np.maximum(scatter, LEAST_SPREAD * usual), np.sqrt(np.maximum(usual, 0) * unit))
    middle = history[:, AROUND : months - AROUND]
    whole = (around > 0).all(axis=2)
    off = np.zeros((count, months), np.int64)
    spikes = (middle > usual + SPREADS * spread) & (
        middle > np.maximum(SPIKE_TIMES * usual, ALONE_TIMES * around.max(axis=2))
    )
    gaps = (middle < usual - SPREADS * spread) & (middle < STOCK_OUT_PART * usual)
    off[:, AROUND : months - AROUND] = np.where(whole, spikes.astype(np.int64) - gaps.astype(np.int64), 0)
    alone = _without_seasons(history, off)
    return [
        Found(
            row,
            column,
            CleansingKind.SPIKE if alone[row, column] > 0 else CleansingKind.STOCK_OUT,
            float(history[row, column]),
            float(usual[row, column - AROUND]),
        )
        for row, column in np.argwhere(alone != 0).tolist()
    ]


def usual_beside(past: Floats, column: int) -> float | None:
    """Median of the three months before and after a column of one past (T,), of fewer at its ends; None where it is alone."""
    around = np.concatenate([past[max(column - AROUND, 0) : column], past[column + 1 : column + 1 + AROUND]])
    return float(np.median(around)) if len(around) else None


def cleansed(history: Floats, cells: list[tuple[int, int, float]]) -> Floats:
    """A copy of `history` (s, T) with the value of each (row, column, value) in its cell."""
    clean = history.copy()
    for row, column, value in cells:
        clean[row, column] = value
    return clean


def _without_seasons(history: Floats, off: NDArray[np.int64]) -> NDArray[np.int64]:
    """`off` (s, T) with 0 where the same month a year before or after lies on the same side of its own neighbours."""
    side = np.zeros_like(off)
    months = history.shape[1]
    windows = np.lib.stride_tricks.sliding_window_view(history, 2 * AROUND + 1, axis=1)
    usual = np.median(np.delete(windows, AROUND, axis=2), axis=2)
    middle = history[:, AROUND : months - AROUND]
    high, low = middle > 1.25 * usual, middle < 0.5 * usual
    side[:, AROUND : months - AROUND] = high.astype(np.int64) - low.astype(np.int64)
    again = np.zeros(off.shape, bool)
    again[:, SEASON:] |= (off[:, SEASON:] != 0) & (side[:, :-SEASON] == off[:, SEASON:])
    again[:, :-SEASON] |= (off[:, :-SEASON] != 0) & (side[:, SEASON:] == off[:, :-SEASON])
    return np.where(again, 0, off)
