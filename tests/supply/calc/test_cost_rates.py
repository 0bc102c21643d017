"""Objective rates from standard costs, wages and prices."""

import numpy as np
import pytest

from supply.calc.cost_rates import CostPolicy, NodeRates, group_revenue, objective_rates, steady
from supply.calc.demand_groups import GroupedDemand, Lane, demand_groups

POLICY = CostPolicy(holding=0.01, expedite=0.25, safety=0.03, margin_floor=0.10, urgency=0.0)


def grouped(demand: list[list[int]]) -> GroupedDemand:
    lanes = [(Lane(0, None, 0, 0.5),)] * len(demand)
    return demand_groups(np.array(demand), np.zeros(len(demand), np.int64), lanes, {0: "A"})


def test_first_known_standard_counts_in_all_months() -> None:
    assert steady(np.array([[-1, 50, 60], [-1, -1, -1], [70, 80, -1]])).tolist() == [[50] * 3, [0] * 3, [70] * 3]


def test_price_is_weighted_by_demand_and_missing_ones_weigh_nothing() -> None:
    """(100 · 10 + 300 · 20 · 0.5) / 400 = 10; a missing price counts 0."""
    price = np.array([[100_000], [200_000]])
    fx = np.array([[1_000_000], [500_000]])
    assert group_revenue(grouped([[100], [300]]), price, fx).tolist() == [[pytest.approx(10)]]
    assert group_revenue(grouped([[100]]), np.array([[-1]]), np.array([[-1]])).tolist() == [[0]]


def test_shortage_costs_its_price_but_at_least_the_floor_over_standard() -> None:
    rates = NodeRates(np.array([[60.0, 60.0]]), np.array([20.0]), np.array([True]))
    group = grouped([[100, 100]])
    costs = objective_rates(
        rates, group, unit_revenue=np.array([[90.0, 50.0]]), overtime=np.array([6.0]), policy=POLICY
    )
    assert costs.shortage.tolist() == [[90.0, pytest.approx(66.0)]]
    assert costs.make.tolist() == [[20.0, 20.0]]
    assert costs.expedite.tolist() == [[75.0, 75.0]]
    assert costs.holding.tolist() == [[0.6, 0.6]]
    assert costs.safety_penalty.tolist() == [[pytest.approx(1.8), pytest.approx(1.8 + 60 * 1.05)]]


def test_made_item_without_components_costs_its_standard() -> None:
    rates = NodeRates(np.array([[60.0]]), np.array([20.0]), np.array([False]))
    costs = objective_rates(
        rates, grouped([[1]]), unit_revenue=np.array([[90.0]]), overtime=np.array([6.0]), policy=POLICY
    )
    assert costs.make.tolist() == [[60.0]]
