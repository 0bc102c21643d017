"""The constrained plan: timing, overtime, shortages, components, pins, conflicts.

A hundredth of an hour per item and month is kept free for rounding: hence the tolerance of STEP.
"""

from dataclasses import replace

import numpy as np
import pytest

from supply.calc.explosion import BomLines
from supply.calc.plan_lp import InfeasiblePlanError, scope_of, solve_plan
from supply.calc.problem import PinRows
from supply.calc.requirement import safety_targets
from supply.calc.whole_plan import whole_plan
from tests.supply.calc.problems import changed_nodes, simple_problem

STEP = 0.05


def pin(kind: str, month: int, units: float) -> PinRows:
    return PinRows((kind,), np.array([0]), np.array([month]), np.array([int(units * 1000)]))


def test_demand_that_fits_is_made_when_it_is_asked_for() -> None:
    plan = solve_plan(simple_problem([[50, 60, 70]], [100, 100, 100])).plan
    assert np.allclose(plan.make, [[50, 60, 70]])
    assert plan.cost == pytest.approx(180 * 10)


def test_building_ahead_beats_overtime_while_holding_is_cheaper() -> None:
    """20 too many in month 3: 10 fit into month 2 (holding 1), 10 into month 1 (holding 2); overtime costs 6."""
    plan = solve_plan(simple_problem([[50, 90, 120]], [100, 100, 100], overtime=0.5)).plan
    assert np.allclose(plan.make, [[60, 100, 100]], atol=STEP)
    assert plan.cost == pytest.approx(260 * 10 + 10 * 2 + 10 * 1, abs=STEP)


def test_overtime_beats_a_shortage_up_to_its_limit() -> None:
    """150 asked in the first month: 100 regular, 25 overtime at 6, 25 short at 100."""
    plan = solve_plan(simple_problem([[150, 0]], [100, 100], overtime=0.25)).plan
    assert plan.overtime[0].tolist() == pytest.approx([25, 0])
    assert plan.short[0].tolist() == pytest.approx([25, 0], abs=STEP)
    assert plan.cost == pytest.approx(125 * 10 + 25 * 6 + 25 * 100, abs=100 * STEP)


def test_the_dearer_shortage_is_avoided_first() -> None:
    problem = simple_problem([[100], [100]], [100])
    worth = problem.costs.shortage.copy()
    worth[1] = 200
    plan = solve_plan(replace(problem, costs=replace(problem.costs, shortage=worth))).plan
    assert plan.short[:, 0].tolist() == pytest.approx([100, 0], abs=STEP)


def test_made_component_loads_the_work_centre_of_its_parent() -> None:
    """One A needs one B, both an hour: 100 hours make 50 A; without the explosion it would be 100."""
    problem = simple_problem([[100], [0]], [100])
    lines = BomLines(np.array([0]), np.array([1]), np.array([1.0]), np.ones((1, 1), bool))
    plan = solve_plan(replace(problem, bom=lines)).plan
    assert plan.make[:, 0].tolist() == pytest.approx([50, 50], abs=STEP)
    assert plan.short[0, 0] == pytest.approx(50, abs=STEP)


def test_stock_is_used_before_anything_is_made() -> None:
    plan = solve_plan(changed_nodes(simple_problem([[50, 60]], [100, 100]), opening=np.array([80_000]))).plan
    assert plan.make[0].tolist() == pytest.approx([0, 30])


def test_safety_stock_is_kept_while_the_penalty_pays() -> None:
    problem = changed_nodes(simple_problem([[10, 10, 10]], [100] * 3), safety=np.array([5_000]))
    penalty = np.full((1, 3), 20.0)
    plan = solve_plan(replace(problem, costs=replace(problem.costs, safety_penalty=penalty))).plan
    assert (plan.inventory >= 5 - 1e-6).all()


def test_safety_stock_is_not_kept_beyond_the_last_requirement() -> None:
    """A is asked for until month 2 of 8, B throughout: A needs safety stock in month 1 only."""
    problem = simple_problem([[10, 10, 0, 0, 0, 0, 0, 0], [1] * 8], [100] * 8)
    targets = safety_targets(changed_nodes(problem, safety=np.array([5_000, 7_000]), end_stock=np.array([0, 9_000])))
    assert targets[0].tolist() == [5_000] + [0] * 7
    assert targets[1].tolist() == [7_000] * 7 + [9_000]


def test_pin_is_an_equality() -> None:
    problem = replace(simple_problem([[50, 50, 50]], [100] * 3), pins=pin("make", 1, 90))
    plan = solve_plan(problem).plan
    assert plan.make[0, 1] == pytest.approx(90)


def test_conflicting_pin_names_the_work_centre_and_month() -> None:
    problem = replace(simple_problem([[50, 50]], [100, 100], overtime=0.1), pins=pin("make", 1, 200))
    with pytest.raises(InfeasiblePlanError) as refused:
        solve_plan(problem)
    assert refused.value.rows == ("hours of W in 2014-02",)


def test_purchase_inside_the_lead_time_costs_more() -> None:
    bought = changed_nodes(
        simple_problem([[10, 10]], [0, 0]),
        can_make=np.array([False]),
        can_buy=np.array([True]),
        buy_from=np.array([1]),
    )
    plan = solve_plan(bought).plan
    assert (plan.expedite[0].tolist(), plan.buy[0].tolist()) == ([10, 0], [0, 10])
    assert plan.cost == pytest.approx(10 * 12 + 10 * 10)


def test_purchase_that_was_ordered_in_time_needs_no_expediting() -> None:
    """10 asked inside the lead time, 7 on order: 7 at 10 and 3 at 12; a pin of 9 splits the same way."""
    bought = changed_nodes(
        simple_problem([[10, 0]], [0, 0]),
        can_make=np.array([False]),
        can_buy=np.array([True]),
        buy_from=np.array([2]),
    )
    bought = replace(bought, ordered=np.array([[7_000, 0]]))
    plan = solve_plan(bought).plan
    assert (plan.buy[0, 0], plan.expedite[0, 0]) == pytest.approx((7, 3))
    assert whole_plan(bought, plan).expedite.tolist() == [[3_000, 0]]
    pinned = solve_plan(replace(bought, pins=pin("buy", 0, 9))).plan
    assert (pinned.buy[0, 0], pinned.expedite[0, 0]) == pytest.approx((7, 2))


def test_node_without_demand_stays_outside() -> None:
    assert scope_of(simple_problem([[0], [1]], [10])).tolist() == [False, True]


def test_same_problem_gives_the_same_plan() -> None:
    problem = simple_problem([[120, 80, 130], [40, 60, 20]], [150, 150, 150], overtime=0.1)
    first, second = solve_plan(problem).plan, solve_plan(problem).plan
    assert np.array_equal(first.make, second.make)
    assert first.cost == second.cost
