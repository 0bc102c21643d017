"""Spreading a total over leaves: the ladder of weights, largest remainder, conservation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demand.calc.spread import NothingToSpreadOver, ladder_weights, scaled_totals, spread_totals, units_worth

ONE = np.zeros(3, np.int64)


def test_the_first_step_with_a_positive_sum_gives_the_weights() -> None:
    consensus, baseline, last_year = [0, 0, 0], [1, 2, 3], [9, 9, 9]
    assert ladder_weights(np.array([consensus, baseline, last_year], float), ONE, 1).tolist() == baseline


def test_each_group_has_its_own_step() -> None:
    group = np.array([0, 0, 1, 1])
    ladder = np.array([[4, 6, 0, 0], [1, 1, 2, 8]], float)
    assert ladder_weights(ladder, group, 2).tolist() == [4, 6, 2, 8]


def test_without_any_weight_the_parts_are_equal() -> None:
    weights = ladder_weights(np.zeros((3, 3)), ONE, 1)
    assert spread_totals(np.array([9_000]), weights, ONE, 10).tolist() == [3_000, 3_000, 3_000]


def test_net_returns_weigh_nothing() -> None:
    assert ladder_weights(np.array([[-5, 2, 3]], float), ONE, 1).tolist() == [0, 2, 3]


def test_largest_remainder_in_whole_quanta() -> None:
    # 100 units over 30 : 60 : 10 in steps of a unit = 30, 60, 10; 101 units: exact 30.3, 60.6, 10.1 -> the one left to .6
    weights = np.array([30.0, 60.0, 10.0])
    assert spread_totals(np.array([101_000]), weights, ONE, 1_000).tolist() == [30_000, 61_000, 10_000]


def test_a_total_without_leaves_is_told() -> None:
    with pytest.raises(NothingToSpreadOver) as caught:
        spread_totals(np.array([10, 10]), np.ones(3), ONE, 10)
    assert caught.value.groups.tolist() == [1]


def test_a_total_between_two_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="planning step"):
        spread_totals(np.array([15]), np.ones(3), ONE, 10)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30), st.integers(0, 10**9))
def test_the_sum_is_conserved(weights: list[int], quanta: int) -> None:
    parts = spread_totals(
        np.array([quanta * 10]), np.array(weights, float), np.zeros(len(weights), np.int64), quantum_milli=10
    )
    assert parts.sum() == quanta * 10
    assert (parts >= 0).all() and (parts % 10 == 0).all()


@pytest.mark.parametrize(
    ("total", "rate4", "expected"),
    [(100_000, 500, 105_000), (100_000, -500, 95_000), (10, 5_000, 20), (10, 4_999, 10), (-100_000, 500, -105_000)],
)
def test_scaling_ends_in_whole_quanta(total: int, rate4: int, expected: int) -> None:
    assert scaled_totals(np.array([total]), np.array([rate4]), 10).tolist() == [expected]


def test_units_worth_an_amount_at_the_prices_of_their_mix() -> None:
    # 30 at 10 and 10 at 20 USD weigh 12.50 on average: 1,000 USD are 80 units, of which 60 × 10 + 20 × 20 = 1,000
    weights, price = np.array([30.0, 10.0]), np.array([10.0, 20.0]) * 100 / 1000
    group = np.zeros(2, np.int64)
    total = units_worth(np.array([1_000_00]), weights, price, group, quantum_milli=10)
    parts = spread_totals(total, weights, group, 10)
    assert parts.tolist() == [60_000, 20_000]
    assert (parts * price).sum() == 1_000_00


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**5)), min_size=1, max_size=8),
    st.integers(-(10**9), 10**9),
    st.sampled_from([1, 10, 1000]),
)
def test_units_worth_are_whole_steps_nearest_to_the_amount(
    leaves: list[tuple[int, int]], cents: int, step: int
) -> None:
    weights, price = (np.array(column, float) for column in zip(*leaves, strict=True))
    group = np.zeros(len(leaves), np.int64)
    (total,) = units_worth(np.array([cents]), weights, price, group, quantum_milli=step).tolist()
    assert total % step == 0
    if weights.sum():
        average = (weights * price).sum() / weights.sum()
        assert abs(total * average - cents) <= step * average / 2 * (1 + 1e-9) + 1e-3
    else:
        assert total == 0
