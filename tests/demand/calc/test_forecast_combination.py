"""One forecast out of many: the trimmed mean, and the mean that errors weight."""

from __future__ import annotations

import numpy as np
import pytest

from demand.calc.forecast_combination import ABSURD, SLACK, sane, trimmed_mean, weighted_mean, weights_by_error


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


def test_half_the_error_weighs_four_times_as_much() -> None:
    """Errors 8 and 18 of a volume of 100 are 10 and 20 with the slack of 2: 1/100 to 1/400 is 4 to 1."""
    weights = weights_by_error(np.array([[8.0], [18.0]]), np.array([100.0]))
    assert SLACK == 0.02
    assert weights[:, 0] == pytest.approx([0.8, 0.2])


def test_who_leads_by_far_is_taken_alone_and_who_could_not_tell_is_out() -> None:
    """Errors 0 and 98 of 100: 1/4 to 1/10,000 is far above nine to one."""
    missed = np.array([[0.0, np.nan, np.nan], [98.0, 10.0, np.nan], [np.nan, 10.0, np.nan]])
    weights = weights_by_error(missed, np.array([100.0, 50.0, 50.0]))
    assert weights[:, 0].tolist() == [1, 0, 0]
    assert weights[:, 1] == pytest.approx([0, 0.5, 0.5])
    assert not weights[:, 2].any()


def test_a_member_without_a_forecast_leaves_its_weight_to_the_others() -> None:
    points = np.array([[[10.0, 20.0]], [[np.nan, 1.0]], [[40.0, 50.0]]])
    mean = weighted_mean(points, np.array([[0.2], [0.4], [0.4]]))
    assert mean[0] == pytest.approx([(10 * 0.2 + 40 * 0.4) / 0.6, (20 * 0.2 + 50 * 0.4) / 0.6])
    assert np.isnan(weighted_mean(points, np.array([[0.0], [1.0], [0.0]]))).all()
