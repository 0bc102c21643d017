"""Kinds of series, choice by backtest, and forecasts that stay inside their past."""

from __future__ import annotations

import numpy as np
import pytest

from demand.calc.forecasting import _choose, forecast_segments, kinds_of

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
            padded([5.0] * 36),
            padded([5.0] * 20 + [0.0] * 12),
            np.full(48, 5.0),
        ]
    )
    assert kinds_of(rows).tolist() == ["silent", "young", "sparse", "short", "seasonal", "silent", "dense"]


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


def test_a_single_candidate_needs_to_be_clearly_better_than_the_combination() -> None:
    truth = np.full((2, 4), 10.0)
    tested = {"one": np.array([[11.0] * 4, [14.0] * 4]), "two": np.array([[12.0] * 4, [13.6] * 4])}
    combined = {**tested, "Combination": np.array([[11.05] * 4, [13.9] * 4])}
    assert _choose(truth, tested).tolist() == ["one", "two"]
    # 1.00 is not 10 % below 1.05, and 3.6 is not 10 % below 3.9
    assert _choose(truth, combined).tolist() == ["Combination", "Combination"]
    assert _choose(truth, {**combined, "Combination": np.full((2, 4), 15.0)}).tolist() == ["one", "two"]


def test_the_same_history_gives_the_same_forecast() -> None:
    history = np.random.default_rng(7).poisson(4, (3, 30)) * 1000.0
    first, second = forecast_segments(history, 12), forecast_segments(history, 12)
    assert (first.points == second.points).all() and (first.model == second.model).all()
