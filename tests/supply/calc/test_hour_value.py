"""What an hour is worth: published shadow prices, and a range where they are not unique."""

from dataclasses import replace

import numpy as np
import pytest

from supply.calc.capacity import RoutingLines
from supply.calc.hour_value import values_of_hours
from supply.calc.plan_lp import solve_plan
from supply.calc.problem import Centres, SupplyProblem
from tests.supply.calc.problems import simple_problem


def margins(demand: list[float], worth: list[float], hours: list[float], available: float) -> SupplyProblem:
    """One month, products that cost nothing to make and lose ``worth`` per missing unit."""
    problem = simple_problem([[units] for units in demand], [available])
    zeros = np.zeros((len(demand), 1))
    costs = replace(problem.costs, make=zeros, holding=zeros + 1e-6, shortage=np.array([[value] for value in worth]))
    routing = RoutingLines(np.arange(len(demand)), np.zeros(len(demand), np.int64), np.array(hours))
    quanta = replace(problem.nodes, quantum=np.ones(len(demand), np.int64))
    return replace(problem, costs=costs, routing=routing, nodes=quanta)


def test_two_products_on_one_machine() -> None:
    """max 4x + 8y, 8x + 10y ≤ 11,000, y ≤ 600 → (625, 600), 7,300 and $0.50 an hour.

    As demand: y is limited by its market of 600, x by none (10,000 asked for); lost margin 4 and 8.
    """
    problem = margins([10_000, 600], [4, 8], [8, 10], 11_000)
    solved = solve_plan(problem)
    made = solved.plan.make[:, 0]
    assert made.tolist() == pytest.approx([625, 600], abs=0.01)
    assert 4 * made[0] + 8 * made[1] == pytest.approx(7_300, abs=0.02)
    value = values_of_hours(problem, solved)
    low, high = value.low, value.high
    assert (low[0, 0], high[0, 0]) == pytest.approx((0.5, 0.5))


def test_bottleneck_of_the_p_and_q_problem() -> None:
    """Margins 45 and 60, bottleneck 15 and 30 of 2,400 minutes, market 100 and 50, operating expense 6,000.

    P 45 / 0.25 h = 180 per hour goes before Q 60 / 0.5 h = 120: P 100, Q 30, 4,500 + 1,800 − 6,000 = 300 a week.
    """
    problem = margins([100, 50], [45, 60], [0.25, 0.5], 2_400 / 60)
    solved = solve_plan(problem)
    made = solved.plan.make[:, 0]
    assert made.tolist() == pytest.approx([100, 30], abs=0.01)
    assert 45 * made[0] + 60 * made[1] - 6_000 == pytest.approx(300, abs=0.5)
    value = values_of_hours(problem, solved)
    low, high = value.low, value.high
    assert (low[0, 0], high[0, 0]) == pytest.approx((120, 120))


def test_ranking_by_unit_margin_would_lose_money() -> None:
    """Q first: 50 × 0.5 h = 25 h, 15 h left for 60 P: 3,000 + 2,700 − 6,000 = −300."""
    assert 50 * 60 + (40 - 25) / 0.25 * 45 - 6_000 == -300


def test_degenerate_optimum_gives_a_range() -> None:
    """Capacity is exactly what the market asks for: one more hour is worth nothing, one less loses its margin."""
    problem = margins([100], [45], [1.0], 100)
    exact = replace(problem, centres=Centres(("W",), np.array([[100.001]]), np.array([[0.0]])))
    value = values_of_hours(exact, solve_plan(exact))
    low, high = value.low, value.high
    assert low[0, 0] == pytest.approx(0, abs=1e-6)
    assert high[0, 0] == pytest.approx(45, rel=1e-2)


def test_idle_centre_has_no_price() -> None:
    problem = margins([10], [45], [1.0], 100)
    value = values_of_hours(problem, solve_plan(problem))
    low, high = value.low, value.high
    assert not low.any()
    assert not high.any()
