"""The prediction interval of a sum of forecasts, or of a part of one, in the measure that is shown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def shared_interval(points: Floats, low: Floats, high: Floats, *, shown: Floats) -> tuple[Ints, Ints] | None:
    """Lower and upper bound (H,) around a baseline, from the forecasts (s, H) below it.

    One forecast: its own distances. Several: the root of the sum of their squared distances, which holds when their
    errors are independent (Hyndman & Athanasopoulos, *Forecasting*, ch. 11). Distances are taken relative to Σ points
    and laid around `shown`, so that a baseline in dollars, or an item's share of its family, gets the same
    relative interval; an item's own is wider than that. None when no month has an interval.

    Args:
        points, low, high: milli-units; months in which Σ points is 0 have no interval of their own: both bounds equal
            the baseline there.
        shown: (H,) the baseline in the measure shown.
    """
    total = points.sum(axis=0)
    below, above = (np.sqrt((distance**2).sum(axis=0)) for distance in (points - low, high - points))
    if not (below + above).any():
        return None
    scale = np.divide(shown, total, out=np.zeros_like(shown), where=total > 0)
    least = np.maximum(shown - below * scale, 0.0)
    return np.rint(least).astype(np.int64), np.rint(shown + above * scale).astype(np.int64)
