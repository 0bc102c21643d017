"""What holds for every supply plan: balances, limits, conserved sums, the cost report, relaxed limits, greedy netting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.supply_problems import factory
from supply.calc.cost_report import cost_lines, safety_constant
from supply.calc.cover_target import Cover
from supply.calc.greedy import greedy_plan
from supply.calc.hour_value import values_of_hours
from supply.calc.late_delivery import backlog_terms
from supply.calc.lp_solver import keep_basis
from supply.calc.parts.shelf_life import ShelfLife, expiry_cost
from supply.calc.parts.storage import Storage
from supply.calc.plan_lp import solve_plan
from supply.calc.problem import FractionalPlan, PinRows, SupplyProblem
from supply.calc.whole_plan import whole_plan

MONTHS, CENTRES = 6, 3
QUICK = settings(max_examples=12, deadline=None)


@st.composite
def factories(draw: st.DrawFn) -> SupplyProblem:
    """Two-level factories from idle to overloaded, some with planning steps of a hundredth of a unit."""
    problem = factory(
        items=draw(st.integers(10, 24)),
        months=MONTHS,
        centres=CENTRES,
        load=draw(st.sampled_from([0.7, 1.0, 1.4])),
        seed=draw(st.integers(0, 10_000)),
    )
    quantum = np.full(len(problem.nodes.labels), draw(st.sampled_from([10, 1000])))
    return replace(problem, nodes=replace(problem.nodes, quantum=quantum))


def pinned(problem: SupplyProblem, units: int, month: int) -> SupplyProblem:
    """The first item's production of a month fixed."""
    pins = PinRows(("make",), np.array([0]), np.array([month]), np.array([units * 1000]))
    return replace(problem, pins=pins)


def with_hours(problem: SupplyProblem, centre: int, month: int, more: float) -> SupplyProblem:
    regular = problem.centres.regular.copy()
    regular[centre, month] += more
    return replace(problem, centres=replace(problem.centres, regular=regular))


@QUICK
@given(factories())
def test_the_whole_plan_balances_keeps_its_hours_and_allocates_what_there_is(problem: SupplyProblem) -> None:
    plan = whole_plan(problem, solve_plan(problem).plan)
    before = np.concatenate([problem.nodes.opening[:, None], plan.inventory[:, :-1]], axis=1)
    assert (before + plan.made + plan.buy - plan.consumed - plan.shipped == plan.inventory).all()
    assert (plan.inventory >= 0).all()
    steps = np.zeros(CENTRES)
    np.add.at(steps, problem.routing.centre, problem.routing.hours * problem.nodes.quantum[problem.routing.node] / 1000)
    limit = problem.centres.regular + problem.centres.overtime_limit
    assert (plan.load <= limit + 2 * steps[:, None] + 1e-3).all()
    assert (plan.ship + plan.short == problem.groups.quantity).all()
    assert plan.flow.sum() == plan.ship.sum() == plan.shipped.sum()
    assert (plan.made % problem.nodes.quantum[:, None] == 0).all()


@QUICK
@given(factories())
def test_the_cost_report_is_what_the_solver_minimised(problem: SupplyProblem) -> None:
    plan = solve_plan(problem).plan
    lines = cost_lines(problem, plan)
    assert min(lines.values()) >= 0
    assert sum(lines.values()) == pytest.approx(plan.cost + safety_constant(problem), rel=1e-7, abs=1e-4)


@QUICK
@given(factories(), st.integers(0, 20), st.integers(0, MONTHS - 1))
def test_a_pin_is_kept_and_never_gains(problem: SupplyProblem, units: int, month: int) -> None:
    fixed = pinned(problem, units, month)
    roomy = replace(fixed, centres=replace(fixed.centres, overtime_limit=fixed.centres.overtime_limit + 1e4))
    free = replace(roomy, pins=problem.pins)
    kept = solve_plan(roomy)
    assert kept.plan.make[0, month] == pytest.approx(units, abs=1e-6)
    assert kept.plan.cost >= solve_plan(free).plan.cost - 1e-4


@QUICK
@given(factories(), st.integers(0, CENTRES - 1), st.integers(0, MONTHS - 1), st.floats(0.5, 50))
def test_relaxing_a_limit_never_costs(problem: SupplyProblem, centre: int, month: int, more: float) -> None:
    cost = solve_plan(problem).plan.cost
    tolerance = 1e-7 * abs(cost) + 1e-4
    assert solve_plan(with_hours(problem, centre, month, more)).plan.cost <= cost + tolerance
    unlimited = replace(problem.nodes, buy_limit=np.full(len(problem.nodes.labels), np.inf))
    assert solve_plan(replace(problem, nodes=unlimited)).plan.cost <= cost + tolerance


@QUICK
@given(factories())
def test_the_price_of_an_hour_is_the_difference_quotient_inside_its_range(problem: SupplyProblem) -> None:
    """With planning steps so small that the hours kept free for rounding do not grow with the hours."""
    problem = replace(problem, nodes=replace(problem.nodes, quantum=np.ones(len(problem.nodes.labels), np.int64)))
    solved = solve_plan(problem)
    best, dual, regular = solved.plan.cost, solved.plan.price.copy(), problem.centres.regular
    hours = values_of_hours(problem, solved)
    for centre, month in np.argwhere(hours.high > 1e-6)[:4].tolist():
        up = min(hours.most[centre, month] - regular[centre, month], 5.0)
        down = min(regular[centre, month] - hours.least[centre, month], 5.0)
        for step in (up, -down):
            if abs(step) > 1e-3:
                moved = solve_plan(with_hours(problem, centre, month, step)).plan.cost
                assert (best - moved) / step == pytest.approx(dual[centre, month], rel=1e-3, abs=1e-3)
        assert hours.low[centre, month] <= dual[centre, month] + 1e-4
        assert hours.high[centre, month] >= dual[centre, month] - 1e-4


