"""The supply plan at 200 and 2,000 items × 24 months × 20 work centres: cold, after one edit, against HiGHS alone.

Seconds are processor seconds of this process (one solver thread), so that a busy machine does not change the ratios.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest

from benchmarks.supply_problems import factory
from supply.calc.cost_report import cost_lines
from supply.calc.greedy import greedy_plan
from supply.calc.lp_model import build_lp
from supply.calc.lp_solver import load_solver
from supply.calc.plan_lp import rounding_reserve, scope_of
from supply.calc.problem import SupplyProblem
from supply.calc.published_plan import PublishedPlan, published_plan

pytestmark = pytest.mark.bench

Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def alone(problem: SupplyProblem, method: str) -> float:
    """Seconds of HiGHS on the same matrix, nothing read back."""
    solver = load_solver(build_lp(problem, scope_of(problem), rounding_reserve(problem)))
    solver.setOptionValue("solver", method)
    return timed(solver.run)[0]


def edited(problem: SupplyProblem) -> SupplyProblem:
    """One edit: the first item's demand of month 7 raised by half."""
    quantity = problem.groups.quantity.copy()
    quantity[0, 6] += max(int(quantity[0, 6]) // 2000, 1) * 1000
    return replace(problem, groups=replace(problem.groups, quantity=quantity))


def after_edit(problem: SupplyProblem, cold: PublishedPlan) -> float:
    seconds, warm = timed(lambda: published_plan(edited(problem), basis=cold.basis))
    assert warm.cost > cold.cost
    return seconds


@pytest.mark.parametrize(("items", "load"), [(200, 1.0), (200, 1.1), (2000, 1.0), (2000, 1.1)])
def test_supply(items: int, load: float) -> None:
    problem = factory(items=items, months=24, centres=20, load=load)
    seconds, cold = timed(lambda: published_plan(problem))
    simplex, interior = alone(problem, "simplex"), alone(problem, "ipm")
    again = after_edit(problem, cold)
    by_hand = sum(cost_lines(problem, greedy_plan(problem)).values())
    assert by_hand >= sum(cold.cost_lines.values())
    print(
        f"\n{items:>5} items, load {load:.0%} · plan {seconds:.1f} s = {seconds / min(simplex, interior):.2f} ×"
        f" HiGHS alone (simplex {simplex:.1f}, interior point {interior:.1f}) · after one edit {again:.2f} s"
        f" · full hours {int((cold.hours.high > 0).sum())} of {cold.hours.high.size}"
        f" · greedy costs {by_hand / sum(cold.cost_lines.values()) - 1:+.1%}"
        f" · {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB"
    )
