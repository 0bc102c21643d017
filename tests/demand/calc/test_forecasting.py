"""Kinds of series, choice by backtest, and forecasts that stay inside their past."""

from __future__ import annotations

import numpy as np
import pytest

from demand.calc.forecasting import forecast_segments, kinds_of

SEASON = np.array([5, 5, 6, 8, 12, 15, 16, 15, 12, 8, 6, 5], float) * 1000


def padded(values: list[float] | np.ndarray, months: int = 36) -> np.ndarray:
    return np.concatenate([np.zeros(months - len(values)), np.asarray(values, float)])


def test_kinds() -> None:
    rows = np.stack(
        [
            padded([]),
            padded([5.0, 6.0]),
            padded([5.0] + [0.0] * 9 + [5.0] * 2),
            padded([5.0] * 14),
            padded([5.0] * 36),
            padded([5.0] * 20 + [0.0] * 12),
        ]
    )
    assert kinds_of(rows).tolist() == ["silent", "young", "sparse", "short", "seasonal", "silent"]


def test_a_clean_season_is_found() -> None:
    block = forecast_segments(np.tile(SEASON, 3)[None, :], 12)
    assert block.points[0] == pytest.approx(SEASON, rel=0.05)
    assert block.wmape[0] == pytest.approx(0, abs=0.02)


def test_silence_forecasts_zero_and_the_young_their_recent_mean() -> None:
    block = forecast_segments(np.stack([padded([]), padded([3_000.0, 6_000.0, 9_000.0])]), 6)
    assert block.points[0].tolist() == [0] * 6 and block.model[0] == "None"
    assert block.points[1] == pytest.approx([6_000] * 6)
    assert block.windows.tolist() == [0, 0] and np.isnan(block.wmape).all()


@pytest.mark.parametrize("sold", [[8_000.0], [8_000.0, 10_000.0]])
def test_a_market_with_fewer_than_three_months_forecasts_the_mean_of_them(sold: list[float]) -> None:
    block = forecast_segments(padded(sold)[None, :], 6)
    assert block.points[0] == pytest.approx([sum(sold) / len(sold)] * 6)


def test_forecasts_are_never_negative_and_lie_in_their_interval() -> None:
    falling = np.linspace(36_000, 0, 36)[None, :]
    returns = np.where(np.arange(36) % 3 == 0, -500.0, 1_000.0)[None, :]
    block = forecast_segments(np.concatenate([falling, returns]), 24)
    assert (block.points >= 0).all() and (block.low <= block.points).all() and (block.points <= block.high).all()


def test_the_same_history_gives_the_same_forecast() -> None:
    history = np.random.default_rng(7).poisson(4, (3, 30)) * 1000.0
    first, second = forecast_segments(history, 12), forecast_segments(history, 12)
    assert (first.points == second.points).all() and (first.model == second.model).all()
