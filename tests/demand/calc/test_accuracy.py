"""What streams and people added to the error of a plan: worked by hand, and as an identity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demand.calc.accuracy import (
    LagBlock,
    Moves,
    Yardsticks,
    added,
    average_price4,
    by_person,
    by_stream,
    errors_of,
    on_rows,
    seasonal_scale,
)

# Carlson's Bakery (FORMULAS §5), in milli-units: one segment, six months, at 2.00 a unit
FORECAST = np.array([[100, 100, 100, 110, 110, 110]]) * 1000
ACTUAL = np.array([[90, 95, 115, 100, 125, 140]]) * 1000
STICKS = Yardsticks(np.array([20_000]), np.array([10_000.0]))
ANNA, BEN = 7, 9


def block(actual: list[list[int]], baseline: list[list[int]], *lines: tuple[int, int, int, int, int]) -> LagBlock:
    """Units; lines are (stream, person, segment, month, delta in units)."""
    sold, started = np.array(actual) * 1000, np.array(baseline) * 1000
    table = np.array(lines, np.int64).reshape(-1, 5)
    moves = Moves(*table.T[:4], table.T[4] * 1000)
    consensus = started + moves.placed(np.ones(len(table), bool), started.shape)
    return LagBlock(1, np.arange(sold.shape[1]), sold, np.zeros_like(sold), started, consensus, moves)


def test_carlsons_bakery() -> None:
    errors = errors_of(ACTUAL, FORECAST, STICKS)
    missed = 10 + 5 + 15 + 10 + 15 + 30
    assert errors.wmape == missed / 665 and errors.absolute == missed * 1000
    assert errors.bias == pytest.approx(-(-10 - 5 + 15 - 10 + 15 + 30) / 665)
    assert errors.tracking_signal == pytest.approx(35 / (missed / 6)) == pytest.approx(2.47, abs=0.005)
    assert errors.cents == missed * 2_00
    # the past moved by 10 a month on average, six months: 85 ÷ 60
    assert errors.mase == pytest.approx(missed / (6 * 10))


def test_what_has_no_price_or_no_past_is_said_and_not_counted() -> None:
    actual, forecast = np.array([[10_000], [10_000]]), np.array([[13_000], [15_000]])
    errors = errors_of(actual, forecast, Yardsticks(np.array([10_000, -1]), np.array([np.nan, 2_500.0])))
    assert (errors.cents, errors.unpriced) == (3_00, 5_000)
    assert errors.mase == 5 / 2.5  # of the second only: the first has no past


def test_without_sales_nothing_is_divided() -> None:
    none = errors_of(np.zeros((1, 2), np.int64), np.array([[5_000, -5_000]]), STICKS)
    assert none.wmape is None and none.bias is None and added(none, none).points is None
    exact = errors_of(ACTUAL, ACTUAL, STICKS)
    assert exact.tracking_signal is None and exact.wmape == 0


def test_each_stream_is_judged_on_top_of_the_one_before() -> None:
    # sold 100; naive 0 (100 missed); baseline 70 (30); override +20 → 90 (10); promotion +15 → 105 (5)
    made = block([[100]], [[70]], (0, ANNA, 0, 0, 20), (1, BEN, 0, 0, 15))
    naive, baseline, override, promotion = by_stream(made, STICKS, 2)
    assert [errors.wmape for errors in (naive, baseline, override, promotion)] == [1.0, 0.30, 0.10, 0.05]
    assert added(baseline, override).cents == (30 - 10) * 2_00
    assert added(override, promotion).points == pytest.approx(0.05)


def test_each_person_is_judged_against_the_plan_without_them() -> None:
    # plan 105, 5 missed; without Anna 85: 15 missed; without Ben 90: 10 missed
    made = block([[100, 50]], [[70, 50]], (0, ANNA, 0, 0, 20), (1, BEN, 0, 0, 15), (0, BEN, 0, 1, 10))
    anna, ben = sorted(by_person(made, STICKS), key=lambda row: row.person)
    assert (anna.cells, anna.better, anna.moved) == (1, 1, 20_000)
    assert anna.added.cents == (15 - 5) * 2_00 and anna.added.points == pytest.approx(10 / 150)
    # Ben: 10 → 5 in the first month, 0 → 10 in the second
    assert (ben.cells, ben.better) == (2, 1) and ben.added.cents == (5 - 10) * 2_00
    assert ben.too_high == 5_000 + 10_000 and ben.sold == 150_000
    # over his two cells: 5 + 10 missed, 10 + 0 without him; the past moved by 10 a month
    assert (ben.missed, ben.before, ben.mase) == (15_000, 10_000, 15 / (2 * 10))


lines = st.tuples(
    st.integers(0, 2), st.sampled_from([ANNA, BEN]), st.integers(0, 2), st.integers(0, 1), st.integers(-9, 9)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(lines, max_size=8), st.lists(st.integers(0, 20), min_size=12, max_size=12))
def test_the_steps_add_to_naive_less_plan_and_rows_to_the_whole(
    rows: list[tuple[int, int, int, int, int]], values: list[int]
) -> None:
    sold, started = np.array(values).reshape(2, 3, 2).tolist()
    made = block(sold, started, *rows)
    sticks = Yardsticks(np.array([12_345, 1, 99_999]), np.array([1.0, 2.0, 3.0]))
    steps = by_stream(made, sticks, 3)
    plan = errors_of(made.actual, made.consensus, sticks)
    assert steps[-1] == plan
    parts = sum(added(before, after).cents for before, after in zip(steps, steps[1:], strict=False))
    assert parts == steps[0].cents - plan.cents
    halves = []
    for chosen in (np.array([True, False, True]), np.array([False, True, False])):
        own = on_rows(made, chosen)
        part = by_stream(own, Yardsticks(sticks.price4[chosen], sticks.scale[chosen]), 3)[-1]
        halves.append((part.absolute, part.cents))
    assert tuple(np.sum(halves, axis=0)) == (plan.absolute, plan.cents)


def test_the_scale_is_the_mean_step_from_a_year_before() -> None:
    history = np.array([[5] * 12 + [8, 1], [0] * 14])
    assert seasonal_scale(history).tolist() == [(3 + 4) / 2, 0]
    assert np.isnan(seasonal_scale(history[:, :12])).all()


def test_the_average_price_needs_units() -> None:
    # 3 units for 10.00 → 3.3333; returns only, or free of charge below zero: none
    prices = average_price4(np.array([[1_000, 2_000], [0, 0], [-1_000, 0]]), np.array([[4_00, 6_00], [5, 0], [-9, 0]]))
    assert prices.tolist() == [33_333, -1, -1]
