"""Forecast segments: candidates per kind of series, chosen by rolling-origin backtest on the segment's own past."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from demand.calc.errors import bias_fraction, wmape

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SEASON = 12
LAGS = 3
WINDOWS = 2
YOUNG_MONTHS = LAGS * WINDOWS + 3
YOUNG_WINDOW = 3
SEASONAL_MONTHS = 2 * SEASON + LAGS
SPARSE_SHARE = 0.4
Z80 = 1.2816
NAIVE = "SeasonalNaive"
SILENT = "None"


@dataclass(frozen=True)
class ForecastBlock:
    """Forecast of s segments. `points`, `low`, `high` (s, H) floats ≥ 0 in the unit of the history, 80 % interval.

    `model` (s,) names; `windows` (s,) backtest windows; `wmape`, `bias`, `naive_wmape` (s,) fractions over lags 1–3,
    NaN where nothing was sold in the windows, there were none, or (naive) the past is too short.
    """

    points: Floats
    low: Floats
    high: Floats
    model: NDArray[np.str_]
    windows: Ints
    wmape: Floats
    bias: Floats
    naive_wmape: Floats


def forecast_segments(history: Floats, horizon: int) -> ForecastBlock:
    """Forecast each row of `history` by the candidate with the smallest backtest WMAPE.

    Leading zeros are "not launched yet" and are cut off. Kinds: silent (nothing in the last 12 months: forecast 0),
    young (too short to backtest: mean of its last 3 months, of fewer where it has no more), sparse (more than 40 % empty months of the last 12:
    Croston-SBA, seasonal naive, 6-month mean), short (AutoETS and AutoTheta without season, naive) and seasonal
    (AutoETS, AutoTheta with season 12, seasonal naive). Negative values (net returns) count as 0. Ties go to the
    candidate named first. Source: Hyndman & Athanasopoulos, *Forecasting*, ch. 5 and 8; Syntetos & Boylan 2005.

    Args:
        history: (s, T) units per month, oldest first, the last closed month at the end.
        horizon: H ≥ 1 months.

    Returns:
        The forecasts, aligned with the rows.
    """
    sold = np.maximum(np.nan_to_num(history), 0.0)
    block = _empty(len(sold), horizon)
    kinds = kinds_of(sold)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Historical data .* is shorter", category=UserWarning)
        for kind, models in _candidates().items():
            rows = np.flatnonzero(kinds == kind)
            if len(rows):
                _forecast_kind(block, sold, rows, models, backtest=kind != "young")
    return block


def kinds_of(sold: Floats) -> NDArray[np.str_]:
    """The kind of each row (s,): silent, young, sparse, short or seasonal; by the rules of `forecast_segments`."""
    months = sold.shape[1]
    length = np.where((sold > 0).any(axis=1), months - (sold > 0).argmax(axis=1), 0)
    window = np.minimum(length, SEASON)
    active = (sold[:, -SEASON:] > 0).sum(axis=1)
    sparse = active < (1 - SPARSE_SHARE) * window
    return np.select(
        [active == 0, length < YOUNG_MONTHS, sparse, length < SEASONAL_MONTHS],
        ["silent", "young", "sparse", "short"],
        "seasonal",
    )


def _candidates() -> dict[str, list[object]]:
    # Imported at first use: it takes 1.2 s, which every web process, command and test would pay for nothing.
    from statsforecast import models  # noqa: PLC0415

    naive = models.SeasonalNaive(season_length=SEASON)
    return {
        "young": [models.WindowAverage(window_size=YOUNG_WINDOW)],
        "sparse": [models.CrostonSBA(), naive, models.WindowAverage(window_size=6)],
        "short": [models.AutoETS(season_length=1), models.AutoTheta(season_length=1), naive],
        "seasonal": [models.AutoTheta(season_length=SEASON), models.AutoETS(season_length=SEASON), naive],
    }


def _empty(count: int, horizon: int) -> ForecastBlock:
    nothing = np.full(count, np.nan)
    return ForecastBlock(
        points=np.zeros((count, horizon)),
        low=np.zeros((count, horizon)),
        high=np.zeros((count, horizon)),
        model=np.full(count, SILENT, dtype="<U20"),
        windows=np.zeros(count, np.int64),
        wmape=nothing.copy(),
        bias=nothing.copy(),
        naive_wmape=nothing.copy(),
    )


def _forecast_kind(block: ForecastBlock, sold: Floats, rows: Ints, models: Sequence[object], *, backtest: bool) -> None:
    """Fill the rows of one kind: forecast with every candidate, choose by backtest."""
    from statsforecast import StatsForecast  # noqa: PLC0415  see _candidates
    from statsforecast.models import WindowAverage  # noqa: PLC0415

    names = [str(model) for model in models]
    engine = StatsForecast(models=list(models), freq=1, n_jobs=1, fallback_model=WindowAverage(window_size=1))
    frame = _long(sold, rows)
    forecasts = engine.forecast(df=frame, h=block.points.shape[1])
    points = np.stack([_by_row(forecasts, name, len(rows)) for name in names])
    chosen = np.zeros(len(rows), np.int64)
    spread = np.std(sold[rows, -SEASON:], axis=1)
    if backtest:
        tests = engine.cross_validation(df=frame, h=LAGS, n_windows=WINDOWS, step_size=LAGS)
        truth = _by_row(tests, "y", len(rows))
        tried = np.stack([_by_row(tests, name, len(rows)) for name in names])
        chosen, spread = _choose(block, rows, truth, tried, naive=_position(names, NAIVE))
    best = points[chosen, np.arange(len(rows))]
    best = np.where(np.isnan(best), _recent_mean(sold[rows])[:, None], best)
    block.points[rows] = best
    block.low[rows] = np.maximum(best - Z80 * spread[:, None], 0.0)
    block.high[rows] = best + Z80 * spread[:, None]
    block.model[rows] = np.array(names)[chosen]


def _recent_mean(sold: Floats) -> Floats:
    """Mean of the last months (s,), three or as many as there are from the first sale on."""
    months = sold.shape[1]
    length = np.where((sold > 0).any(axis=1), months - (sold > 0).argmax(axis=1), 1)
    window = np.minimum(length, YOUNG_WINDOW)
    counted = np.arange(months)[None, :] >= (months - window)[:, None]
    mean: Floats = (sold * counted).sum(axis=1) / window
    return mean


def _choose(block: ForecastBlock, rows: Ints, truth: Floats, tried: Floats, *, naive: int) -> tuple[Ints, Floats]:
    """The candidate (r,) with the smallest WMAPE over all windows, and its RMSE (r,); the errors go into the block.

    A candidate that could not forecast every month of the windows (too short a past) is out.
    """
    out = np.isnan(tried).any(axis=2)
    errors = np.where(out, np.nan, np.stack([wmape(truth, forecast) for forecast in tried]))
    absolute = np.where(out, np.inf, np.abs(tried - truth).sum(axis=2))
    chosen = np.where(np.isnan(errors).all(axis=0), absolute.argmin(axis=0), _first_smallest(errors))
    best = np.nan_to_num(tried[chosen, np.arange(len(rows))])
    block.windows[rows] = WINDOWS
    block.wmape[rows] = errors[chosen, np.arange(len(rows))]
    block.bias[rows] = bias_fraction(truth, best)
    block.naive_wmape[rows] = errors[naive]
    return chosen, np.sqrt(np.mean((best - truth) ** 2, axis=1))


def _first_smallest(errors: Floats) -> Ints:
    best: Ints = np.where(np.isnan(errors), np.inf, errors).argmin(axis=0)
    return best


def _position(names: Sequence[str], name: str) -> int:
    return list(names).index(name)


def _long(sold: Floats, rows: Ints) -> pd.DataFrame:
    """Long frame of the rows from their first sale on: unique_id (row position), ds (month position), y."""
    months = sold.shape[1]
    first = (sold[rows] > 0).argmax(axis=1)
    keep = np.arange(months)[None, :] >= first[:, None]
    positions, columns = np.nonzero(keep)
    return pd.DataFrame({"unique_id": positions, "ds": columns, "y": sold[rows][keep]})


def _by_row(frame: pd.DataFrame, name: str, count: int) -> Floats:
    """Column `name` of a result as (count, months), never negative; NaN where the model could not tell."""
    ordered = frame.reset_index().sort_values(["unique_id", "ds"], kind="stable")
    values = ordered[name].to_numpy(np.float64).reshape(count, -1)
    return np.maximum(np.where(np.isfinite(values), values, np.nan), 0.0)
