"""Kinds of series, choice by backtest, and forecasts that stay inside their past."""

from __future__ import annotations

import numpy as np
import pytest

from demand.calc.forecast_candidates import kinds_of, shows_season
from demand.calc.forecasting import forecast_segments

SEASON = np.array([5, 5, 6, 8, 12, 15, 16, 15, 12, 8, 6, 5], float) * 1000


def padded(values: list[float] | np.ndarray, months: int = 48) -> np.ndarray:
    return np.concatenate([np.zeros(months - len(values)), np.asarray(values, float)])


def test_kinds() -> None:
    rows = np.stack(
        [
            padded([]),
            padded([5.0, 6.0]),
            padded([5.0] + [0.0] * 9 + [5.0] * 2),
            padded([5.0] * 14),
            padded(np.tile(SEASON, 3)),
            padded([5.0] * 36),
            padded([5.0] * 20 + [0.0] * 12),
            np.full(48, 5.0),
        ]
    )
    assert kinds_of(rows).tolist() == ["silent", "young", "sparse", "short", "seasonal", "short", "silent", "dense"]


def test_a_season_shows_in_two_years_and_a_quarterly_rhythm_is_none() -> None:
    noise = np.random.default_rng(3).normal(0, 1_000, 36)
    rhythm = np.tile([9_000.0, 1_000.0, 4_000.0], 12)
    rows = np.stack([np.tile(SEASON, 3) + noise, rhythm + noise, 20_000 + noise, np.full(36, 7.0)])
    assert shows_season(rows).tolist() == [True, False, False, False]
    assert not shows_season(rows[:, :23]).any()


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


def test_forecasts_are_never_negative_and_lie_in_an_interval_that_widens() -> None:
    falling = np.linspace(36_000, 0, 36)[None, :]
    returns = np.where(np.arange(36) % 3 == 0, -500.0, 1_000.0)[None, :]
    young = padded([5_000.0, 9_000.0], 36)[None, :]
    block = forecast_segments(np.concatenate([falling, returns, young]), 24)
    assert (block.points >= 0).all() and (block.low <= block.points).all() and (block.points <= block.high).all()
    half = block.high - block.points
    assert (np.diff(half, axis=1) > 0).all() and (block.growth > 0).all()


def test_a_long_past_is_forecast_by_the_combination_and_judged_beside_the_naive() -> None:
    """Five years of the same season: the combination repeats it, and the naive is right to the unit."""
    block = forecast_segments(np.tile(SEASON, 5)[None, :], 18)
    assert (block.kind[0], block.model[0]) == ("dense", "Combination")
    assert block.points[0] == pytest.approx(np.resize(SEASON, 18), rel=0.03)
    assert block.naive_wmape[0] == 0 and set(block.tried[0]) > {"Theta", "SeasonalNaive", "Combination"}


def test_the_thorough_combination_has_more_members_and_the_same_judgement() -> None:
    history = np.tile(SEASON, 4)[None, :] + np.random.default_rng(5).normal(0, 900, 48)
    quick, thorough = forecast_segments(history, 6), forecast_segments(history, 6, thorough=True)
    assert not np.allclose(quick.points, thorough.points) and quick.tried == thorough.tried


def test_errors_on_one_side_show_in_the_tracking_signal() -> None:
    """A past that triples in its last half year: everything told six errors too low, Σ(A−F) = 6 MAD."""
    block = forecast_segments(np.array([[1_000.0] * 20 + [3_000.0] * 3 + [9_000.0] * 3]), 3)
    assert block.tracking[0] == pytest.approx(6)
    assert np.isnan(forecast_segments(np.full((1, 5), 7.0), 3).tracking[0])


def test_a_quarterly_rhythm_is_found_in_a_short_past() -> None:
    """Customers who order every third month: 3, 0.5, 1 thousand, for a year and a half."""
    block = forecast_segments(np.tile([3_000.0, 500.0, 1_000.0], 6)[None, :], 6)
    assert block.kind[0] == "short"
    assert block.points[0] == pytest.approx(np.tile([3_000.0, 500.0, 1_000.0], 2), rel=0.05)


def test_a_sparse_past_is_judged_by_the_methods_for_gaps() -> None:
    """Ten a time, every second or third month: all of them tell a level between a fifth and a half of a sale."""
    history = np.array([[0.0, 10, 0, 0, 10, 0, 10, 0, 0, 10, 0, 0, 10, 0, 10, 0, 0, 0, 10, 0, 0, 10]]) * 1000
    block = forecast_segments(history, 4)
    assert block.kind[0] == "sparse" and {"CrostonSBA", "TSB", "ADIDA", "IMAPA"} < set(block.tried[0])
    assert 2_000 < block.points[0].mean() < 5_000
    assert sum(block.weights[0].values()) == pytest.approx(1)


def test_the_same_history_gives_the_same_forecast() -> None:
    history = np.random.default_rng(7).poisson(4, (3, 30)) * 1000.0
    first, second = forecast_segments(history, 12), forecast_segments(history, 12)
    assert (first.points == second.points).all() and (first.model == second.model).all()
