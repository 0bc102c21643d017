"""Checks before solving: what is found from the inputs alone, each with the hours, units and revenue it holds up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from supply.calc.explosion import BomLines
from supply.calc.netting import contained_in, netted_requirement
from supply.calc.parts.subcontract import Subcontract
from supply.calc.plan_checks import CheckKind, KnownNodes, Obstacle, beyond, check_plan
from supply.calc.problem import PinRows, SupplyProblem
from tests.supply.calc.problems import changed_nodes, simple_problem
from tests.supply.calc.test_alternatives import two_ways

PRICE = 100.0


def found(problem: SupplyProblem, *, known: bool = True) -> dict[CheckKind, Obstacle]:
    """The first obstacle of each kind; everything is on file, or nothing."""
    flags = np.full(len(problem.nodes.labels), known)
    checks = check_plan(problem, KnownNodes(flags, flags, flags), np.full(problem.groups.quantity.shape, PRICE))
    return {row.kind: row for row in reversed(checks.obstacles)}


def with_component(problem: SupplyProblem, *, valid: list[bool]) -> SupplyProblem:
    """One A takes two B, which is bought."""
    lines = BomLines(np.array([0]), np.array([1]), np.array([2.0]), np.array([valid]))
    bought = changed_nodes(problem, can_make=np.array([True, False]), can_buy=np.array([False, True]))
    return replace(
        bought, bom=lines, routing=replace(problem.routing, node=np.array([0]), centre=np.array([0]), hours=np.ones(1))
    )


def test_stock_is_netted_at_every_level() -> None:
    """50 A a month, 80 of A and 30 of B on hand, two B in an A: A nets to 0 and 20, B to 2 · 20 − 30 = 10."""
    problem = with_component(simple_problem([[50, 50], [0, 0]], [100, 100]), valid=[True, True])
    netted = netted_requirement(changed_nodes(problem, opening=np.array([80_000, 30_000])))
    assert netted.net.tolist() == [[0, 20], [0, 2 * 20 - 30]]
    assert netted.gross.tolist() == [[50, 50], [0, 2 * 20]]


def test_what_is_not_stocked_nets_month_by_month() -> None:
    problem = changed_nodes(simple_problem([[5, 5]], [100, 100]), stocked=np.array([False]))
    given = replace(problem, receipts=np.array([[8_000, 0]]))
    assert netted_requirement(given).net.tolist() == [[0, 5]]


def test_surplus_of_a_month_serves_later_ones_only() -> None:
    months, certain = beyond(np.array([[60.0, 130, 120]]), np.array([[100.0, 100, 100]]))
    assert months.tolist() == [[0, 30, 20]]
    assert certain.tolist() == [[0, 0, 60 + 130 + 120 - 300]]
    assert beyond(np.array([[130.0, 60]]), np.array([[100.0, 100]]))[1].tolist() == [[30, 0]]


def test_hours_that_no_plan_has_and_hours_to_build_ahead_of() -> None:
    """100 hours and 25 in overtime: 160 asked in the second month are 35 too many, the first month has them."""
    ahead = found(simple_problem([[50, 160]], [100, 100], overtime=0.25))[CheckKind.HOURS_AHEAD]
    assert (ahead.subject, ahead.first, ahead.last, ahead.quantity) == (0, 1, 1, 160 - 125)
    assert ahead.revenue == pytest.approx(160 * PRICE * 35 / 160)
    lost = found(simple_problem([[160, 50]], [100, 100], overtime=0.25))
    assert lost[CheckKind.HOURS].quantity == 160 - 125 and CheckKind.HOURS_AHEAD not in lost
    assert set(found(simple_problem([[50, 60]], [100, 100]))) == {CheckKind.NO_BOM}


def test_what_may_go_another_way_is_no_loss_for_certain() -> None:
    """100 A are asked where 60 hours are: 40 are lost, unless another work centre or a subcontractor may make some."""
    alone = simple_problem([[100]], [60])
    assert found(alone)[CheckKind.HOURS].quantity == 100 - 60
    given = Subcontract(cost=np.array([[12.0]]), limit=np.array([[5.0]]))
    for free in (two_ways(100), replace(alone, choices=replace(alone.choices, subcontract=given))):
        rows = found(free)
        assert CheckKind.HOURS not in rows and rows[CheckKind.HOURS_AHEAD].quantity == 100 - 60


def test_pins_above_the_hours_are_named_before_the_solver_refuses_them() -> None:
    pins = PinRows(("make",), np.array([0]), np.array([1]), np.array([140_000]))
    pinned = found(replace(simple_problem([[50, 50]], [100, 100], overtime=0.25), pins=pins))[CheckKind.PINNED_HOURS]
    assert (pinned.first, pinned.quantity) == (1, 140 - 125)


def test_supplier_lead_time_and_material() -> None:
    """50 A need 100 B: 70 a month are delivered, none before the second month. An A waits for 30 of 100 B."""
    problem = with_component(simple_problem([[50, 50], [0, 0]], [100, 100]), valid=[True, True])
    short = changed_nodes(problem, buy_limit=np.array([np.inf, 70.0]), buy_from=np.array([0, 1]))
    rows = found(short)
    assert rows[CheckKind.SUPPLIER].quantity == (100 - 70) * 2 and rows[CheckKind.SUPPLIER].subject == 1
    assert rows[CheckKind.SUPPLIER].revenue == pytest.approx(2 * 50 * PRICE * 30 / 100)
    assert (rows[CheckKind.LEAD_TIME].quantity, rows[CheckKind.LEAD_TIME].last) == (100, 0)
    ordered = replace(short, ordered=np.array([[0, 0], [100_000, 0]]))
    assert CheckKind.LEAD_TIME not in found(ordered)


def test_what_is_not_on_file_is_found_with_the_revenue_that_waits_for_it() -> None:
    """The line of B ends after the first month: 50 A are then made from nothing. Nothing is known of B and A."""
    problem = with_component(simple_problem([[50, 50], [0, 0]], [100, 100]), valid=[True, False])
    rows = found(problem, known=False)
    assert (rows[CheckKind.BOM_ENDED].first, rows[CheckKind.BOM_ENDED].quantity) == (1, 50)
    assert rows[CheckKind.NO_SUPPLIER].quantity == 2 * 50
    assert rows[CheckKind.NO_SUPPLIER].revenue == pytest.approx(50 * PRICE), "all of the first month's A"
    assert {CheckKind.NO_LEAD_TIME, CheckKind.NO_COST} <= set(rows)
    bare = replace(
        problem,
        routing=replace(problem.routing, node=np.zeros(0, np.int64), centre=np.zeros(0, np.int64), hours=np.zeros(0)),
    )
    assert found(bare)[CheckKind.NO_ROUTING].quantity == 100
    nowhere = changed_nodes(problem, can_make=np.array([False, False]))
    assert found(nowhere)[CheckKind.NO_SOURCE].subject == 0


def test_units_without_a_price_are_counted_and_in_no_revenue() -> None:
    problem = simple_problem([[160]], [100])
    flags = np.ones(1, bool)
    row = check_plan(problem, KnownNodes(flags, flags, flags), np.zeros((1, 1))).obstacles[0]
    assert (row.revenue, row.unpriced) == (0, pytest.approx(60))


def test_a_node_is_contained_in_what_it_goes_into_at_any_level() -> None:
    """C goes into B, B into A; D nowhere."""
    lines = BomLines(np.array([1, 0]), np.array([2, 1]), np.ones(2), np.ones((2, 1), bool))
    reach = contained_in(lines, ("A", "B", "C", "D"))
    assert reach[2].tolist() == [True, True, True, False] and reach[3].tolist() == [False, False, False, True]
