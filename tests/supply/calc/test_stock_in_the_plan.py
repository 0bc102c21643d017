"""Stock in the programme: days of supply, shelf life, room at a site, frozen months; by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from supply.calc.cost_report import cost_lines, safety_constant
from supply.calc.cover_target import Cover, cover_targets
from supply.calc.parts.shelf_life import LATER, ShelfLife, expiry_cost
from supply.calc.parts.storage import Storage
from supply.calc.plan_lp import InfeasiblePlanError, solve_plan
from supply.calc.problem import Choices, PinRows, SupplyProblem
from supply.calc.requirement import safety_targets
from tests.supply.calc.problems import changed_nodes, simple_problem


def with_choice(problem: SupplyProblem, **choices: object) -> SupplyProblem:
    return replace(problem, choices=replace(problem.choices, **choices))


def checked(problem: SupplyProblem) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Cost lines and the first item's quantities; the lines must add to the objective."""
    plan = solve_plan(problem).plan
    lines = cost_lines(problem, plan)
    assert sum(lines.values()) == pytest.approx(plan.cost + safety_constant(problem))
    rows = {name: [round(float(value), 6) for value in block[0]] for name, block in plan.quantity.items() if len(block)}
    return lines, {**rows, "stock": [round(float(value), 6) for value in plan.inventory[0]]}


def test_days_of_supply_are_the_demand_that_comes_the_month_they_end_in_counts_in_part() -> None:
    """45 days of 30-day months after month 1: all of month 2 and half of month 3; after the last one it repeats."""
    cover = Cover(np.array([45.0, np.nan]), np.array([30.0, 30.0, 30.0]))
    asked = np.array([[10.0, 20.0, 40.0], [10.0, 20.0, 40.0]])
    assert cover_targets(asked, cover).tolist() == [[20 + 40 / 2, 40 + 40 / 2, 40 + 40 / 2], [0, 0, 0]]


def test_the_plan_keeps_the_days_and_pays_for_what_is_missing() -> None:
    """10, 20, 40 asked for, 30 days wanted of it: 20, 40, 40 kept; it costs 1 to keep and 3 to miss.

    30 made in month 1 leave 20, 35 in month 2 leave 20 + 35 − 20 = 35 of 40. In month 3 a unit kept would cost 10 + 1
    against the 3 that it misses: 5 are made, nothing is left of 40.
    """
    cover = Cover(np.array([30.0]), np.full(3, 30.0))
    problem = with_choice(simple_problem([[10, 20, 40]], [30, 35, 35]), cover=cover)
    lines, plan = checked(problem)
    assert (safety_targets(problem) / 1000).tolist() == [[20, 40, 40]]
    assert plan["stock"] == pytest.approx([20, 35, 0], abs=0.1)
    assert lines["below_safety"] == pytest.approx(3 * (20 + 40 + 40 - sum(plan["stock"])))
    assert safety_targets(changed_nodes(problem, safety=np.array([25_000]))).tolist() == [[25_000, 40_000, 40_000]]


def test_opening_stock_expires_when_it_is_too_old_and_not_before() -> None:
    """50 at the opening, 10 a month, two month ends of life: 10 + 10 + 10 are used, 20 expire in month 3, and month 4 is
    made anew. A unit costs its standard of 10 and its holding of months 3 and 4."""
    life = ShelfLife(np.array([2]), np.array([[50.0]]), expiry_cost(np.full((1, 4), 10.0), np.ones((1, 4))))
    problem = changed_nodes(simple_problem([[10, 10, 10, 10]], [99] * 4), opening=np.array([50_000]))
    lines, plan = checked(with_choice(problem, shelf_life=life))
    assert plan["expired"] == [0, 0, 20, 0]
    assert (plan["stock"], plan["make"]) == ([40, 30, 0, 0], [0, 0, 0, 10])
    assert lines["expired"] == pytest.approx(20 * (10 * (1 + LATER * 2) + 1 + 1))
    older = replace(life, lots=np.array([[0.0, 30.0, 20.0]]))
    assert checked(with_choice(problem, shelf_life=older))[1]["expired"] == [20 - 10, 30 - 10, 0, 0]