@QUICK
@given(factories())
def test_greedy_netting_costs_at_least_the_programme(problem: SupplyProblem) -> None:
    by_hand = greedy_plan(problem)
    assert (
        sum(cost_lines(problem, by_hand).values()) >= sum(cost_lines(problem, solve_plan(problem).plan).values()) - 1e-4
    )
    made_of = np.zeros(by_hand.make.shape)
    bom = problem.bom
    np.add.at(made_of, bom.component, bom.quantity[:, None] * by_hand.make[bom.parent])
    sent = np.zeros(by_hand.make.shape)
    np.add.at(sent, problem.groups.lane_node, by_hand.flow)
    before = np.concatenate([problem.nodes.opening[:, None] / 1000, by_hand.inventory[:, :-1]], axis=1)
    came = by_hand.make + by_hand.buy + by_hand.expedite
    assert np.allclose(before + came - made_of - sent, by_hand.inventory, atol=1e-6)
    assert (by_hand.inventory >= 0).all() and (by_hand.overtime <= problem.centres.overtime_limit + 1e-6).all()


@settings(max_examples=5, deadline=None)
@given(factories(), st.integers(0, 3), st.floats(5.0, 60.0), st.floats(0.2, 1.0), st.integers(0, 2))
def test_stock_terms_add_up_and_none_of_them_makes_a_plan_cheaper(
    problem: SupplyProblem, keeps: int, days: float, share: float, frozen: int
) -> None:
    """Days of supply, shelf life, room, frozen months and late delivery at once: the report is the objective, every balance
    holds with what expires, and without any one of the first four the plan costs at most as much; late delivery saves."""
    free, nodes = solve_plan(problem).plan, len(problem.nodes.labels)
    kept = free.inventory.sum(axis=0).max() * share
    price = np.maximum(problem.costs.shortage, 1.0)
    terms = {
        "cover": Cover(np.where(np.arange(nodes) % 3 == 0, days, np.nan), np.full(MONTHS, 30.0)),
        "shelf_life": ShelfLife(
            np.where(np.arange(nodes) % 4 == 0, keeps, -1),
            problem.nodes.opening[:, None] / 1000,
            expiry_cost(problem.costs.buy, problem.costs.holding),
        ),
        "storage": Storage(
            ("S",), np.zeros(nodes, np.int64), np.ones(nodes), np.full((1, MONTHS), kept), np.array([0.5])
        ),
        "frozen": _made_as(free, frozen),
        "backlog": backlog_terms(problem.groups.quantity, price, share=0.01, months=2),
    }
    full = replace(problem, choices=replace(problem.choices, **terms))
    plan = solve_plan(full).plan
    assert sum(cost_lines(full, plan).values()) == pytest.approx(plan.cost + safety_constant(full), rel=1e-7, abs=1e-4)
    before = np.concatenate([problem.nodes.opening[:, None] / 1000, plan.inventory[:, :-1]], axis=1)
    used = np.zeros_like(before)
    np.add.at(used, problem.bom.component, problem.bom.quantity[:, None] * plan.make[problem.bom.parent])
    np.add.at(used, problem.groups.lane_node, plan.flow)
    came = plan.make + plan.buy + plan.expedite
    assert np.allclose(before + came - used - plan.quantity["expired"], plan.inventory, atol=1e-5)
    whole = whole_plan(full, plan)
    assert (np.cumsum(whole.expired, axis=1) <= whole.inventory).all()
    reported = sum(cost_lines(full, plan).values())
    for name in terms:
        without = replace(full, choices=replace(full.choices, **{name: None}))
        other = sum(cost_lines(without, solve_plan(without).plan).values())
        assert (other >= reported - 1e-4) if name == "backlog" else (other <= reported + 1e-4), name


def _made_as(plan: FractionalPlan, months: int) -> PinRows:
    """The first item's production of the first months, three quarters of what a plan made, as approved before."""
    units = np.floor(plan.make[0, :months] * 0.75 * 100).astype(np.int64) * 10
    return PinRows(("make",) * months, np.zeros(months, np.int64), np.arange(months), units)


@QUICK
@given(factories(), st.integers(1, 5))
def test_a_kept_basis_changes_the_way_and_not_the_cost(problem: SupplyProblem, factor: int) -> None:
    before = solve_plan(problem)
    basis = keep_basis(before.arrays, before.solver)
    quantity = problem.groups.quantity.copy()
    quantity[0, 2] *= factor
    after = replace(problem, groups=replace(problem.groups, quantity=quantity))
    cold, warm = solve_plan(after), solve_plan(after, basis=basis)
    assert warm.plan.cost == pytest.approx(cold.plan.cost, rel=1e-8)
    if basis.fits(warm.arrays):
        iterations = [solved.solver.getInfo().simplex_iteration_count for solved in (warm, cold)]
        assert iterations[0] <= iterations[1]
