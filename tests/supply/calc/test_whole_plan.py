"""Rounding to planning steps: exact balances, nothing negative, limits kept, running totals conserved."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.calc.explosion import BomLines
from supply.calc.overtime_split import overtime_premium_cents, overtime_units, unit_premium_cents
from supply.calc.plan_lp import solve_plan
from supply.calc.whole_plan import UnbalancedPlanError, check_whole_plan, round_down_running, whole_plan
from tests.supply.calc.problems import changed_nodes, simple_problem

UNITS = st.integers(0, 20_000).map(lambda number: number / 100)


def test_running_totals_are_rounded_down_not_the_months() -> None:
    """Thirds of a unit: 0.33, 0.67 and 1.00 after three months, nothing is lost."""
    assert round_down_running(np.full((1, 3), 1 / 3), np.array([10])).tolist() == [[330, 330, 340]]


def test_sparse_series_keeps_its_sum() -> None:
    assert round_down_running(np.full((1, 12), 0.25), np.array([1000])).sum() == 3_000


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(UNITS, UNITS), min_size=1, max_size=5),
    st.floats(10, 300),
    st.sampled_from([1.0, 2.0, 0.3, 1.25]),
    st.sampled_from([1, 10, 1000]),
)
def test_every_plan_balances(demand: list[tuple[float, float]], hours: float, quantity: float, quantum: int) -> None:
    """A and B are sold; one A consumes ``quantity`` B; whole quanta, exact stock, hours within the limit."""
    months = len(demand)
    problem = simple_problem(
        [[pair[0] for pair in demand], [pair[1] for pair in demand]], [hours] * months, overtime=0.2
    )
    lines = BomLines(np.array([0]), np.array([1]), np.array([quantity]), np.ones((1, months), bool))
    problem = changed_nodes(replace(problem, bom=lines), quantum=np.array([quantum, quantum]))
    plan = whole_plan(problem, solve_plan(problem).plan)
    check_whole_plan(problem, plan)
    assert np.array_equal(plan.ship + plan.short, problem.groups.quantity)
    assert (plan.short >= 0).all()
    assert (plan.made % quantum == 0).all()
    assert plan.consumed[1].sum() == int(round(quantity * 10_000)) * plan.made[0].sum() // 10_000


def test_broken_balance_is_named() -> None:
    problem = simple_problem([[10, 10]], [100, 100])
    plan = whole_plan(problem, solve_plan(problem).plan)
    stolen = plan.inventory.copy()
    stolen[0, 1] += 1
    with pytest.raises(UnbalancedPlanError, match="A does not balance in 2014-02"):
        check_whole_plan(problem, replace(plan, inventory=stolen))


def test_overtime_units_and_premium() -> None:
    """110, 120, 100 made on 100 regular hours: 10, 20, 0 in overtime; at 8 an hour 80, 160, 0 (FORMULAS §3)."""
    problem = simple_problem([[110, 120, 100]], [100, 100, 100], overtime=0.25)
    problem = replace(
        problem, costs=replace(problem.costs, overtime=np.full((1, 3), 8.0), holding=np.full((1, 3), 50.0))
    )
    plan = whole_plan(problem, solve_plan(problem).plan)
    assert overtime_units(problem, plan).tolist() == [[10_000, 20_000, 0]]
    assert overtime_premium_cents(problem, plan).tolist() == [[80_00, 160_00, 0]]


def test_premium_of_items_adds_up_to_the_work_centre() -> None:
    problem = simple_problem([[37.31], [41.17], [53.91]], [100], overtime=0.5)
    plan = whole_plan(problem, solve_plan(problem).plan)
    total = round(float(plan.overtime.sum()) * 6 * 100)
    assert overtime_premium_cents(problem, plan).sum() == total


def test_unit_premium_rounds_once_per_cell() -> None:
    assert unit_premium_cents(np.array([[1_500, 333]]), np.array([[2.005, 1.0]])).tolist() == [[301, 33]]
