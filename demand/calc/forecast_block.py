"""What a forecast of many segments says: points, interval, model, and how the candidates did in the backtest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SILENT = "None"
LISTS = ("tried", "weights")


@dataclass(frozen=True)
class ForecastBlock:
    """Forecast of s segments. `points`, `low`, `high` (s, H) floats ≥ 0 in the unit of the history, 80 % interval.

    `kind`, `model` (s,) names; `windows` (s,) backtest windows; `wmape`, `bias`, `naive_wmape` (s,) fractions over lags
    1–3, NaN where nothing was sold in the windows, there were none, or (naive) the past is too short; `tracking` (s,) the
    tracking signal Σ(A−F) ÷ MAD over the windows, NaN where every error is 0 or there were none; `growth` (s,) of the
    interval's variance per month of lag, NaN where a method states the interval or nothing is told; `tried` (s,) the
    backtest WMAPE of each candidate by its name, those that could not forecast left out; `weights` (s,) the shares of
    the candidates in a combination that the backtest weighted, by name, adding up to 1; empty where it did not.
    """

    points: Floats
    low: Floats
    high: Floats
    kind: NDArray[np.str_]
    model: NDArray[np.str_]
    windows: Ints
    wmape: Floats
    bias: Floats
    naive_wmape: Floats
    tracking: Floats
    growth: Floats
    tried: list[dict[str, float]]
    weights: list[dict[str, float]]


def empty_block(kinds: NDArray[np.str_], horizon: int) -> ForecastBlock:
    """A block (s, horizon) of zeros, unjudged, for rows of these kinds."""
    count = len(kinds)
    nothing = np.full(count, np.nan)
    return ForecastBlock(
        points=np.zeros((count, horizon)),
        low=np.zeros((count, horizon)),
        high=np.zeros((count, horizon)),
        kind=kinds,
        model=np.full(count, SILENT, dtype="<U30"),
        windows=np.zeros(count, np.int64),
        wmape=nothing.copy(),
        bias=nothing.copy(),
        naive_wmape=nothing.copy(),
        tracking=nothing.copy(),
        growth=nothing.copy(),
        tried=[{} for _ in range(count)],
        weights=[{} for _ in range(count)],
    )


def stacked(blocks: Sequence[ForecastBlock]) -> ForecastBlock:
    """The blocks of one horizon under each other, at least one."""
    arrays: dict[str, Any] = {
        field.name: np.concatenate([getattr(block, field.name) for block in blocks])
        for field in fields(ForecastBlock)
        if field.name not in LISTS
    }
    lists: dict[str, Any] = {name: [row for block in blocks for row in getattr(block, name)] for name in LISTS}
    return ForecastBlock(**arrays, **lists)
