"""Intervals widen with the lag as far as levels move, and lean on the others where a past tells little."""

from __future__ import annotations

import numpy as np
import pytest

from demand.calc.forecast_interval import (
    LEAST_GROWTH,
    PRIOR_GROWTH,
    STUDENT_80,
    Spread,
    half_width,
    levels_of,
    never_narrower,
    pooled,
    spread_of,
    young_half_width,
)


def walks(step: float, noise: float, count: int = 300, months: int = 36) -> np.ndarray:
    """Levels of a thousand that move by `step` a month, with noise: both normal."""
    random = np.random.default_rng(8)
    levels = 1_000 + np.cumsum(random.normal(0, step, (count, months)), axis=1)
    return np.asarray(levels + random.normal(0, noise, (count, months)))


def spread(past: np.ndarray, error: float) -> Spread:
    """As if every month of the backtest was missed by `error`."""
    truth = past[:, -6:]
    return spread_of(past, truth, truth + error)


def test_levels_begin_with_the_first_sale() -> None:
    past = np.array([[0.0] * 20 + [6.0, 12.0], np.r_[np.full(10, 99.0), np.full(12, 5.0)]])
    level, length = levels_of(past)
    assert level.tolist() == [(6 + 12) / 2, 5] and length.tolist() == [2, 22]


def test_variance_grows_by_the_same_part_every_month() -> None:
    """Own variance 400 over six months, median of the kind 0.01 × 100² = 100 like three: (6 · 400 + 3 · 100) ÷ 9 = 300."""
    past = np.full((3, 12), 100.0)
    half = half_width(past, Spread(np.array([0.04, 0.01, 0.01]), 0.25), 9, windows=6)
    assert half[0] ** 2 / STUDENT_80**2 == pytest.approx([300 * (1 + 0.25 * lag) for lag in range(9)])
    assert half[1, 0] == pytest.approx(STUDENT_80 * 10)


def test_growth_is_how_far_levels_move() -> None:
    """Steps of 5 and noise of 20: σ² at lag 1 is near 20² + 5² and more (the level is not known), of which 5² a month."""
    error = np.sqrt(20**2 + 5**2)
    assert spread(walks(5, 20), error).growth == pytest.approx(25 / 425, rel=0.3)
    assert spread(walks(20, 20), np.sqrt(800)).growth == pytest.approx(400 / 800, rel=0.3)
    assert spread(walks(0, 20), 20.0).growth == pytest.approx(LEAST_GROWTH, abs=0.005)


def test_neither_season_nor_rhythm_is_taken_for_a_moving_level() -> None:
    season = np.tile(np.r_[np.full(6, 500.0), np.full(6, -500.0)], 3)
    rhythm = np.tile([400.0, -200, -200], 12)
    flat, moved = walks(0, 20), walks(0, 20) + season + rhythm
    assert spread(moved, 20.0).growth == pytest.approx(spread(flat, 20.0).growth)


def test_few_pasts_lean_on_what_is_usual() -> None:
    """One past that never moved and ten pasts' weight on 0.05: (1 · −(2 ÷ 3) ÷ 12 + 10 · 0.05) ÷ 11."""
    steady = np.full((1, 30), 100.0)
    assert spread(steady, 10.0).growth == pytest.approx((-2 / 3 / 12 + 10 * 0.05) / 11)
    assert spread(steady[:, :14], 10.0).growth == PRIOR_GROWTH and spread(steady, 0.0).growth == PRIOR_GROWTH


def test_the_young_lean_on_the_others() -> None:
    """2, 4 and 6 a month: variance 8 ÷ 3 like two months; the others' 0.25 × 4² = 4 like one. Alone: the others' only."""
    past = np.array([[0.0] * 5 + [2, 4, 6], [0.0] * 7 + [4.0]])
    half = young_half_width(past, Spread(np.array([0.25]), 0.0), 1)
    assert half[:, 0] ** 2 / STUDENT_80**2 == pytest.approx([(2 * 8 / 3 + 4) / 3, 4])
    both = pooled([Spread(np.array([1.0, 2.0]), 0.1), Spread(np.array([4.0]), 0.4)])
    assert both.ratio.tolist() == [1, 2, 4] and both.growth == pytest.approx((2 * 0.1 + 0.4) / 3)
    assert pooled([]).growth == PRIOR_GROWTH


def test_a_stated_width_never_falls() -> None:
    assert never_narrower(np.array([[3.0, 2, 5, 4]])).tolist() == [[3, 3, 5, 5]]
