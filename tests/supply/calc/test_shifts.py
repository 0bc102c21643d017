"""Extra shifts as a second tier of hours: by hand, through the form, in whole units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from supply.calc.cost_report import cost_lines
from supply.calc.outside.answer import answer
from supply.calc.overtime_split import overtime_premium_cents, overtime_units
from supply.calc.parts.shifts import Shifts
from supply.calc.plan_lp import solve_plan
from supply.calc.problem import SupplyProblem
from supply.calc.whole_plan import whole_plan
from tests.supply.calc.problems import simple_problem

FORM = {
    "periods": ["Week"],
    "resources": [
        {"name": "Saw", "hours": 60, "rate": 10, "overtime_limit": 15, "overtime_rate": 15,
         "shift_limit": 40, "shift_rate": 22}
    ],
    "items": [{"name": "A", "demand": 100, "hours": 1}],
}  # fmt: skip


def with_shifts(limit: float) -> SupplyProblem:
    """100 of one hour each on 60 hours, 15 of overtime at 6 more, and extra shifts at 12 more."""
    problem = simple_problem([[100]], [60], overtime=0.25)
    shifts = Shifts(np.array([[limit]]), np.array([[12.0]]))
    return replace(problem, choices=replace(problem.choices, shifts=shifts))


def test_extra_shifts_come_after_overtime_and_set_the_price_of_an_hour() -> None:
    problem = with_shifts(40)
    plan = solve_plan(problem).plan
    kept_free = 0.01  # one step of 0.01 units
    assert plan.overtime[0, 0] == pytest.approx(15)
    assert plan.quantity["shift"][0, 0] == pytest.approx(100 - 60 - 15 + kept_free)
    assert plan.price[0, 0] == pytest.approx(12)
    lines = cost_lines(problem, plan)
    assert lines["extra_shifts"] == pytest.approx((25 + kept_free) * 12)
    assert sum(lines.values()) == pytest.approx(plan.cost)


def test_whole_hours_split_into_overtime_and_extra_shifts() -> None:
    problem = with_shifts(10)
    whole = whole_plan(problem, solve_plan(problem).plan)
    assert whole.load[0, 0] == pytest.approx(60 + 15 + 10, abs=0.011)
    assert whole.overtime[0, 0] + whole.shift[0, 0] == pytest.approx(whole.load[0, 0] - 60)
    assert whole.shift[0, 0] <= 10 and whole.overtime[0, 0] <= 15
    assert overtime_units(problem, whole)[0, 0] == pytest.approx(whole.made[0, 0] - 60_000, abs=10)
    assert overtime_premium_cents(problem, whole)[0, 0] == round(
        (whole.overtime[0, 0] * 6 + whole.shift[0, 0] * 12) * 100
    )


def test_the_form_has_extra_shifts() -> None:
    told = answer(FORM)
    (saw,) = told["resources"]
    assert (saw["overtime"], saw["shift"]) == ([15], [25])
    assert told["cost_lines"]["extra_shifts"] == 25 * (22 - 10)
    assert told["cost"] == 60 * 10 + 15 * 15 + 25 * 22
    assert saw["hour_value"][0]["one_more"] == 22 - 10
