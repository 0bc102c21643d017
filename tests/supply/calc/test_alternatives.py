"""Operations that may go to another work centre: by hand on two centres, through the form, and as properties."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.calc.cost_report import cost_lines
from supply.calc.hour_value import values_of_hours
from supply.calc.outside.answer import answer
from supply.calc.outside.fields import ProblemFormError
from supply.calc.overtime_split import overtime_premium_cents, overtime_units
from supply.calc.parts.alternatives import Alternatives
from supply.calc.plan_lp import solve_plan
from supply.calc.problem import Centres, SupplyProblem
from supply.calc.whole_plan import whole_plan
from tests.supply.calc.problems import simple_problem
from tests.supply.calc.test_plan_properties import CENTRES, factories

QUICK = settings(max_examples=12, deadline=None)


def two_ways(x_hours: float, *, overtime: float = 0.0) -> SupplyProblem:
    """100 of A: 1 hour each on W, which has 60; or 2 hours each on X, at 5 more per unit."""
    problem = simple_problem([[100]], [60])
    regular = np.array([[60.0], [x_hours]])
    ways = Alternatives(
        node=np.array([0]),
        line=np.array([0]),
        line_operation=np.array([0]),
        operation=np.array([0]),
        cost=np.array([[5.0]]),
        way=np.array([0]),
        centre=np.array([1]),
        hours=np.array([2.0]),
    )
    return replace(
        problem,
        centres=Centres(("W", "X"), regular, np.array([[0.0], [overtime]])),
        costs=replace(problem.costs, overtime=np.full((2, 1), 6.0)),
        nodes=replace(problem.nodes, quantum=np.ones(1, np.int64)),
        choices=replace(problem.choices, alternatives=ways),
    )


def test_what_does_not_fit_goes_the_other_way_and_an_hour_is_worth_the_detour() -> None:
    solved = solve_plan(two_ways(100))
    kept_free = 0.002  # hours for rounding: one step of 0.001 units, twice
    there = 100 - (60 - kept_free)
    assert solved.plan.quantity["rerouted"][0, 0] == pytest.approx(there)
    assert solved.plan.cost == pytest.approx(100 * 10 + there * 5)
    assert sum(cost_lines(two_ways(100), solved.plan).values()) == pytest.approx(solved.plan.cost)
    assert solved.plan.price[:, 0] == pytest.approx([5, 0])  # one more hour on W saves one detour; X is not full


def test_an_hour_of_the_other_way_is_worth_what_its_units_earn_there() -> None:
    problem = two_ways(40)
    solved = solve_plan(problem)
    values = values_of_hours(problem, solved)
    assert values.low[:, 0] == pytest.approx([100 - 10, (100 - 10 - 5) / 2])
    assert solved.plan.short[0, 0] == pytest.approx(100 - 60 - 40 / 2, abs=0.01)


def test_whole_units_load_the_centre_they_go_through_and_overtime_falls_where_it_is_worked() -> None:
    problem = two_ways(40, overtime=20)
    whole = whole_plan(problem, solve_plan(problem).plan)
    assert whole.made[0, 0] == pytest.approx(90_000, abs=10)  # 60 on W, (40 + 20) / 2 on X
    assert whole.load[0, 0] == pytest.approx((whole.made[0, 0] - whole.rerouted[0, 0]) / 1000)
    assert whole.load[1, 0] == pytest.approx(2 * whole.rerouted[0, 0] / 1000)
    assert (whole.load <= np.array([[60.0], [60.0]])).all()
    share = whole.overtime[1, 0] / whole.load[1, 0]
    assert overtime_units(problem, whole)[0, 0] == int(whole.rerouted[0, 0] * share + 1e-6)
    assert overtime_premium_cents(problem, whole).sum() == round(whole.overtime[1, 0] * 6 * 100)


FORM: dict[str, Any] = {
    "periods": ["Week"],
    "resources": [{"name": "W", "hours": 60, "rate": 3}, {"name": "X", "hours": 100, "rate": 4}],
    "items": [{"name": "A", "demand": 100, "material": 10, "hours": [{"W": 1}, {"X": 2}]}],
}


def test_the_form_takes_several_ways_to_make_an_item() -> None:
    told = answer(FORM)
    assert told["items"][0]["ways"] == [[60], [40]]
    assert told["cost"] == 100 * 10 + 60 * 1 * 3 + 40 * 2 * 4
    assert told["cost_lines"]["regular_hours"] == 60 * 3 + 80 * 4
    assert [row["hours"] for row in told["resources"]] == [[60], [80]]
    assert told["resources"][0]["hour_value"][0]["one_more"] == 2 * 4 - 1 * 3


def test_a_way_over_an_unknown_resource_is_refused() -> None:
    item = {"name": "A", "demand": 1, "hours": [{"W": 1}, {"Laser": 2}]}
    with pytest.raises(ProblemFormError, match=r"items\[0\].hours\[1\]: 'Laser' is no resource"):
        answer({**FORM, "items": [item]})


def with_ways(problem: SupplyProblem, slower: float, dearer: float) -> SupplyProblem:
    """Every third operation may go to the next work centre."""
    routing = problem.routing
    lines = np.arange(0, len(routing.node), 3)
    count = np.arange(len(lines))
    ways = Alternatives(
        node=routing.node[lines],
        line=lines,
        line_operation=count,
        operation=count,
        cost=np.full((len(lines), problem.months), dearer),
        way=count,
        centre=(routing.centre[lines] + 1) % CENTRES,
        hours=routing.hours[lines] * slower,
    )
    return replace(problem, choices=replace(problem.choices, alternatives=ways))


@QUICK
@given(factories(), st.sampled_from([0.8, 1.0, 1.5]), st.sampled_from([-1.0, 0.0, 2.0]))
def test_another_way_never_costs_more_and_keeps_every_limit(
    problem: SupplyProblem, slower: float, dearer: float
) -> None:
    allowed = with_ways(problem, slower, dearer)
    exact = [
        replace(each, nodes=replace(each.nodes, quantum=np.zeros(len(each.nodes.labels), np.int64)))
        for each in (problem, allowed)
    ]
    without, having = (solve_plan(each).plan.cost for each in exact)
    assert having <= without + 1e-7 * abs(without) + 1e-4
    whole = whole_plan(allowed, solve_plan(allowed).plan)
    ways = allowed.choices.alternatives
    assert ways is not None
    quantum = problem.nodes.quantum[0] / 1000
    steps = np.zeros(CENTRES)
    np.add.at(steps, problem.routing.centre, problem.routing.hours * quantum)
    np.add.at(steps, ways.centre, 2 * ways.hours * quantum)
    limit = problem.centres.regular + problem.centres.overtime_limit
    assert (whole.load <= limit + 4 * steps[:, None] + 1e-3).all()
    assert (whole.rerouted >= 0).all() and (whole.rerouted <= whole.made[ways.node]).all()
