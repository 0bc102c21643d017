"""Family × market down to items: lives, weights and exact sums."""

from __future__ import annotations

import numpy as np
import pytest

from demand.calc.split import Lives, Places, item_rates, item_weights, split_to_items

MONTHS = np.array([100, 101, 102])
OPEN = 119_999
ONE = np.zeros(2, np.int64)


def weights(recent: list[float], launch: list[int], end: list[int]) -> list[list[float]]:
    lives = Lives(np.array(launch), np.array(end))
    return item_weights(np.array(recent), lives, np.zeros(len(recent), np.int64), MONTHS).tolist()


def test_recent_units_weigh_while_alive() -> None:
    assert weights([3, 1], [0, 0], [OPEN, 100]) == [[3, 3, 3], [1, 0, 0]]


def rates(sold: list[list[float]], alive: list[int], item: list[int], segment: list[int]) -> list[float]:
    places = Places(np.array(item), np.array(segment), np.zeros(len(item), np.int64))
    return item_rates(np.array(sold, float), np.array(alive), places).tolist()


def test_a_young_item_has_the_rate_of_its_own_months() -> None:
    # one market, so what is expected is the rate itself: 36 in six months, and 6 in the one month it is there
    assert rates([[6.0] * 6, [0.0] * 5 + [6.0]], [6, 1], [0, 1], [0, 0]) == pytest.approx([6, 6])


def test_one_month_in_one_market_is_drawn_towards_the_item_in_all_of_them() -> None:
    """Item 1 sold 9 in market A and none in B in its only month; each market sells as much of the rest (3 a month).

    Rates: item 9, markets 12 and 3, family 15. Expected in B: 9 × 3/15 = 1.8, trusted 2 of 3: 1.2; in A 9 × 12/15 = 7.2:
    9/3 + 7.2 × 2/3 = 7.8.
    """
    sold = [[3.0] * 6, [3.0] * 6, [0.0] * 5 + [9.0], [0.0] * 6]
    found = rates(sold, [6, 6, 1, 1], [0, 0, 1, 1], [0, 1, 0, 1])
    assert found[2:] == pytest.approx([9 / 3 + 7.2 * 2 / 3, 1.8 * 2 / 3])


def test_an_item_returned_on_balance_has_no_rate() -> None:
    assert rates([[-5.0] * 6, [0.0] * 6], [6, 6], [0, 1], [0, 0]) == [0, 0]


def test_a_launch_takes_the_place_of_those_that_ended() -> None:
    # the second ends after month 100; the third starts in 101 and weighs their mean, 4
    assert weights([6, 4, 0], [0, 0, 101], [OPEN, 100, OPEN]) == [[6, 6, 6], [4, 0, 0], [0, 4, 4]]


def test_a_launch_weighs_what_the_item_that_it_succeeds_does() -> None:
    lives = Lives(np.array([0, 0, 101]), np.array([OPEN, OPEN, OPEN]), np.array([0.0, 0, 4]))
    found = item_weights(np.array([6.0, 4, 0]), lives, np.zeros(3, np.int64), MONTHS)
    assert found.tolist() == [[6, 6, 6], [4, 4, 4], [0, 4, 4]]


def test_where_nobody_weighs_anything_all_alive_are_equal() -> None:
    assert weights([0, 0], [0, 0], [OPEN, 101]) == [[1, 1, 1], [1, 1, 0]]


def test_net_returns_weigh_nothing() -> None:
    assert weights([-5, 2], [0, 0], [OPEN, OPEN]) == [[0, 0, 0], [2, 2, 2]]


def test_items_add_to_the_rounded_family() -> None:
    # 10.004 + 10.004 units cumulated: 10.00, then 20.008 -> 20.01 - 10.00 = 10.01
    parts = split_to_items(np.array([[10_004.0, 10_004.0]]), np.array([[2.0, 2.0], [1.0, 1.0]]), ONE, np.array([10]))
    assert parts.sum(axis=0).tolist() == [10_000, 10_010]
    assert parts[:, 0].tolist() == [6_670, 3_330]


def test_a_month_in_which_nobody_is_alive_is_empty() -> None:
    parts = split_to_items(np.array([[10_000.0, 10_000.0]]), np.array([[1.0, 0.0], [1.0, 0.0]]), ONE, np.array([10]))
    assert parts.tolist() == [[5_000, 0], [5_000, 0]]


@pytest.mark.parametrize("seed", range(5))
def test_the_year_of_a_sparse_family_is_kept(seed: int) -> None:
    points = np.random.default_rng(seed).uniform(0, 0.4, (1, 24)) * 1000
    parts = split_to_items(points, np.ones((3, 24)), np.zeros(3, np.int64), np.array([1000]))
    assert abs(parts.sum() - points.sum()) <= 500
