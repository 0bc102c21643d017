"""Forecast errors against worked examples."""

from __future__ import annotations

import numpy as np
import pytest

from demand.calc.errors import (
    bias_fraction,
    mape,
    mase,
    mean_absolute_deviation,
    mean_squared_error,
    rmsse,
    running_sum_of_errors,
    tracking_signal,
    wmape,
)

# Carlson's Bakery (FORMULAS §5)
FORECAST = [100, 100, 100, 110, 110, 110]
ACTUAL = [90, 95, 115, 100, 125, 140]
ERRORS = [-10, -5, 15, -10, 15, 30]


def test_carlsons_bakery() -> None:
    assert running_sum_of_errors(ACTUAL, FORECAST) == sum(ERRORS) == 35
    mad = sum(abs(error) for error in ERRORS) / 6
    assert mean_absolute_deviation(ACTUAL, FORECAST) == pytest.approx(mad) == pytest.approx(14.17, abs=0.005)
    assert tracking_signal(ACTUAL, FORECAST) == pytest.approx(35 / mad) == pytest.approx(2.47, abs=0.005)
    assert mean_squared_error(ACTUAL, FORECAST) == sum(error**2 for error in ERRORS) / 6 == 262.5
    assert wmape(ACTUAL, FORECAST) == 85 / 665 == pytest.approx(0.1278, abs=5e-5)
    shares = sum(abs(error) / actual for error, actual in zip(ERRORS, ACTUAL, strict=True)) / 6
    assert mape(ACTUAL, FORECAST) == pytest.approx(shares) == pytest.approx(0.1214, abs=5e-5)


def test_bias_is_positive_when_the_forecast_is_too_high() -> None:
    assert bias_fraction([10, 10], [15, 10]) == 5 / 20


def test_mape_is_undefined_with_a_zero_actual() -> None:
    assert np.isnan(mape([0, 10], [5, 10]))


def test_wmape_and_bias_are_undefined_without_demand() -> None:
    assert np.isnan(wmape([0, 0], [5, 5])) and np.isnan(bias_fraction([0, 0], [5, 5]))


def test_tracking_signal_of_a_perfect_forecast_is_undefined() -> None:
    assert np.isnan(tracking_signal([1, 2], [1, 2]))


def test_scaled_errors_use_the_seasonal_naive_of_the_past() -> None:
    history = [10, 20, 14, 26]  # with season 2 the steps are 4 and 6: mean 5, mean square 26
    assert mase([10, 10], [20, 10], history, season=2) == pytest.approx((10 + 0) / 2 / 5)
    assert rmsse([10, 10], [20, 10], history, season=2) == pytest.approx((100 / 2 / 26) ** 0.5)


def test_scaled_errors_need_more_than_a_season() -> None:
    assert np.isnan(mase([1], [2], [1] * 12)) and np.isnan(rmsse([1], [2], [1] * 12))


def test_errors_run_along_the_last_axis() -> None:
    assert wmape([[10, 10], [0, 0]], [[10, 20], [1, 1]])[0] == 0.5