def test_nothing_is_built_ahead_further_than_it_keeps() -> None:
    """100 asked for in month 4 and 40 hours a month: without a limit 60 are built ahead in months 2 and 3; what keeps for
    one month end can only be built in month 3."""
    problem = simple_problem([[0, 0, 0, 100]], [40] * 4)
    free, bound = checked(problem)[1], checked(with_choice(problem, shelf_life=_keeps(1, 4)))[1]
    assert sum(free["short"]) == pytest.approx(0, abs=0.1) and free["make"][1] > 0
    assert bound["make"][:2] == [0, 0] and bound["expired"] == [0] * 4
    assert bound["short"][3] == pytest.approx(100 - 40 - 40, abs=0.1)


def _keeps(months: int, horizon: int) -> ShelfLife:
    return ShelfLife(
        np.array([months]), np.zeros((1, 1)), expiry_cost(np.full((1, horizon), 10.0), np.ones((1, horizon)))
    )


def test_room_costs_outside_and_is_named_where_there_is_none() -> None:
    """50 built ahead for month 2 at half a pallet each need 25 places; 10 are there: 15 outside at 2 each."""
    problem = simple_problem([[0, 100]], [50, 50])
    room = Storage(("MAIN",), np.array([0]), np.array([0.5]), np.full((1, 2), 10.0), np.array([2.0]))
    lines, plan = checked(with_choice(problem, storage=room))
    kept = plan["stock"][0]
    assert kept == pytest.approx(50, abs=0.6)
    assert plan["outside"] == [pytest.approx(0.5 * kept - 10), 0]
    assert lines["outside_storage"] == pytest.approx(2 * (0.5 * kept - 10))
    hard = replace(room, outside_cost=np.array([np.inf]))
    assert checked(with_choice(problem, storage=hard))[1]["stock"][0] == pytest.approx(10 / 0.5)
    full = changed_nodes(problem, opening=np.array([150_000]))
    with pytest.raises(InfeasiblePlanError, match="storage of MAIN in 2014-01"):
        solve_plan(with_choice(full, storage=hard))


def test_what_nobody_asks_for_takes_room_too() -> None:
    """B is not asked for and stands there with 6 units in 8 places: A has 2 left."""
    problem = changed_nodes(simple_problem([[0, 100], [0, 0]], [50, 50]), opening=np.array([0, 6_000]))
    room = Storage(("MAIN",), np.zeros(2, np.int64), np.ones(2), np.full((1, 2), 8.0), np.array([np.inf]))
    assert checked(with_choice(problem, storage=room))[1]["stock"][0] == pytest.approx(8 - 6)


def _frozen(units: list[float]) -> PinRows:
    count = len(units)
    return PinRows(
        ("make",) * count,
        np.zeros(count, np.int64),
        np.arange(count),
        np.array([round(unit * 1000) for unit in units], np.int64),
    )


def test_frozen_months_make_what_was_approved_and_a_pin_stands_above() -> None:
    """40 approved in each of two months though 10 are asked for; a pin of 15 replaces the second."""
    problem = with_choice(simple_problem([[10, 10, 10]], [50, 50, 50]), frozen=_frozen([40, 40]))
    assert checked(problem)[1]["make"] == [40, 40, 0]
    pin = PinRows(("make",), np.array([0]), np.array([1]), np.array([15_000]))
    assert checked(replace(problem, pins=pin))[1]["make"] == [40, 15, 0]


def test_a_frozen_quantity_that_is_impossible_is_named_with_the_most_that_can_be() -> None:
    problem = with_choice(simple_problem([[10, 10]], [50, 30]), frozen=_frozen([40, 40]))
    with pytest.raises(InfeasiblePlanError) as caught:
        solve_plan(problem)
    assert "hours of W in 2014-02" in caught.value.rows
    named = "frozen production of A in 2014-02 (40 approved): at most "
    assert any(row.startswith(named) for row in caught.value.rows)
    assert not any("A in 2014-01 (" in row for row in caught.value.rows), "January can be kept"


def test_what_was_approved_and_has_no_way_any_more_is_refused_by_name() -> None:
    problem = with_choice(simple_problem([[10, 10]], [50, 50]), frozen=_frozen([5]))
    with pytest.raises(InfeasiblePlanError, match=r"A in 2014-01 \(5 approved\): there is no way any more"):
        solve_plan(changed_nodes(problem, can_make=np.array([False])))


def test_what_was_approved_into_the_hours_kept_for_rounding_can_be_kept() -> None:
    """50 hours less the reserve of one planning step; 50 made were approved."""
    problem = simple_problem([[60, 60]], [50, 50])
    assert checked(problem)[1]["make"][0] < 50
    assert checked(with_choice(problem, frozen=_frozen([50])))[1]["make"][0] == 50
    assert Choices().frozen is None
