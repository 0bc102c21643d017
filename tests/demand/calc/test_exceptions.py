"""Each kind of exception by hand: its limit, its dollars, and what does not count. Units in milli, money in cents."""

from __future__ import annotations

import numpy as np
import pytest

from demand.calc.exceptions import (
    cycle_change,
    holds_for,
    lasting_bias,
    outside_band,
    stated_bias,
    year_on_year_jump,
    zero_after_sales,
)

NAN = float("nan")


def ints(*rows: list[int]) -> np.ndarray:
    return np.array(rows, np.int64)


def test_outside_the_band_counts_only_the_months_outside_and_their_whole_way_from_the_baseline() -> None:
    """Band 80 … 120. Month 1 lies on its edge, month 2 is 30 above it, month 3 is 20 below: 1,500.00 − 400.00 at stake."""
    plan, low, high = ints([120, 150, 60]), ints([80, 80, 80]), ints([120, 120, 120])
    moved = ints([200_00, 1_500_00, -400_00])
    flags = outside_band(plan, low, high, moved)
    assert flags.rows.tolist() == [0] and flags.months.tolist() == [[False, True, True]]
    assert flags.cents.tolist() == [1_500_00 - 400_00]
    assert flags.share.tolist() == [(30 + 20) / (20 + 20)]


def test_without_an_interval_nothing_is_outside() -> None:
    assert not len(outside_band(ints([500]), ints([0]), ints([0]), ints([5])).rows)


def test_a_change_since_the_last_cycle_is_past_its_fraction_or_comes_from_nothing() -> None:
    """100 → 125 is exactly a quarter and passes, 100 → 126 does not; 0 → 1 is past every fraction; 0 → 0 is none."""
    before, plan = ints([50, 50], [50, 50], [0, 0], [0, 0]), ints([60, 65], [61, 65], [0, 1], [0, 0])
    flags = cycle_change(plan, before, (plan - before) * 7, fraction=0.25)
    assert flags.rows.tolist() == [1, 2] and flags.cents.tolist() == [26 * 7, 7]
    assert flags.share[0] == 26 / 100 and np.isnan(flags.share[1])
    assert flags.months.tolist() == [[True, True], [False, True]]


def test_a_shift_between_months_is_no_change_of_the_year() -> None:
    before, plan = ints([100, 0]), ints([0, 100])
    assert not len(cycle_change(plan, before, plan - before, fraction=0.0).rows)


def test_a_jump_is_more_than_half_of_what_was_sold_either_way() -> None:
    planned, sold = ints([150], [151], [49], [10], [0]), ints([100], [100], [100], [0], [0])
    flags = year_on_year_jump(planned, sold)
    assert flags.rows.tolist() == [1, 2, 3] and flags.cents.tolist() == [51, -51, 10]
    assert flags.share[:2].tolist() == [0.51, -0.51] and np.isnan(flags.share[2])


def test_bias_needs_four_months_on_one_side() -> None:
    """F 120 against A 100 four times: bias 80/400, Σ(A−F) = −80, MAD 20, tracking signal −4. Ahead 1,000.00 × 20 %."""
    actual, forecast = ints([100] * 4, [100] * 4), ints([120] * 4, [140, 100, 140, 80])
    flags = lasting_bias(actual, forecast, ints([1_000_00, 1_000_00])[0], fraction=0.1)
    assert flags.rows.tolist() == [0] and flags.share.tolist() == [80 / 400]
    assert flags.cents.tolist() == [1_000_00 * 80 // 400]
    assert not len(lasting_bias(actual[:, :3], forecast[:, :3], ints([1_000_00] * 2)[0], fraction=0.1).rows)


def test_a_bias_known_from_a_backtest_is_judged_by_the_same_limits() -> None:
    """Too small a bias, too weak a signal and an unknown one are passed over; −0.2 of 50.00 is −10.00."""
    bias, signal = np.array([-0.2, -0.2, 0.1, NAN]), np.array([5.0, 3.9, -6.0, NAN])
    flags = stated_bias(bias, signal, np.array([50_00] * 4), fraction=0.1)
    assert flags.rows.tolist() == [0] and flags.cents.tolist() == [-50_00 * 2 // 10]


def test_zero_after_sales_asks_about_regular_items_on_the_market_in_months_that_sold() -> None:
    """Rows: asked in month 1 only (month 2 sold nothing, month 3 is planned); ended; irregular; net returns."""
    plan = ints([0, 0, 5], [0, 0, 0], [0, 0, 0], [0, 0, 0])
    last_year = ints([40, 0, 60], [40, 40, 40], [40, 40, 40], [-40, 0, 0])
    recent = ints([1, 0, 2], [1, 1, 1], [0, 0, 9], [1, 1, 1])
    alive = np.array([[True] * 3, [False] * 3, [True] * 3, [True] * 3])
    flags = zero_after_sales(plan, last_year, recent=recent, alive=alive, last_year_cents=last_year * 100)
    assert flags.rows.tolist() == [0] and flags.months.tolist() == [[True, False, False]]
    assert flags.cents.tolist() == [-40 * 100] and flags.share.tolist() == [-40 / 100]


@pytest.mark.parametrize(
    ("answered", "now", "holds"),
    [
        (1_000, 1_100, True),
        (1_000, 1_101, False),
        (-1_000, -1_100, True),
        (1_000, -1, False),
        (1_000, 0, True),
        (0, 1, False),
        (None, None, True),
        (None, 5, False),
        (5, None, False),
    ],
)
def test_an_answer_covers_a_tenth_more_on_the_same_side(answered: int | None, now: int | None, holds: bool) -> None:
    assert holds_for(answered, now) is holds
