"""One forecast out of many: by equal weights without the extremes, or by weights that the backtest gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TRIMMED = 0.2
#: A forecast beyond this many times the largest month of the past is a fit that broke, not an opinion.
ABSURD = 10.0
#: A member with at least this share of the weight is taken alone.
ALONE = 0.9
SLACK = 0.02


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


def weights_by_error(missed: Floats, volume: Floats) -> Floats:
    """Weight of each member in the combination of each series: 1 ÷ (error + 2 % of the volume)², adding up to 1.

    A member with 90 % of the weight gets all of it. A member that could not tell every month has none; where none
    could, all weights are 0. The 2 % keep a lucky member from taking everything. Source: Bates & Granger 1969 (weights by
    1 ÷ mean squared error), with the absolute error squared because a few months tell it more surely.

    Args:
        missed: (m, s) Σ|A − F| of the backtest; NaN where a member could not tell.
        volume: (s,) Σ|A| of the same months.

    Returns:
        (m, s) weights ≥ 0.
    """
    known = np.isfinite(missed)
    error = np.where(known, missed, 1.0) + np.maximum(SLACK * volume, 1e-9)[None, :]
    raw = np.where(known, 1.0 / error**2, 0.0)
    total = raw.sum(axis=0, keepdims=True)
    weights: Floats = np.divide(raw, total, out=np.zeros_like(raw), where=total > 0)
    first = np.arange(len(weights))[:, None] == weights.argmax(axis=0)[None, :]
    return np.where(weights.max(axis=0, keepdims=True) >= ALONE, first.astype(np.float64), weights)


def weighted_mean(points: Floats, weights: Floats) -> Floats:
    """(s, T) mean of `points` (m, s, T) by `weights` (m, s) over the members that told; NaN where none with a weight did."""
    told = np.asarray(np.isfinite(points).all(axis=2))
    used = np.where(told, weights, 0.0)
    total = used.sum(axis=0)[:, None]
    summed = (np.where(told[:, :, None], points, 0.0) * used[:, :, None]).sum(axis=0)
    mean: Floats = np.divide(summed, total, out=np.full(summed.shape, np.nan), where=total > 0)
    return mean
