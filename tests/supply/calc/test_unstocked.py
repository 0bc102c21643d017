"""What cannot be stocked: hours of people are delivered in their month, unused ones are lost."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.calc.explosion import BomLines
from supply.calc.hour_value import values_of_hours
from supply.calc.plan_lp import InfeasiblePlanError, solve_plan
from supply.calc.problem import PinRows, SupplyProblem
from supply.calc.whole_plan import UnbalancedPlanError, check_whole_plan, whole_plan
from tests.supply.calc.problems import changed_nodes, simple_problem

HOURS = st.integers(0, 20_000).map(lambda number: number / 100)


def unstocked(problem: SupplyProblem, *items: bool) -> SupplyProblem:
    flags = np.array(items or (False,) * len(problem.nodes.labels))
    return changed_nodes(problem, stocked=flags)


def pinned(problem: SupplyProblem, month: int, units: float) -> SupplyProblem:
    pin = PinRows(("make",), np.array([0]), np.array([month]), np.array([round(units * 1000)]))
    return replace(problem, pins=pin)


def test_hours_that_nobody_asks_for_are_lost() -> None:
    """40, 160 on 110 hours a month (one step is kept for rounding): goods build ahead, a service declines."""
    goods = simple_problem([[40, 160]], [110, 110])
    plan = whole_plan(goods, solve_plan(goods).plan)
    assert plan.short.sum() == 0 and plan.inventory[0, 0] == 160_000 - 109_990
    service = whole_plan(unstocked(goods), solve_plan(unstocked(goods)).plan)
    assert service.made.tolist() == [[40_000, 109_990]]
    assert service.short.tolist() == [[0, 160_000 - 109_990]] and not service.inventory.any()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(HOURS, HOURS), min_size=1, max_size=5),
    st.floats(10, 300),
    st.sampled_from([1.0, 0.3, 1.25]),
    st.sampled_from([1, 10, 1000]),
)
def test_nothing_is_ever_kept(demand: list[tuple[float, float]], hours: float, quantity: float, quantum: int) -> None:
    """A takes ``quantity`` B (an assistant's hours): both are delivered month by month, exactly."""
    months = len(demand)
    asked = [[pair[place] // (quantum / 1000) * (quantum / 1000) for pair in demand] for place in (0, 1)]
    problem = simple_problem(asked, [hours] * months, overtime=0.2)
    lines = BomLines(np.array([0]), np.array([1]), np.array([quantity]), np.ones((1, months), bool))
    problem = unstocked(changed_nodes(replace(problem, bom=lines), quantum=np.array([quantum, quantum])))
    plan = whole_plan(problem, solve_plan(problem).plan)
    assert not plan.inventory.any()
    assert np.array_equal(plan.made, plan.shipped + plan.consumed)
    assert np.array_equal(plan.ship + plan.short, problem.groups.quantity)


def test_goods_beside_services_keep_their_stock() -> None:
    """A is a service, B goods that share its hours: B is built ahead into the free ones."""
    problem = unstocked(simple_problem([[40, 80], [0, 80]], [110, 110]), False, True)
    plan = whole_plan(problem, solve_plan(problem).plan)
    spare = 110_000 - 20 - 80_000
    assert plan.inventory.tolist() == [[0, 0], [80_000 - spare, 0]] and plan.short.sum() == 0


def test_a_pin_above_the_demand_is_named() -> None:
    problem = pinned(unstocked(simple_problem([[40, 40]], [100, 100])), 1, 50)
    with pytest.raises(InfeasiblePlanError, match="delivery of A in 2014-02"):
        solve_plan(problem)


def test_an_hour_that_pins_need_has_a_price_in_the_range() -> None:
    """All hours but the step for rounding are pinned: with one hour less there is no plan, so the dual bounds the price from above."""
    problem = pinned(unstocked(simple_problem([[100, 100]], [100, 100])), 0, 99.99)
    value = values_of_hours(problem, solve_plan(problem))
    low, high = value.low, value.high
    assert np.isfinite(high).all() and (low <= high).all()


def test_kept_hours_are_refused() -> None:
    problem = simple_problem([[10, 20]], [15, 15])
    plan = whole_plan(problem, solve_plan(problem).plan)
    with pytest.raises(UnbalancedPlanError, match="A is kept though it cannot be stocked in 2014-01"):
        check_whole_plan(unstocked(problem), plan)
