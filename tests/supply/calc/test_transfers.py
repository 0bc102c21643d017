"""Units sent between sites: by hand with a lead, through the form, in whole units, and as a property."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.calc.cost_report import cost_lines, safety_constant
from supply.calc.outside.answer import answer
from supply.calc.outside.fields import ProblemFormError
from supply.calc.parts.transfers import Transfers, net_transfers
from supply.calc.plan_lp import solve_plan
from supply.calc.problem import SupplyProblem
from supply.calc.whole_plan import whole_plan
from tests.supply.calc.problems import simple_problem
from tests.supply.calc.test_plan_properties import MONTHS, QUICK, factories

FORM: dict[str, Any] = {
    "periods": ["Jan", "Feb"],
    "resources": [{"name": "North saw", "hours": 100}, {"name": "South saw", "hours": 20}],
    "items": [
        {"name": "North", "demand": [30, 30], "material": 10, "hours": {"North saw": 1}, "holding": 1},
        {"name": "South", "demand": [20, 60], "material": 10, "hours": {"South saw": 1}, "holding": 1},
    ],
    "transfers": [{"from": "North", "to": "South", "freight": 3, "lead": 1}],
}


def test_what_the_south_cannot_make_leaves_the_north_a_month_before() -> None:
    """South makes 20 a month and needs 60 in February: 40 leave in January, and are in nobody's stock at its end."""
    told = answer(FORM)
    north, south = told["items"]
    assert told["transfers"] == [{"from": "North", "to": "South", "units": [40, 0]}]
    assert north["make"] == [30 + 40, 30] and south["make"] == [20, 20]
    assert north["stock"] == south["stock"] == [0, 0]
    assert told["cost_lines"]["transfers"] == 40 * 3
    assert told["cost"] == (100 + 40) * 10 + 40 * 3
    saw = told["resources"][1]["hour_value"]
    assert [hour["one_more"] for hour in saw] == [3 - 1, 3]  # January's would be kept a month


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ({"from": "North", "to": "East"}, r"transfers\[0\].to: 'East' is no item"),
        ({"from": "North", "to": "North"}, r"transfers\[0\].to: 'North' is where the units come from"),
        ({"from": "North", "to": "South", "lead": 0.5}, r"transfers\[0\].lead: 0.5 is no whole number"),
    ],
)
def test_a_way_that_leads_nowhere_is_refused(way: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemFormError, match=message):
        answer({**FORM, "transfers": [way]})


def test_whole_transfers_keep_every_balance_with_units_under_way() -> None:
    """A asks for 100 in a month with 33 hours: 33.333 of B leave a month before, cheaper (0.5) than keeping A (1)."""
    problem = simple_problem([[0, 100.0], [0, 0]], [66.667, 33.333])
    freight = np.full((1, 2), 0.5)
    ways = Transfers(np.array([1]), np.array([0]), np.array([1]), freight, np.array([[33.333, np.inf]]))
    problem = replace(problem, choices=replace(problem.choices, transfers=ways))
    whole = whole_plan(problem, solve_plan(problem).plan)
    moved = net_transfers(problem, whole.transfer)
    assert whole.transfer[0, 0] > 0 and whole.transfer[0, 0] % 10 == 0
    assert moved[1, 0] == -whole.transfer[0, 0] and moved[0, 1] == whole.transfer[0, 0]
    before = np.concatenate([problem.nodes.opening[:, None], whole.inventory[:, :-1]], axis=1)
    assert (before + whole.made + moved - whole.shipped == whole.inventory).all()
    assert (whole.inventory >= 0).all()


@QUICK
@given(factories(), st.integers(0, MONTHS), st.floats(0, 5))
def test_a_way_between_two_items_never_costs_more_and_the_report_adds_up(
    problem: SupplyProblem, lead: int, freight: float
) -> None:
    """As if the second item were the first at another site."""
    ways = Transfers(
        np.array([0, 1]),
        np.array([1, 0]),
        np.full(2, lead),
        np.full((2, MONTHS), freight),
        np.full((2, MONTHS), np.inf),
    )
    allowed = replace(problem, choices=replace(problem.choices, transfers=ways))
    without, plan = solve_plan(problem).plan, solve_plan(allowed).plan
    assert plan.cost <= without.cost + 1e-7 * abs(without.cost) + 1e-4
    total = sum(cost_lines(allowed, plan).values())
    assert total == pytest.approx(plan.cost + safety_constant(allowed), rel=1e-7, abs=1e-4)
    if lead >= MONTHS:
        assert not plan.quantity["transfer"].any()
