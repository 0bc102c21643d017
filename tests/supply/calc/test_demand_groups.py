"""Demand that can be served alike is one; shipments come back in fair shares."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from supply.calc.demand_groups import Lane, demand_groups, ship_to_leaves

MAIN = (Lane(0, None, 0, 0.0),)


def test_markets_with_the_same_lanes_are_one_group() -> None:
    demand = np.array([[100], [300], [50]])
    grouped = demand_groups(demand, np.array([7, 7, 8]), [MAIN, MAIN, (Lane(1, None, 0, 0.0),)], {7: "A", 8: "B"})
    assert grouped.groups.labels == ("A", "B")
    assert grouped.groups.quantity.tolist() == [[400], [50]]


def test_short_supply_is_shared_by_demand() -> None:
    """200 of 400: 50 for 100 asked, 150 for 300 asked."""
    grouped = demand_groups(np.array([[100], [300]]), np.array([7, 7]), [MAIN, MAIN], {7: "A"})
    assert ship_to_leaves(grouped, np.array([[200]]), 2).tolist() == [[50], [150]]


def test_firm_shares_cut_a_market_into_pieces() -> None:
    ways = (Lane(0, 0.7, 0, 1.0), Lane(1, 0.3, 0, 2.0))
    grouped = demand_groups(np.array([[101]]), np.array([7]), [ways], {7: "A"})
    assert grouped.groups.quantity.tolist() == [[71], [30]]
    assert grouped.freight.tolist() == [1.0, 2.0]
    assert ship_to_leaves(grouped, grouped.groups.quantity, 1).tolist() == [[101]]


@given(st.lists(st.lists(st.integers(0, 10**6), min_size=2, max_size=2), min_size=1, max_size=8), st.floats(0, 1))
def test_shares_conserve_the_sum_and_never_exceed_a_demand(rows: list[list[int]], part: float) -> None:
    demand = np.array(rows)
    grouped = demand_groups(demand, np.zeros(len(rows), np.int64), [MAIN] * len(rows), {0: "A"})
    shipped = np.floor(grouped.groups.quantity * part).astype(np.int64)
    leaves = ship_to_leaves(grouped, shipped, len(rows))
    assert np.array_equal(leaves.sum(axis=0), shipped[0])
    assert (leaves <= demand).all()
    assert (leaves >= 0).all()
