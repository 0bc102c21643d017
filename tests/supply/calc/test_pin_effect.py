"""What a pin costs: the plan with it against the plan without it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from supply.calc.pin_effect import PinnedEntry, pin_effects
from supply.calc.plan_lp import solve_plan
from supply.calc.problem import PinRows, SupplyProblem
from tests.supply.calc.problems import simple_problem
from tests.supply.calc.test_plan_properties import QUICK, factories, pinned

MONTH_DAYS = 365 / 12


def effect(problem: SupplyProblem, entry: PinnedEntry) -> tuple[float, float]:
    (found,) = pin_effects(problem, solve_plan(problem), [entry])
    return found.cost, found.days


def test_units_made_a_month_too_early_cost_their_holding_and_add_their_cover() -> None:
    """100 a month on 200 hours; 150 pinned to January: 50 units are kept for a month at 1 each.

    They cover half of February's 100: half a month more cover at the end of January.
    """
    problem = simple_problem([[100, 100, 100]], [200, 200, 200])
    pins = PinRows(("make",), np.array([0]), np.array([0]), np.array([150_000]))
    cost, days = effect(replace(problem, pins=pins), PinnedEntry("make", 0, 0, 150.0))
    assert cost == pytest.approx(50 * 1, abs=1e-6)
    assert days == pytest.approx(50 / 100 * MONTH_DAYS)


def test_units_pinned_away_cost_the_margin_of_what_is_short() -> None:
    """Nothing may be made in January: 100 are lost at 100 each instead of made at 10."""
    problem = simple_problem([[100, 0]], [200, 200])
    pins = PinRows(("make",), np.array([0]), np.array([0]), np.array([0]))
    assert effect(replace(problem, pins=pins), PinnedEntry("make", 0, 0, 0.0))[0] == pytest.approx(100 * (100 - 10))


def test_an_extra_shift_saves_the_margin_of_what_it_makes_less_its_premium() -> None:
    """150 asked, 100 hours, 30 more in overtime at 6: 30 units at 100 are not lost but made at 10 + 6."""
    problem = simple_problem([[150]], [100])
    problem = replace(problem, centres=replace(problem.centres, overtime_limit=np.array([[30.0]])))
    assert effect(problem, PinnedEntry("extra_shift", 0, 0, 30.0))[0] == pytest.approx(-30 * (100 - 10 - 6))


def test_subcontracted_units_cost_what_is_paid_for_them_less_what_they_save() -> None:
    """150 asked, 100 hours, 20 come from outside at 40: 20 units at 100 are not lost."""
    problem = replace(simple_problem([[150]], [100]), receipts=np.array([[20_000]]))
    assert effect(problem, PinnedEntry("subcontract", 0, 0, 20.0, 40.0))[0] == pytest.approx(20 * 40 - 20 * 100)


@QUICK
@given(factories())
def test_a_pin_costs_the_difference_of_two_plans_and_leaves_the_solver_where_it_was(problem: SupplyProblem) -> None:
    wide = replace(problem, centres=replace(problem.centres, overtime_limit=problem.centres.overtime_limit + 1e4))
    fixed = pinned(wide, 7, 1)
    solved = solve_plan(fixed)
    ((first), (again)) = pin_effects(fixed, solved, [PinnedEntry("make", 0, 1, 7.0)] * 2)
    expected = solved.plan.cost - solve_plan(wide).plan.cost
    assert first.cost == pytest.approx(expected, rel=1e-6, abs=1e-4) == pytest.approx(again.cost, rel=1e-6, abs=1e-4)
    assert first.cost >= -1e-4
