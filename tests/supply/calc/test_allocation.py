"""Short supply over markets: fair, by margin, by priority; always exactly what there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.calc.allocation import allocate, margin_rank
from supply.calc.demand_groups import Lane, demand_groups, ship_to_leaves
from supply.calc.supply_policy import Allocation, policy_of, setting_fault

ASKED = np.array([60, 30, 10])


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        ([0, 0, 0], [60 * 50 // 100, 30 * 50 // 100, 10 * 50 // 100]),
        ([2, 1, 0], [50 - 30 - 10, 30, 10]),
        ([1, 1, 0], [(50 - 10) * 60 / 90, (50 - 10) * 30 / 90, 10]),
    ],
)
def test_fifty_of_a_hundred(rank: list[float], expected: list[float]) -> None:
    """All alike: half of each. One after the other: the last gets what is left. A tie: fair among the two."""
    assert allocate(ASKED, 50, np.array(rank, float)) == pytest.approx(expected, abs=0.5)


def test_more_than_was_asked_for_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0"):
        allocate(ASKED, 101, np.zeros(3))


def test_the_market_that_earns_most_per_unit_is_served_first() -> None:
    rank = margin_rank(np.array([[90.0], [100.0], [95.0]]), np.array([[50.0], [70.0], [50.0]]))
    assert np.argsort(rank[:, 0]).tolist() == [2, 0, 1], "95 − 50 before 90 − 50 before 100 − 70"


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 3)), min_size=1, max_size=8), st.floats(0, 1))
def test_the_sum_is_the_supply_and_a_better_rank_is_served_in_full_before_the_next(
    markets: list[tuple[int, int]], part: float
) -> None:
    asked, rank = np.array([m[0] for m in markets]), np.array([float(m[1]) for m in markets])
    supply = int(asked.sum() * part)
    given_units = allocate(asked, supply, rank)
    assert given_units.sum() == supply
    assert (given_units >= 0).all() and (given_units <= asked).all()
    for place in np.flatnonzero(given_units < asked):
        assert not given_units[rank > rank[place]].any()


def test_shipments_follow_the_ranks_of_each_month_and_keep_the_sum() -> None:
    """Two markets of one item, 100 each, 120 there: first the one, in the next month the other."""
    lanes = [(Lane(0, None, 0, 0.0),), (Lane(0, None, 0, 0.0),)]
    grouped = demand_groups(np.array([[100, 100], [100, 100]]), np.array([7, 7]), lanes, {7: "A"})
    ranked = type(grouped)(**{**vars(grouped), "piece_rank": np.array([[0.0, 1.0], [1.0, 0.0]])})
    assert ship_to_leaves(ranked, np.array([[120, 120]]), 2).tolist() == [[100, 20], [20, 100]]
    assert ship_to_leaves(grouped, np.array([[120, 120]]), 2).tolist() == [[60, 60], [60, 60]]


def test_settings_are_read_with_their_defaults_and_limits() -> None:
    policy = policy_of({"allocation": "margin", "holding_per_month": "0.02"})
    assert (policy.allocation, policy.costs.holding, policy.costs.expedite) == (Allocation.MARGIN, 0.02, 0.25)
    assert "one of fair_share" in setting_fault("allocation", "loudest")
    assert "between 0 and 1" in setting_fault("holding_per_month", "1.5")
    with pytest.raises(ValueError, match="holding_per_month: 'much' is not a number"):
        policy_of({"holding_per_month": "much"})
