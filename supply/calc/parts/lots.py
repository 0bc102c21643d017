"""Production in whole lots."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part, Piece, Rows, ones
from supply.calc.problem import Flags, SupplyProblem


def unpinned(problem: SupplyProblem) -> Flags:
    """Where the programme chooses quantities (node, month): neither pinned nor frozen."""
    free = np.ones((len(problem.nodes.labels), problem.months), dtype=bool)
    for rows in (problem.pins, problem.choices.frozen):
        if rows is not None:
            free[rows.node, rows.month] = False
    return free


def _columns(ground: Ground) -> dict[str, Flags]:
    """Number of lots (node, month); what is pinned is made as it is pinned."""
    problem, lot = ground.problem, ground.problem.choices.lot
    free = unpinned(problem)
    if lot is None:
        return {"lots": np.zeros_like(free)}
    return {"lots": (ground.scope & problem.nodes.can_make & (lot > 0))[:, None] & free}


def _rows(ground: Ground) -> dict[str, Rows]:
    """Lots (node, month) of those that have a lot: made − lot · lots = 0."""
    exists = _columns(ground)["lots"]
    zero = np.zeros(exists.shape)
    return {"lots": Rows(tuple(f"lots of {label}" for label in ground.problem.nodes.labels), zero, zero, exists)}


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    bounds.whole[layout.columns["lots"].numbers] = 1


def _coefficients(ground: Ground, layout: Layout) -> Iterator[Piece]:
    lot, lots, rows = ground.problem.choices.lot, layout.columns["lots"], layout.rows["lots"].numbers
    if lot is not None:
        yield rows, layout.columns["make"].numbered()[lots.row, lots.month], ones(lots.row)
        yield rows, lots.numbers, -lot[lots.row]


LOTS = Part(columns=_columns, rows=_rows, bounds=_bounds, coefficients=_coefficients)
