"""Demand that waits: what is late and lost in whole steps, and which market gets it; by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.calc.cost_report import cost_lines
from supply.calc.demand_groups import Lane, demand_groups
from supply.calc.late_delivery import Deliveries, backlog_terms, deliveries_to_leaves
from supply.calc.plan_lp import solve_plan
from supply.calc.problem import Ints, SupplyProblem
from supply.calc.whole_plan import whole_plan
from tests.supply.calc.problems import simple_problem

PRICE = 100.0


def waiting(demand: list[list[float]], hours: list[float], months: int) -> SupplyProblem:
    """Demand that waits so many months at 2 % of its price of 100 a month."""
    problem = simple_problem(demand, hours)
    price = np.full(problem.groups.quantity.shape, PRICE)
    terms = backlog_terms(problem.groups.quantity, price, share=0.02, months=months)
    return replace(problem, choices=replace(problem.choices, backlog=terms))


def identity(asked: Ints, found: Deliveries) -> bool:
    before = np.concatenate([np.zeros((len(asked), 1), np.int64), found.late[:, :-1]], axis=1)
    signs = min(part.min() for part in (found.ship, found.late, found.lost)) >= 0
    return (
        signs and bool((found.ship + found.lost + found.late - before == asked).all()) and not found.late[:, -1].any()
    )


def test_what_is_open_is_at_most_what_the_last_months_asked_for() -> None:
    terms = backlog_terms(np.array([[10_000, 20_000, 40_000]]), np.array([[100.0, 100.0, 50.0]]), share=0.02, months=2)
    assert terms.limit.tolist() == [[10, 10 + 20, 0]]
    assert terms.cost.tolist() == [[2, 2, 1]]


def test_a_shortage_is_delivered_later_and_lost_only_when_nobody_waits_that_long() -> None:
    """100 asked for in month 1, 30 made a month, then 10 asked for in month 4: 30 at once, 30 in month 2, 30 in month 3.

    With a wait of two months 10 are lost, 60 and then 30 are open; a wait of one month loses 40 and leaves 30 open.
    """
    lines = {}
    for months, lost, late in ((2, 10, [60, 30, 0, 0]), (1, 40, [30, 0, 0, 0])):
        problem = waiting([[100, 0, 0, 10]], [30] * 4, months)
        plan = solve_plan(problem).plan
        whole = whole_plan(problem, plan)
        assert identity(problem.groups.quantity, whole.deliveries)
        assert whole.short.sum() / 1000 == pytest.approx(lost, abs=0.2)
        assert whole.late[0] / 1000 == pytest.approx(late, abs=0.2)
        lines[months] = cost_lines(problem, plan)
    assert lines[2]["backlog"] == pytest.approx(2 * (60 + 30), abs=1)
    assert sum(lines[2].values()) < sum(lines[1].values())


def test_what_is_open_after_the_last_month_is_short() -> None:
    problem = waiting([[0, 100]], [30, 30], 3)
    whole = whole_plan(problem, solve_plan(problem).plan)
    assert whole.late.tolist() == [[0, 0]] and whole.short[0, 1] == 100_000 - whole.ship.sum()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 90), min_size=5, max_size=5), min_size=1, max_size=3),
    st.lists(st.integers(0, 120), min_size=5, max_size=5),
    st.integers(1, 4),
)
def test_every_unit_asked_for_is_delivered_late_or_lost(demand: list[list[int]], hours: list[int], months: int) -> None:
    """For the group and for its markets; nobody waits longer than the policy; waiting never costs."""
    problem = waiting([[float(unit) for unit in row] for row in demand], [float(hour) for hour in hours], months)
    plan = solve_plan(problem).plan
    whole = whole_plan(problem, plan)
    assert identity(problem.groups.quantity, whole.deliveries)
    assert (whole.late / 1000 <= problem.choices.backlog.limit + 0.02).all()
    impatient = replace(problem, choices=replace(problem.choices, backlog=None))
    assert plan.cost <= solve_plan(impatient).plan.cost + 1e-6
    thirds = np.repeat(problem.groups.quantity // 3, 2, axis=0)
    thirds[::2] += problem.groups.quantity - 2 * (problem.groups.quantity // 3)
    items = np.repeat(np.arange(len(demand)), 2)
    lanes = [(Lane(int(item), None, 0, 0.0),) for item in items]
    grouped = demand_groups(thirds, items, lanes, {item: f"I{item}" for item in range(len(demand))})
    shared = deliveries_to_leaves(grouped, whole.deliveries, len(items))
    assert identity(thirds, shared)
    for part, group in ((shared.ship, whole.ship), (shared.late, whole.late), (shared.lost, whole.short)):
        assert (part[::2] + part[1::2] == group).all()
