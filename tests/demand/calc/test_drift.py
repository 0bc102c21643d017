"""The tracking signal over cycles, and who is behind the naive."""

from __future__ import annotations

import numpy as np
import pytest

from demand.calc.drift import drift_of

# Carlson's Bakery (FORMULAS §5): forecast and actual of six months, tracking signal 35 ÷ 14.17
TOLD = [100.0, 100, 100, 110, 110, 110]
SOLD = [90.0, 95, 115, 100, 125, 140]


def test_carlsons_bakery_over_six_cycles() -> None:
    block = drift_of(np.array([SOLD]), np.array([TOLD]), np.array([[100.0] * 6]))
    absolute = 10 + 5 + 15 + 10 + 15 + 30
    assert block.cycles.tolist() == [6]
    assert block.tracking[0] == pytest.approx(35 / (absolute / 6))
    assert block.wmape[0] == pytest.approx(absolute / sum(SOLD))
    assert block.naive_wmape[0] == pytest.approx((10 + 5 + 15 + 0 + 25 + 40) / sum(SOLD))


def test_cycles_that_told_nothing_do_not_count() -> None:
    missing = [np.nan] * 4
    block = drift_of(np.array([[7.0] * 4 + SOLD]), np.array([missing + TOLD]), np.array([[0.0] * 10]))
    assert block.cycles.tolist() == [6] and block.tracking[0] == pytest.approx(35 / (85 / 6))


def test_three_cycles_are_too_few_and_no_error_is_no_signal() -> None:
    few = drift_of(np.array([SOLD[:3]]), np.array([TOLD[:3]]), np.array([[0.0] * 3]))
    assert np.isnan([few.tracking[0], few.wmape[0], few.naive_wmape[0]]).all()
    exact = drift_of(np.array([SOLD]), np.array([SOLD]), np.array([SOLD]))
    assert np.isnan(exact.tracking[0]) and exact.wmape[0] == 0
