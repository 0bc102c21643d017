"""Forecast segments: candidates per kind of series, judged by rolling-origin backtest on the segment's own past."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demand.calc.errors import bias_fraction, tracking_signal, wmape
from demand.calc.forecast_block import ForecastBlock, empty_block
from demand.calc.forecast_combination import trimmed_mean
from demand.calc.forecast_engine import LAGS, WINDOWS, backtest, forecasts, theta_half_width
from demand.calc.forecast_members import SEASON, dense_members, light_members

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YOUNG_MONTHS = LAGS * WINDOWS + 3
YOUNG_WINDOW = 3
SEASONAL_MONTHS = 2 * SEASON + LAGS
DENSE_MONTHS = 4 * SEASON
SPARSE_SHARE = 0.4
Z80 = 1.2816
NAIVE = "SeasonalNaive"
COMBINED = "Combination"
#: A single candidate is taken instead of their combination only where its backtest error is this much smaller.
CLEARLY_BETTER = 0.9


@dataclass(frozen=True)
class Candidates:
    """What forecasts one kind of series: `members` the whole horizon, `tested` the backtest windows.

    `combined`: whether their trimmed mean is a candidate too; `only`: whether it is the only one (the members are many
    and the windows few: choosing among them would choose luck).
    """

    members: list[Any]
    tested: list[Any]
    combined: bool = False
    only: bool = False


def forecast_segments(history: Floats, horizon: int, *, thorough: bool = False) -> ForecastBlock:
    """Forecast each row of `history` by the candidates of its kind.

    Leading zeros are "not launched yet" and are cut off. Kinds: silent (nothing in the last 12 months: forecast 0),
    young (too short to backtest: mean of its last 3 months, of fewer where it has no more), sparse (more than 40 % empty
    months of the last 12), short (without season), seasonal, and dense (four years or more: the trimmed mean of nine
    methods, of fourteen where `thorough`). Negative values (net returns) count as 0. Ties go to the candidate named
    first. Sources: Hyndman & Athanasopoulos, *Forecasting*, ch. 5, 8, 13; Syntetos & Boylan 2005; docs/forecasting.md.

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
        for kind in np.unique(kinds[kinds != "silent"]).tolist():
            _forecast_kind(block, sold, np.flatnonzero(kinds == kind), _candidates(kind, thorough=thorough))
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


def kinds_of(sold: Floats) -> NDArray[np.str_]:
    """The kind of each row (s,): silent, young, sparse, short, seasonal or dense; by the rules of `forecast_segments`."""
    months = sold.shape[1]
    length = np.where((sold > 0).any(axis=1), months - (sold > 0).argmax(axis=1), 0)
    window = np.minimum(length, SEASON)
    active = (sold[:, -SEASON:] > 0).sum(axis=1)
    sparse = active < (1 - SPARSE_SHARE) * window
    return np.select(
        [active == 0, length < YOUNG_MONTHS, sparse, length < SEASONAL_MONTHS, length < DENSE_MONTHS],
        ["silent", "young", "sparse", "short", "seasonal"],
        "dense",
    )


def _candidates(kind: str, *, thorough: bool) -> Candidates:
    # Imported at first use: it takes over a second, which every web process, command and test would pay for nothing.
    from statsforecast import models  # noqa: PLC0415

    naive = models.SeasonalNaive(season_length=SEASON)
    if kind == "young":
        return Candidates([models.WindowAverage(window_size=YOUNG_WINDOW)], [])
    if kind == "dense":
        return Candidates(dense_members(thorough=thorough), [*light_members(), naive], combined=True, only=True)
    chosen_among = {
        "sparse": [models.CrostonSBA(), naive, models.WindowAverage(window_size=6)],
        "short": [models.AutoETS(season_length=1), models.AutoTheta(season_length=1), naive],
        "seasonal": [models.AutoTheta(season_length=SEASON), models.AutoETS(season_length=SEASON), naive],
    }[kind]
    return Candidates(chosen_among, chosen_among, combined=kind != "sparse")


