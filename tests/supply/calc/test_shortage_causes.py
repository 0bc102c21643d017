"""Every shortage says what stood in the way."""

from dataclasses import replace

import numpy as np

from supply.calc.explosion import BomLines
from supply.calc.published_plan import needed_hours, published_plan
from supply.calc.shortage_causes import hours_through_all_levels
from tests.supply.calc.problems import changed_nodes, simple_problem

BOUGHT = {"can_make": np.array([False]), "can_buy": np.array([True])}


def cause_of(problem: object) -> tuple[str, str]:
    (cause,) = published_plan(problem).causes.values()  # type: ignore[arg-type]
    return cause.kind, cause.detail


def test_full_work_centre() -> None:
    assert cause_of(simple_problem([[150]], [100])) == ("capacity", "W")


def test_full_work_centre_of_a_component() -> None:
    """A itself takes no time, its component B does: the hours count through all levels."""
    problem = simple_problem([[150], [0]], [100])
    routing = replace(problem.routing, hours=np.array([0.0, 1.0]))
    lines = BomLines(np.array([0]), np.array([1]), np.array([2.0]), np.ones((1, 1), bool))
    problem = replace(problem, routing=routing, bom=lines)
    assert hours_through_all_levels(problem, 0).tolist() == [[2.0], [1.0]]
    assert cause_of(problem) == ("capacity", "W")
    assert needed_hours(problem).tolist() == [[300.0]]


def test_lead_time() -> None:
    problem = changed_nodes(simple_problem([[10]], [0]), **BOUGHT, buy_from=np.array([1]))
    dear = replace(problem, costs=replace(problem.costs, expedite=np.array([[500.0]])))
    assert cause_of(dear) == ("lead_time", "A")


def test_supplier_limit() -> None:
    assert cause_of(changed_nodes(simple_problem([[10]], [0]), **BOUGHT, buy_limit=np.array([4.0]))) == (
        "supplier",
        "A",
    )


def test_no_source() -> None:
    assert cause_of(changed_nodes(simple_problem([[10]], [9]), can_make=np.array([False]))) == ("no_source", "A")


def test_cost() -> None:
    problem = simple_problem([[10]], [100])
    cheap = replace(problem, costs=replace(problem.costs, shortage=np.array([[5.0]])))
    assert cause_of(cheap) == ("cost", "")
