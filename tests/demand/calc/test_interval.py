"""The interval of a sum of forecasts and of a part of one, by hand."""

from __future__ import annotations

import numpy as np

from demand.calc.interval import shared_interval


def test_one_forecast_keeps_its_distances_and_a_part_gets_its_share_of_them() -> None:
    """100 − 20 … + 30; a quarter of it, 25, gets − 5 … + 7.5, rounded to even halves as numpy rounds."""
    points, low, high = np.array([[100.0]]), np.array([[80.0]]), np.array([[130.0]])
    assert [b.tolist() for b in shared_interval(points, low, high, shown=np.array([100.0])) or ()] == [[80], [130]]
    assert [b.tolist() for b in shared_interval(points, low, high, shown=np.array([24.0])) or ()] == [
        [round(24 - 20 * 0.24)],
        [round(24 + 30 * 0.24)],
    ]


def test_several_forecasts_add_as_independent_errors() -> None:
    """Half widths 30 and 40 make 50 (3-4-5) around 100 + 200; never below 0; no forecast of a month, no width."""
    points = np.array([[100.0, 10.0, 0.0], [200.0, 0.0, 0.0]])
    low, high = points - np.array([[30.0, 60.0, 0.0], [40.0, 0.0, 0.0]]), points + np.array([[30.0, 60, 0], [40, 0, 0]])
    bounds = shared_interval(points, low, high, shown=points.sum(axis=0))
    assert bounds is not None
    assert [b.tolist() for b in bounds] == [[250, 0, 0], [350, 70, 0]]


def test_without_any_width_there_is_no_interval() -> None:
    points = np.array([[5.0]])
    assert shared_interval(points, points, points, shown=points[0]) is None
