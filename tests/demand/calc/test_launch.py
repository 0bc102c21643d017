"""Launch curves by hand: a ramp, another item's start, typed percentages; the sum of the curve is kept."""

from __future__ import annotations

import numpy as np
import pytest

from demand.calc.launch import NoCurve, launch_units, like_factors, ramp_factors, typed_factors


def test_a_ramp_reaches_its_peak_and_holds_it() -> None:
    assert launch_units(60_000, ramp_factors(4, 3), 10).tolist() == [20_000, 40_000, 60_000, 60_000]
    assert ramp_factors(2, 0).tolist() == [1, 1]


def test_as_another_item_started() -> None:
    """Its first sale was in the third month; 50 was its best month, a month of returns counts as nothing."""
    sold = np.array([0, 0, 10, -5, 50, 25])
    assert like_factors(sold, 6).tolist() == [10 / 50, 0, 1, 0.5, 0.5, 0.5]
    assert like_factors(sold, 2).tolist() == [1, 0]
    with pytest.raises(NoCurve):
        like_factors(np.zeros(4, np.int64), 3)


def test_typed_percentages_hold_their_last() -> None:
    assert typed_factors([10, 50], 4).tolist() == [0.1, 0.5, 0.5, 0.5]
    with pytest.raises(NoCurve):
        typed_factors([], 4)


def test_steps_keep_the_sum() -> None:
    """Thirds of a unit in whole units: 0.33 a month for 6 months is 2 units, not 0."""
    units = launch_units(1_000, np.full(6, 1 / 3), 1_000)
    assert units.sum() == 2_000 and set((units % 1_000).tolist()) == {0}
