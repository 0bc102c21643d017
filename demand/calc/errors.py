"""Forecast errors, by the field's definitions. A = actual, F = forecast; errors run along the last axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def wmape(actual: ArrayLike, forecast: ArrayLike) -> Floats:
    """Σ|A − F| ÷ Σ|A| along the last axis, a fraction; NaN where Σ|A| is 0."""
    a, f = _pair(actual, forecast)
    return _ratio(np.abs(a - f).sum(axis=-1), np.abs(a).sum(axis=-1))


def bias_fraction(actual: ArrayLike, forecast: ArrayLike) -> Floats:
    """Σ(F − A) ÷ Σ|A| along the last axis, a fraction; positive = forecast too high; NaN where Σ|A| is 0."""
    a, f = _pair(actual, forecast)
    return _ratio((f - a).sum(axis=-1), np.abs(a).sum(axis=-1))


def mape(actual: ArrayLike, forecast: ArrayLike) -> Floats:
    """Mean of |A − F| ÷ |A|, a fraction; NaN where any A is 0 (undefined, and shown as such)."""
    a, f = _pair(actual, forecast)
    parts = _ratio(np.abs(a - f), np.abs(a))
    return np.asarray(parts.mean(axis=-1))


def mean_squared_error(actual: ArrayLike, forecast: ArrayLike) -> Floats:
    """Mean of (A − F)², in squared units."""
    a, f = _pair(actual, forecast)
    return np.asarray(((a - f) ** 2).mean(axis=-1))


def mean_absolute_deviation(actual: ArrayLike, forecast: ArrayLike) -> Floats:
    """Mean of |A − F|, in units (MAD)."""
    a, f = _pair(actual, forecast)
    return np.asarray(np.abs(a - f).mean(axis=-1))


def running_sum_of_errors(actual: ArrayLike, forecast: ArrayLike) -> Floats:
    """Σ(A − F), in units (RSFE); positive = demand above forecast."""
    a, f = _pair(actual, forecast)
    return np.asarray((a - f).sum(axis=-1))


def tracking_signal(actual: ArrayLike, forecast: ArrayLike) -> Floats:
    """Σ(A − F) ÷ MAD; NaN where every error is 0."""
    return _ratio(running_sum_of_errors(actual, forecast), mean_absolute_deviation(actual, forecast))


def mase(actual: ArrayLike, forecast: ArrayLike, history: ArrayLike, season: int = 12) -> Floats:
    """MAD ÷ in-sample mean |y[t] − y[t − season]| of `history`; NaN where that scale is 0 or history is too short."""
    past = np.asarray(history, np.float64)
    steps = np.abs(past[..., season:] - past[..., :-season])
    scale = steps.mean(axis=-1) if steps.shape[-1] else np.zeros(past.shape[:-1])
    return _ratio(mean_absolute_deviation(actual, forecast), np.asarray(scale))


def rmsse(actual: ArrayLike, forecast: ArrayLike, history: ArrayLike, season: int = 12) -> Floats:
    """√(MSE ÷ in-sample mean squared seasonal step of `history`); NaN where that scale is 0."""
    past = np.asarray(history, np.float64)
    steps = (past[..., season:] - past[..., :-season]) ** 2
    scale = steps.mean(axis=-1) if steps.shape[-1] else np.zeros(past.shape[:-1])
    return np.sqrt(_ratio(mean_squared_error(actual, forecast), np.asarray(scale)))


def _pair(actual: ArrayLike, forecast: ArrayLike) -> tuple[Floats, Floats]:
    return np.asarray(actual, np.float64), np.asarray(forecast, np.float64)


def _ratio(above: ArrayLike, below: ArrayLike) -> Floats:
    top, bottom = np.asarray(above, np.float64), np.asarray(below, np.float64)
    result = np.full(np.broadcast_shapes(top.shape, bottom.shape), np.nan)
    return np.asarray(np.divide(top, bottom, out=result, where=bottom != 0))
