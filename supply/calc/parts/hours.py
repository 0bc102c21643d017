"""Hours of the work centres: regular ones and overtime on top."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part, Piece, Rows, ones
from supply.calc.parts.frozen import hours_with_frozen
from supply.calc.problem import Flags, Floats, FractionalPlan, SupplyProblem


def _columns(ground: Ground) -> dict[str, Flags]:
    """Overtime where there is a limit above 0, or where people may work longer."""
    overtime: Flags = ground.problem.centres.overtime_limit > 0
    people = ground.problem.choices.people
    if people is not None:
        overtime[people.centre] |= people.overtime_hours > 0
    return {"overtime": overtime}


def _rows(ground: Ground) -> dict[str, Rows]:
    """Hours (work centre, month): Σ hours · made − overtime ≤ regular − reserve; what is frozen needs no reserve."""
    centres = ground.problem.centres
    labels = tuple(f"hours of {label}" for label in centres.labels)
    least = np.full(centres.regular.shape, -np.inf)
    hours = hours_with_frozen(ground.problem, centres.regular - ground.reserve[:, None])
    return {"hours": Rows(labels, least, hours)}


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    problem, overtime = ground.problem, layout.columns["overtime"]
    bounds.cost[overtime.numbers] = problem.costs.overtime[overtime.row, overtime.month]
    bounds.upper[overtime.numbers] = problem.centres.overtime_limit[overtime.row, overtime.month]


def _coefficients(ground: Ground, layout: Layout) -> Iterator[Piece]:
    routing, hours, overtime = ground.problem.routing, layout.rows["hours"].numbered(), layout.columns["overtime"]
    make = layout.columns["make"].numbered()
    operation, month = np.nonzero(make[routing.node] >= 0)
    yield hours[routing.centre[operation], month], make[routing.node[operation], month], routing.hours[operation]
    yield hours[overtime.row, overtime.month], overtime.numbers, ones(overtime.row, -1.0)


def _cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, Floats]:
    return {"overtime": plan.overtime * problem.costs.overtime}


HOURS = Part(columns=_columns, rows=_rows, bounds=_bounds, coefficients=_coefficients, cost_lines=_cost_lines)
