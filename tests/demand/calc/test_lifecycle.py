"""Launch curves and last months, learnt from the company's own items."""

from __future__ import annotations

import numpy as np
import pytest

from demand.calc.lifecycle import LEAST_ITEMS, RAMP, Curves, curves_of, life_factors

OPEN = 119_999
RISE = [0.2, 0.4, 0.6, 0.8, 0.9, 1.0]


def launches(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Items launched in month 2, each rising to a quarter of its family and staying there for ten months."""
    one = [0.0, 0.0, *[0.25 * part for part in RISE], *[0.25] * 10]
    return np.array([one] * count), np.full(count, 2), np.full(count, OPEN)


def test_the_curve_is_the_rise_of_those_who_were_launched() -> None:
    curves = curves_of(*launches(LEAST_ITEMS))
    assert curves.launch == pytest.approx(RISE) and curves.ending.tolist() == [1.0] * RAMP


def test_too_few_launches_teach_nothing() -> None:
    assert curves_of(*launches(LEAST_ITEMS - 1)).launch.tolist() == [1.0] * RAMP


def test_the_last_months_are_those_before_the_end() -> None:
    shares, _, _ = launches(LEAST_ITEMS)
    turned = shares[:, ::-1]
    curves = curves_of(turned, np.full(LEAST_ITEMS, -1), np.full(LEAST_ITEMS, 15))
    assert curves.ending == pytest.approx(RISE) and curves.launch.tolist() == [1.0] * RAMP


def test_factors_of_a_launch_a_young_an_ending_and_a_settled_item() -> None:
    """First month of the plan is 100. The young one was launched in 98: its rate is the mean of 0.2 and 0.4."""
    curves = Curves(np.array(RISE), np.array([0.5, 0.8, 1, 1, 1, 1]))
    found = life_factors(curves, np.array([101, 98, 0, 0]), np.array([OPEN, OPEN, 102, OPEN]), first=100, horizon=4)
    assert found[0].tolist() == [1, 0.2, 0.4, 0.6]
    assert found[1] == pytest.approx([0.6 / 0.3, 0.8 / 0.3, 0.9 / 0.3, 1.0 / 0.3])
    assert found[2].tolist() == [1, 0.8, 0.5, 1]
    assert found[3].tolist() == [1, 1, 1, 1]
