"""Work given to others: units that come in at a price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part, Piece, ones
from supply.calc.problem import Flags, Floats, FractionalPlan, SupplyProblem


@dataclass(frozen=True)
class Subcontract:
    """Work given to others: ``cost`` reporting currency per unit and ``limit`` units, both (node, month)."""

    cost: Floats
    limit: Floats


def _columns(ground: Ground) -> dict[str, Flags]:
    terms = ground.problem.choices.subcontract
    none = np.zeros((len(ground.scope), ground.problem.months), dtype=bool)
    return {"subcontract": none if terms is None else ground.scope[:, None] & (terms.limit > 0)}


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    terms, block = ground.problem.choices.subcontract, layout.columns["subcontract"]
    if terms is not None:
        bounds.cost[block.numbers] = terms.cost[block.row, block.month]
        bounds.upper[block.numbers] = terms.limit[block.row, block.month]


def _coefficients(ground: Ground, layout: Layout) -> Iterator[Piece]:
    block = layout.columns["subcontract"]
    yield layout.rows["balance"].numbered()[block.row, block.month], block.numbers, ones(block.row)


def _cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, Floats]:
    terms = problem.choices.subcontract
    return {} if terms is None else {"subcontract": plan.subcontract * terms.cost}


SUBCONTRACT = Part(columns=_columns, bounds=_bounds, coefficients=_coefficients, cost_lines=_cost_lines)
