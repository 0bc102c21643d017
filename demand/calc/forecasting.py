"""Forecast segments: candidates per kind of series, combined by rolling-origin backtest on the segment's own past."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from demand.calc.errors import bias_fraction, tracking_signal, wmape
from demand.calc.forecast_block import ForecastBlock, empty_block
from demand.calc.forecast_candidates import NAIVE, RECENT, RECENT_MONTHS, Candidates, candidates_of, kinds_of
from demand.calc.forecast_combination import trimmed_mean, weighted_mean, weights_by_error
from demand.calc.forecast_engine import WINDOWS, backtest, forecasts, theta_half_width
from demand.calc.forecast_interval import (
    Spread,
    half_width,
    never_narrower,
    pooled,
    spread_of,
    young_half_width,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Names = NDArray[np.str_]

COMBINED = "Combination"


@dataclass(frozen=True)
class Verdict:
    """What the backtest says of r series.

    `truth` (r, 6); `tested` the points (r, 6) of every candidate and of their combination by name; `weights` (m, r) of
    the candidates in it, (0, r) where they are not weighted; `model` (r,) its name; `told` (r, 6) its points.
    """

    truth: Floats
    tested: dict[str, Floats]
    weights: Floats
    model: Names
    told: Floats


def forecast_segments(history: Floats, horizon: int, *, thorough: bool = False) -> ForecastBlock:
    """Forecast each row of `history` by the candidates of its kind (`kinds_of`).

    Leading zeros are "not launched yet" and are cut off. Silent: 0. Young: the mean of its last 3 months, of fewer where
    it has no more. Sparse, short, seasonal: the candidates weighted by 1 ÷ error² of the backtest; where one of them has
    nearly all the weight, it alone. Dense: the trimmed mean of ten methods, of fifteen where `thorough`. Negative values
    (net returns) count as 0. Sources: Hyndman & Athanasopoulos, *Forecasting*, ch. 5, 8, 13; Bates & Granger 1969;
    Syntetos & Boylan 2005; docs/forecasting.md.

    Args:
        history: (s, T) units per month, oldest first, the last closed month at the end.
        horizon: H ≥ 1 months.
        thorough: whether the dense take the methods that are slow for what they add.

    Returns:
        The forecasts, aligned with the rows.
    """
    sold = np.maximum(np.nan_to_num(history), 0.0)
    kinds = kinds_of(sold)
    block = empty_block(kinds, horizon)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning)
        warnings.filterwarnings("ignore", category=RuntimeWarning)
        spreads: list[Spread] = []
        # the young come last: how wide they are is told by the others
        for kind in sorted(np.unique(kinds[kinds != "silent"]).tolist()):
            rows, candidates = np.flatnonzero(kinds == kind), candidates_of(kind, thorough=thorough)
            if candidates.tested:
                spreads.append(_forecast_tested(block, sold, rows, candidates))
            else:
                _forecast_young(block, sold, rows, candidates, pooled(spreads))
    return block


def forecast_series(values: Floats, *, horizon: int, thorough: bool = False) -> ForecastBlock:
    """`forecast_segments` for series of any sign: one that falls below zero is forecast from a floor under its past.

    The floor lies below its lowest value by the width of its past; its backtest fractions are those above the floor.

    Args:
        values: (s, T) oldest first, right-aligned, NaN before a series begins.
        horizon: H ≥ 1 months.
        thorough: as of `forecast_segments`.
    """
    lowest, highest = np.nanmin(values, axis=1), np.nanmax(values, axis=1)
    floor = np.where(lowest < 0, 2 * lowest - highest, 0.0)[:, None]
    block = forecast_segments(values - floor, horizon, thorough=thorough)
    return replace(block, points=block.points + floor, low=block.low + floor, high=block.high + floor)


def _forecast_tested(block: ForecastBlock, sold: Floats, rows: Ints, candidates: Candidates) -> Spread:
    """Fill the rows of one kind: backtest, forecast with every member, combine; what their errors say."""
    past, horizon = sold[rows], block.points.shape[1]
    told = forecasts(past, candidates.members, horizon)
    verdict = _judge(past, candidates)
    _record(block, rows, verdict)
    spread = spread_of(past, verdict.truth, verdict.told)
    half = half_width(past, spread, horizon, windows=verdict.truth.shape[1])
    if candidates.is_weighted:
        block.growth[rows] = spread.growth
    else:
        stated = theta_half_width(past, horizon)
        half = never_narrower(np.where(np.isnan(stated), half, stated))
    _fill(block, rows, past, _combined(told, verdict, candidates), half)
    return spread


def _forecast_young(block: ForecastBlock, sold: Floats, rows: Ints, candidates: Candidates, spread: Spread) -> None:
    """Fill the rows that have no backtest with the one method they have; the others say how wide."""
    past, horizon = sold[rows], block.points.shape[1]
    (points,) = forecasts(past, candidates.members, horizon).values()
    block.model[rows], block.growth[rows] = RECENT, spread.growth
    _fill(block, rows, past, points, young_half_width(past, spread, horizon))


def _fill(block: ForecastBlock, rows: Ints, past: Floats, points: Floats, half: Floats) -> None:
    """Put points and interval into the block; the mean of the last months where no member could tell."""
    points = np.where(np.isnan(points), _recent_mean(past)[:, None], points)
    block.points[rows] = points
    block.low[rows], block.high[rows] = np.maximum(points - half, 0.0), points + half


def _judge(past: Floats, candidates: Candidates) -> Verdict:
    """Backtest the candidates and combine them as the forecast will be."""
    truth, tested = backtest(past, candidates.tested)
    names = list(tested)
    stacked = np.stack(list(tested.values()))
    if not candidates.is_weighted:
        parts = [name != NAIVE for name in names]
        mean = trimmed_mean(stacked[parts])
        nothing = np.zeros((0, len(past)))
        return Verdict(truth, {**tested, COMBINED: mean}, nothing, np.full(len(past), COMBINED), np.nan_to_num(mean))
    weights = weights_by_error(np.abs(stacked - truth).sum(axis=2), np.abs(truth).sum(axis=1))
    leader = np.array(names)[weights.argmax(axis=0)]
    model = np.select(
        [weights.sum(axis=0) == 0, weights.max(axis=0) == 1], [np.full(len(past), RECENT), leader], COMBINED
    )
    mean = np.nan_to_num(weighted_mean(stacked, weights))
    return Verdict(truth, {**tested, COMBINED: mean}, weights, model, mean)


def _combined(told: dict[str, Floats], verdict: Verdict, candidates: Candidates) -> Floats:
    """(r, H) points; NaN where no member could tell."""
    stacked = np.stack(list(told.values()))
    return weighted_mean(stacked, verdict.weights) if candidates.is_weighted else trimmed_mean(stacked)


def _recent_mean(sold: Floats) -> Floats:
    """Mean of the last months (s,), three or as many as there are from the first sale on."""
    months = sold.shape[1]
    length = np.where((sold > 0).any(axis=1), months - (sold > 0).argmax(axis=1), 1)
    window = np.minimum(length, RECENT_MONTHS)
    counted = np.arange(months)[None, :] >= (months - window)[:, None]
    mean: Floats = (sold * counted).sum(axis=1) / window
    return mean


def _record(block: ForecastBlock, rows: Ints, verdict: Verdict) -> None:
    """Put the backtest into the block."""
    errors = {name: wmape(verdict.truth, points) for name, points in verdict.tested.items()}
    block.windows[rows] = WINDOWS
    block.model[rows] = verdict.model
    block.wmape[rows] = wmape(verdict.truth, verdict.told)
    block.bias[rows] = bias_fraction(verdict.truth, verdict.told)
    block.naive_wmape[rows] = errors[NAIVE]
    block.tracking[rows] = tracking_signal(verdict.truth, verdict.told)
    for place, row in enumerate(rows.tolist()):
        known = {name: float(error[place]) for name, error in errors.items()}
        block.tried[row].update({name: error for name, error in known.items() if np.isfinite(error)})
        shares = zip(verdict.tested, verdict.weights[:, place].tolist(), strict=False)
        block.weights[row].update({name: weight for name, weight in shares if weight > 0})
