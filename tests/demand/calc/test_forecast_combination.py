"""The trimmed mean of many forecasts."""

from __future__ import annotations

import numpy as np
import pytest

from demand.calc.forecast_combination import ABSURD, sane, trimmed_mean


def column(*values: float) -> np.ndarray:
    """(m, 1, 1): one series, one month."""
    return np.array(values, float)[:, None, None]


def test_a_fifth_at_each_end_is_left_out() -> None:
    assert trimmed_mean(column(1, 2, 3, 4, 1000))[0, 0] == pytest.approx((2 + 3 + 4) / 3)
    assert trimmed_mean(column(-900, 0, 1, 2, 3, 4, 5, 6, 7, 900))[0, 0] == pytest.approx((1 + 2 + 3 + 4 + 5 + 6) / 6)


def test_fewer_than_five_are_not_cut_and_who_is_missing_does_not_count() -> None:
    assert trimmed_mean(column(1, 2, 9))[0, 0] == pytest.approx((1 + 2 + 9) / 3)
    assert trimmed_mean(column(1, np.nan, 2, 9))[0, 0] == pytest.approx((1 + 2 + 9) / 3)
    assert np.isnan(trimmed_mean(column(np.nan, np.nan))[0, 0])


def test_the_order_of_the_members_does_not_matter() -> None:
    points = np.random.default_rng(1).normal(100, 10, (9, 4, 6))
    assert trimmed_mean(points[::-1]) == pytest.approx(trimmed_mean(points))


def test_a_member_that_ran_away_or_broke_is_out_for_its_whole_horizon() -> None:
    points = np.array([[[1.0, 2.0]], [[1.0, ABSURD * 3 + 1]], [[np.inf, 1.0]]])
    kept = sane(points, np.array([3.0]))
    assert kept[0].tolist() == [[1.0, 2.0]] and np.isnan(kept[1:]).all()