def _forecast_kind(block: ForecastBlock, sold: Floats, rows: Ints, candidates: Candidates) -> None:
    """Fill the rows of one kind: forecast with every candidate, combine or choose by backtest."""
    past, horizon = sold[rows], block.points.shape[1]
    told = _with_combination(forecasts(past, candidates.members, horizon), candidates)
    model = np.full(len(rows), COMBINED if candidates.only else next(iter(told)), dtype="<U30")
    half = np.repeat(Z80 * np.std(past[:, -SEASON:], axis=1)[:, None], horizon, axis=1)
    if candidates.tested:
        truth, tested = backtest(past, candidates.tested)
        tested = _with_combination(tested, candidates)
        model = model if candidates.only else _choose(truth, tested)
        rmse = _record(block, rows, truth, tested, model)
        half = np.repeat(Z80 * rmse[:, None], horizon, axis=1)
    if candidates.only:
        stated = theta_half_width(past, horizon)
        half = np.where(np.isnan(stated), half, stated)
    points = _of_model(told, model)
    points = np.where(np.isnan(points), _recent_mean(past)[:, None], points)
    block.points[rows] = points
    block.low[rows], block.high[rows] = np.maximum(points - half, 0.0), points + half
    block.model[rows] = model


def _recent_mean(sold: Floats) -> Floats:
    """Mean of the last months (s,), three or as many as there are from the first sale on."""
    months = sold.shape[1]
    length = np.where((sold > 0).any(axis=1), months - (sold > 0).argmax(axis=1), 1)
    window = np.minimum(length, YOUNG_WINDOW)
    counted = np.arange(months)[None, :] >= (months - window)[:, None]
    mean: Floats = (sold * counted).sum(axis=1) / window
    return mean


def _with_combination(points: dict[str, Floats], candidates: Candidates) -> dict[str, Floats]:
    """The candidates' points by name, and their trimmed mean (the seasonal naive is a yardstick, not a part of it)."""
    if not candidates.combined:
        return points
    parts = np.stack([of_one for name, of_one in points.items() if name != NAIVE])
    return {**points, COMBINED: trimmed_mean(parts)}


def _choose(truth: Floats, tested: dict[str, Floats]) -> NDArray[np.str_]:
    """The name (r,) of the candidate with the smallest absolute error over all windows, the first among equals.

    A candidate that could not forecast every month of the windows (too short a past) is out. Their combination wins
    unless a single candidate is clearly better.
    """
    names = np.array(list(tested))
    missed = np.stack([np.abs(points - truth).sum(axis=1) for points in tested.values()])
    missed = np.where(np.isnan(missed), np.inf, missed)
    best: NDArray[np.str_] = names[missed.argmin(axis=0)]
    if COMBINED not in tested:
        return best
    combined = missed[names == COMBINED][0]
    return np.where(missed.min(axis=0) < CLEARLY_BETTER * combined, best, COMBINED)


def _record(
    block: ForecastBlock, rows: Ints, truth: Floats, tested: dict[str, Floats], model: NDArray[np.str_]
) -> Floats:
    """Put the backtest of the chosen models into the block; return their RMSE (r,)."""
    chosen = np.nan_to_num(_of_model(tested, model))
    errors = {name: wmape(truth, points) for name, points in tested.items()}
    block.windows[rows] = WINDOWS
    block.wmape[rows] = wmape(truth, chosen)
    block.bias[rows] = bias_fraction(truth, chosen)
    block.naive_wmape[rows] = errors[NAIVE]
    block.tracking[rows] = tracking_signal(truth, chosen)
    for place, row in enumerate(rows.tolist()):
        known = {name: float(error[place]) for name, error in errors.items()}
        block.tried[row].update({name: error for name, error in known.items() if np.isfinite(error)})
    rmse: Floats = np.sqrt(np.mean((chosen - truth) ** 2, axis=1))
    return rmse


def _of_model(points: dict[str, Floats], model: NDArray[np.str_]) -> Floats:
    """Points (r, T) of the model named in each row."""
    names = list(points)
    place = np.array([names.index(name) for name in model.tolist()])
    chosen: Floats = np.stack(list(points.values()))[place, np.arange(len(model))]
    return chosen
