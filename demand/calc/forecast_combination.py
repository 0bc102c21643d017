"""One forecast out of many: equal weights, without the extremes, and its interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TRIMMED = 0.2
#: A forecast beyond this many times the largest month of the past is a fit that broke, not an opinion.
ABSURD = 10.0


def sane(points: Floats, largest: Floats) -> Floats:
    """`points` (m, s, H) with NaN over the whole horizon of a member that gave none or an absurd one for a series.

    Args:
        points: forecasts of m members.
        largest: (s,) the largest month of each past, > 0, same unit.
    """
    broken = ~np.isfinite(points) | (np.abs(points) > ABSURD * largest[None, :, None])
    return np.where(broken.any(axis=2, keepdims=True), np.nan, points)


def trimmed_mean(points: Floats) -> Floats:
    """Mean over the members without the lowest and highest fifth (whole members) of each month.

    Equal weights: estimating weights from one past costs more than it gains (Claeskens et al. 2016, *The forecast
    combination puzzle*); cutting the extremes guards against a member that ran away. With fewer than five members
    nothing is cut.

    Args:
        points: (m, s, H); NaN where a member has no forecast.

    Returns:
        (s, H); NaN where no member has a forecast.
    """
    ordered = np.sort(points, axis=0)
    count = np.isfinite(points).sum(axis=0)
    cut = np.floor(count * TRIMMED + 1e-9).astype(np.int64)
    place = np.arange(len(points))[:, None, None]
    kept = (place >= cut) & (place < count - cut)
    total = np.where(kept, np.nan_to_num(ordered), 0.0).sum(axis=0)
    number = kept.sum(axis=0)
    mean: Floats = np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
    return mean
