"""Stopping the solver in the middle of its own loop, whichever way it solves."""

from __future__ import annotations

import time

import pytest

from benchmarks.supply_problems import factory
from supply.calc import lp_solver
from supply.calc.lp_solver import SolvingStopped
from supply.calc.plan_lp import solve_plan

LATER = 500
"""Questions after which it is stopped: it asks thousands of times on its way to this optimum, by either method."""


@pytest.mark.parametrize("interior_from", [0, 10**9], ids=["interior point", "simplex"])
def test_the_solver_ends_within_a_second_of_being_told(monkeypatch: pytest.MonkeyPatch, interior_from: int) -> None:
    monkeypatch.setattr(lp_solver, "INTERIOR_COLUMNS", interior_from)
    asked: list[float] = []

    def is_stopped() -> bool:
        asked.append(time.monotonic())
        return len(asked) > LATER

    with pytest.raises(SolvingStopped):
        solve_plan(factory(items=60, months=24, centres=20, load=1.1), is_stopped=is_stopped)
    assert len(asked) > LATER
    assert time.monotonic() - asked[LATER] < 1.0


def test_nobody_stops_it_and_the_plan_is_the_same() -> None:
    problem = factory(items=12, months=6, centres=3, load=1.1)
    asked: list[bool] = []

    def is_stopped() -> bool:
        asked.append(True)
        return False

    assert solve_plan(problem, is_stopped=is_stopped).plan.cost == solve_plan(problem).plan.cost
    assert asked
