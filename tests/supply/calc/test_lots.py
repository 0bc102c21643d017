"""Lots, order minimums and whole people: in whole numbers within gap and time, else purchases rounded up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from supply.calc.cost_report import cost_lines
from supply.calc.explosion import BomLines
from supply.calc.lots import LotState, LotTerms, in_whole_numbers, rounded_up, solve_in_lots
from supply.calc.lp_solver import SolvingStopped
from supply.calc.parts.people import People
from supply.calc.plan_lp import solve_plan
from supply.calc.problem import PinRows, SupplyProblem
from supply.calc.published_plan import published_plan
from supply.calc.whole_plan import whole_plan
from tests.supply.calc.problems import changed_nodes, simple_problem


def terms(made: list[float], least: list[float], *, is_solved: bool = True, seconds: float = 30.0) -> LotTerms:
    return LotTerms(np.array(made), np.array(least), is_solved, 0.0, seconds)


def bought(demand: list[float], **nodes: object) -> SupplyProblem:
    """One bought item; a unit costs 10, a unit on stock 1 a month."""
    problem = simple_problem([demand], [0.0] * len(demand))
    return changed_nodes(problem, can_make=np.array([False]), can_buy=np.array([True]), **nodes)


def test_an_order_is_nothing_or_its_minimum() -> None:
    """30 a month for four months, at least 100 an order, and nothing is worth being short: one order of 120 costs
    90 + 60 + 30 on stock, two of 100 more than one; not buying loses 100 a unit."""
    solved, outcome = solve_in_lots(bought([30, 30, 30, 30]), terms([0], [100]))
    assert solved is not None and outcome.state is LotState.SOLVED
    assert solved.plan.buy.tolist() == [[120, 0, 0, 0]]
    assert solved.plan.cost == pytest.approx(120 * 10 + 90 + 60 + 30)


def test_production_is_in_multiples_of_its_lot_and_the_report_is_the_objective() -> None:
    """25 and 35 in lots of 20: 40 and 20, 15 kept over; in the first month 20 would lose 5 at 100."""
    problem = simple_problem([[25, 35]], [100, 100])
    solved, _ = solve_in_lots(problem, terms([20], [0]))
    assert solved is not None and solved.plan.make.tolist() == [[40, 20]]
    assert sum(cost_lines(problem, solved.plan).values()) == pytest.approx(solved.plan.cost) == 60 * 10 + 15
    whole = whole_plan(problem, solved.plan)
    assert whole.made.tolist() == [[40_000, 20_000]] and (whole.made % 20_000 == 0).all()


def test_a_pin_stands_above_its_lot() -> None:
    pins = PinRows(("make",), np.array([0]), np.array([0]), np.array([33_000]))
    solved, _ = solve_in_lots(replace(simple_problem([[25, 35]], [100, 100]), pins=pins), terms([20], [0]))
    assert solved is not None and solved.plan.make[0].tolist() == pytest.approx([33, 40])


def test_components_follow_the_lots_of_their_parents_and_keep_their_own_minimum() -> None:
    """10 A in lots of 8 take 16 B; an order of B is at least 50."""
    problem = changed_nodes(
        simple_problem([[10], [0]], [100]), can_make=np.array([True, False]), can_buy=np.array([False, True])
    )
    lines = BomLines(np.array([0]), np.array([1]), np.array([1.0]), np.ones((1, 1), bool))
    problem = replace(problem, bom=lines)
    result = published_plan(problem, lots=terms([8, 0], [0, 50]))
    assert (result.whole.made[0, 0], result.whole.buy[1, 0]) == (16_000, 50_000)
    assert result.lots is not None and (result.lots.state, result.lots.gap) == (LotState.SOLVED, 0)


def test_people_are_whole_in_whole_numbers() -> None:
    """25 hours by heads of 10 at 1 each: two and a half, or three."""
    ones = np.ones((1, 1))
    none = np.zeros((1, 1))
    people = People(("W",), np.array([0]), np.zeros(1), 10 * ones, none, ones, none, none, none, np.inf * ones)
    problem = simple_problem([[25]], [0])
    problem = replace(problem, choices=replace(problem.choices, people=people))
    assert solve_plan(problem).plan.people[0, 0] == pytest.approx(2.5)
    solved, _ = solve_in_lots(problem, terms([0], [0]))
    assert solved is not None and solved.plan.people[0, 0] == pytest.approx(3)


def test_rounding_up_buys_the_minimum_and_then_less() -> None:
    """30 a month, at least 50: 50, 0 would leave 10 short, so 50 again, 10 are left of 100, 30, 10 …: 50, 50, 0, 50."""
    problem = bought([30, 30, 30, 30])
    whole, left = rounded_up(problem, terms([0], [50], is_solved=False), whole_plan(problem, solve_plan(problem).plan))
    assert whole.buy.tolist() == [[50_000, 50_000, 0, 50_000]]
    assert whole.inventory.tolist() == [[20_000, 40_000, 10_000, 30_000]]
    assert left == pytest.approx(30 * 10), "30 units at 10 stay at the end"


def test_rounding_leaves_what_is_pinned_and_what_suppliers_cannot_deliver() -> None:
    problem = bought([30, 30], buy_limit=np.array([40.0]))
    plan = whole_plan(problem, solve_plan(problem).plan)
    assert rounded_up(problem, terms([0], [50]), plan)[0].buy.tolist() == plan.buy.tolist()
    pins = PinRows(("buy",), np.array([0]), np.array([0]), np.array([30_000]))
    free = replace(bought([30, 30]), pins=pins)
    assert rounded_up(free, terms([0], [50]), plan)[0].buy.tolist() == [[30_000, 50_000]]


def test_without_a_plan_in_time_purchases_are_rounded_and_that_is_said() -> None:
    result = published_plan(bought([30, 30, 30, 30]), lots=terms([0], [50], seconds=0.0))
    assert result.lots is not None and result.lots.state in (LotState.NOT_FOUND, LotState.TIME_LIMIT)
    assert (result.whole.buy[0] % 10 == 0).all() and result.whole.buy[0][result.whole.buy[0] > 0].min() >= 50_000


def test_whole_numbers_cost_at_least_the_fractional_plan_and_never_more_without_terms() -> None:
    problem = simple_problem([[25, 35], [10, 70]], [60, 60], overtime=0.5)
    free = solve_plan(problem).plan.cost
    without, _ = solve_in_lots(problem, terms([0, 0], [0, 0]))
    lots, _ = solve_in_lots(problem, terms([20, 15], [0, 0]))
    assert without is not None and lots is not None
    assert without.plan.cost == pytest.approx(free) and lots.plan.cost >= free - 1e-6
    assert in_whole_numbers(problem, terms([0, 0], [0, 0])).choices == problem.choices


def test_it_can_be_stopped() -> None:
    rng = np.random.default_rng(7)
    demand = rng.integers(5, 90, (8, 12)).astype(float).tolist()
    problem = simple_problem(demand, [250.0] * 12, overtime=0.1)
    with pytest.raises(SolvingStopped):
        solve_in_lots(problem, terms([37.0] * 8, [0.0] * 8, seconds=60), is_stopped=lambda: True)
