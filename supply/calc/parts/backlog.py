"""Demand that may be delivered late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part, Piece, ones
from supply.calc.problem import Flags, Floats, FractionalPlan, SupplyProblem


@dataclass(frozen=True)
class Backlog:
    """Demand that may be delivered late: ``cost`` per unit and month that it stays open, ``limit`` the most units open
    at the end of a month (0 = none), both (group, month)."""

    cost: Floats
    limit: Floats


def _columns(ground: Ground) -> dict[str, Flags]:
    terms = ground.problem.choices.backlog
    none = np.zeros(ground.problem.groups.quantity.shape, dtype=bool)
    return {"backlog": none if terms is None else terms.limit > 0}


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    terms, block = ground.problem.choices.backlog, layout.columns["backlog"]
    if terms is not None:
        bounds.cost[block.numbers] = terms.cost[block.row, block.month]
        bounds.upper[block.numbers] = terms.limit[block.row, block.month]


def _coefficients(ground: Ground, layout: Layout) -> Iterator[Piece]:
    """In the rows of the demand: + backlog − backlog before."""
    late, demand = layout.columns["backlog"], layout.rows["demand"].numbered()
    yield demand[late.row, late.month], late.numbers, ones(late.row)
    kept = late.month < ground.problem.months - 1
    yield demand[late.row[kept], late.month[kept] + 1], late.numbers[kept], ones(late.row[kept], -1.0)


def _cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, Floats]:
    terms = problem.choices.backlog
    return {} if terms is None else {"backlog": plan.backlog * terms.cost}


BACKLOG = Part(columns=_columns, bounds=_bounds, coefficients=_coefficients, cost_lines=_cost_lines)
