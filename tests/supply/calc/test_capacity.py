"""Rough-cut capacity planning: the worked examples of docs/formulas."""

import numpy as np
import pytest

from supply.calc.capacity import (
    RoutingLines,
    available_hours,
    load_percent,
    required_hours,
    split_load,
    units_to_start,
)


def routing(hours: list[float], centres: list[int]) -> RoutingLines:
    return RoutingLines(np.arange(len(hours)), np.array(centres), np.array(hours))


def test_bill_of_capacity() -> None:
    """100 × 2 h + 50 × 3 h + 25 × 4 h = 450 h."""
    load = required_hours(np.array([[100.0], [50], [25]]), routing([2, 3, 4], [0, 0, 0]), 1)
    assert load.tolist() == [[450.0]]


def test_split_over_two_centres() -> None:
    """450 h at 60/40 = 270 / 180 h."""
    assert split_load(450, np.array([0.6, 0.4])).tolist() == [270, 180]
    with pytest.raises(ValueError, match="add to 1"):
        split_load(450, np.array([0.6, 0.5]))


def test_scrap_and_efficiency() -> None:
    """500 good units at 3 % scrap and 0.5 h need 257.7 h of 2 × 300 h × 0.85 = 510 h: 50.5 %."""
    started = units_to_start(np.array([[500.0]]), 0.03)
    load = required_hours(started, routing([0.5], [0]), 1)
    available = available_hours(np.array([2 * 300.0]), np.array([1]), np.array([0.85]))
    assert load[0, 0] == pytest.approx(500 / 0.97 * 0.5, abs=1e-9)
    assert load[0, 0] == pytest.approx(257.7, abs=0.05)
    assert available[0, 0] == pytest.approx(510)
    assert load_percent(load, available)[0, 0] == pytest.approx(50.5, abs=0.05)


def test_hours_per_day_times_calendar_days() -> None:
    assert available_hours(np.array([120.0]), np.array([31, 28])).tolist() == [[3720.0, 3360.0]]


def test_centre_without_hours_has_no_percentage() -> None:
    assert np.isnan(load_percent(np.array([[1.0]]), np.array([[0.0]]))).all()


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_impossible_scrap_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="scrap"):
        units_to_start(np.array([1.0]), share)
