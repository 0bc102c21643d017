"""Runs methods over many pasts: the horizon, the rolling-origin backtest, and a stated interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from demand.calc.forecast_combination import sane
from demand.calc.forecast_members import SEASON

if TYPE_CHECKING:
    from statsforecast import StatsForecast

Floats = NDArray[np.float64]

LAGS = 3
WINDOWS = 2
LEVEL = 80


def forecasts(past: Floats, methods: Sequence[Any], horizon: int) -> dict[str, Floats]:
    """Points (s, horizon) ≥ 0 of each method by its name; NaN over the whole row where it could not tell.

    Args:
        past: (s, T) units ≥ 0, each row from its first sale on; what comes before is not given to the methods.
        methods: of the forecasting library, or `Member`s.
        horizon: months after the last of `past`.
    """
    found = _engine(methods).forecast(df=_long(past), h=horizon)
    return _by_method(found, methods, past)


def backtest(past: Floats, methods: Sequence[Any]) -> tuple[Floats, dict[str, Floats]]:
    """What happened in the last `WINDOWS` × `LAGS` months (s, 6), and what each method would have told before.

    The origin rolls by `LAGS` months, so every month is forecast once, at a lag of 1 to `LAGS`.
    """
    found = _engine(methods).cross_validation(df=_long(past), h=LAGS, n_windows=WINDOWS, step_size=LAGS)
    return _by_row(found, "y", len(past)), _by_method(found, methods, past)


def theta_half_width(past: Floats, horizon: int) -> Floats:
    """Half the width (s, horizon) of the 80 % interval of the optimised theta method; NaN where it states none."""
    from statsforecast.models import DynamicOptimizedTheta  # noqa: PLC0415  see forecast_members

    engine = _engine([DynamicOptimizedTheta(season_length=SEASON, alias="Theta")])
    found = engine.forecast(df=_long(past), h=horizon, level=[LEVEL])
    low, high = (_by_row(found, f"Theta-{side}-{LEVEL}", len(past)) for side in ("lo", "hi"))
    half: Floats = (high - low) / 2
    return half


def _engine(methods: Sequence[Any]) -> StatsForecast:
    from statsforecast import StatsForecast  # noqa: PLC0415  see forecast_members
    from statsforecast.models import NaNModel  # noqa: PLC0415

    return StatsForecast(models=list(methods), freq=1, n_jobs=1, fallback_model=NaNModel())


def _long(past: Floats) -> pd.DataFrame:
    """Long frame of the rows from their first sale on: unique_id (row position), ds (month position), y."""
    first = (past > 0).argmax(axis=1)
    keep = np.arange(past.shape[1])[None, :] >= first[:, None]
    positions, columns = np.nonzero(keep)
    return pd.DataFrame({"unique_id": positions, "ds": columns, "y": past[keep]})


def _by_method(found: pd.DataFrame, methods: Sequence[Any], past: Floats) -> dict[str, Floats]:
    names = [str(method) for method in methods]
    points = sane(np.stack([_by_row(found, name, len(past)) for name in names]), past.max(axis=1))
    return {name: np.maximum(of_one, 0.0) for name, of_one in zip(names, points, strict=True)}


def _by_row(found: pd.DataFrame, name: str, count: int) -> Floats:
    """Column `name` of a result as (count, months)."""
    ordered = found.reset_index().sort_values(["unique_id", "ds"], kind="stable")
    return ordered[name].to_numpy(np.float64).reshape(count, -1)
