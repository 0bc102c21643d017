"""Shelf life: what is older than it may be expires, the oldest being used first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part, Piece, Rows, ones
from supply.calc.problem import MILLI, Flags, Floats, FractionalPlan, Ints, SupplyProblem

INFLOWS = ("make", "buy", "expedite", "subcontract")
LATER = 1e-4
"""How much less a unit that expires later costs, share of the standard per month: nothing expires before its time."""


@dataclass(frozen=True)
class ShelfLife:
    """How long items keep.

    ``months`` (node,): at the end of how many months a unit may stand on stock, that in which it came in first; −1 = for
    ever, 0 = it is used in its month. ``lots`` (node, age): units of the opening stock that came in so many months before
    the plan; age 0 counts as new. ``cost`` (node, month): reporting currency per unit that expires.
    """

    months: Ints
    lots: Floats
    cost: Floats


def expiry_cost(standard: Floats, holding: Floats) -> Floats:
    """What an expired unit weighs in the portal, reporting currency (node, month): its standard cost and, because it
    stands there until somebody scraps it, its holding to the end of the plan.

    Args:
        standard, holding: Reporting currency per unit, and per unit and month (node, month).
    """
    left = np.arange(standard.shape[1], 0, -1)
    kept = np.cumsum(holding[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(standard * (1.0 + LATER * left) + kept, dtype=np.float64)


def _perishes(ground: Ground) -> Flags:
    """Places (node, month) at which stock can expire."""
    problem, life = ground.problem, ground.problem.choices.shelf_life
    if life is None:
        return np.zeros((len(ground.scope), problem.months), dtype=bool)
    perishes: Flags = ground.scope & problem.nodes.stocked & (life.months >= 0)
    return np.repeat(perishes[:, None], problem.months, axis=1)


def _columns(ground: Ground) -> dict[str, Flags]:
    return {"expired": _perishes(ground)}


def _rows(ground: Ground) -> dict[str, Rows]:
    """Age (node, month): stock − what came in within the shelf life ≤ lots of the opening that still keep + receipts."""
    problem, life = ground.problem, ground.problem.choices.shelf_life
    exists, shape = _perishes(ground), (len(ground.scope), problem.months)
    fresh = np.zeros(shape)
    if life is not None:
        for node in np.flatnonzero(exists[:, 0]).tolist():
            fresh[node] = _fresh(life, node, problem.receipts[node] / MILLI)
    labels = tuple(f"shelf life of {label}" for label in problem.nodes.labels)
    return {"shelf_life": Rows(labels, np.full(shape, -np.inf), fresh, exists)}


def _fresh(life: ShelfLife, node: int, receipts: Floats) -> Floats:
    """Units (month,) of receipts and opening lots that may still stand there at the end of each month."""
    months, keeps = len(receipts), int(life.months[node])
    running = np.concatenate([[0.0], np.cumsum(receipts)])
    ends = np.arange(1, months + 1)
    came = running[ends] - running[np.maximum(ends - keeps, 0)]
    lots = np.concatenate([[0.0], np.cumsum(life.lots[node])])
    still = np.clip(keeps - np.arange(months), 0, len(lots) - 1)
    return np.asarray(came + lots[still], dtype=np.float64)


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    life, block = ground.problem.choices.shelf_life, layout.columns["expired"]
    if life is not None:
        bounds.cost[block.numbers] = life.cost[block.row, block.month]


def _coefficients(ground: Ground, layout: Layout) -> Iterator[Piece]:
    life, expired = ground.problem.choices.shelf_life, layout.columns["expired"]
    if life is None:
        return
    yield layout.rows["balance"].numbered()[expired.row, expired.month], expired.numbers, ones(expired.row, -1.0)
    age, months = layout.rows["shelf_life"].numbered(), ground.problem.months
    for name in ("stock_low", "stock_high"):
        stock = layout.columns[name]
        own = life.months[stock.row] >= 0
        yield age[stock.row[own], stock.month[own]], stock.numbers[own], ones(stock.row[own])
    for node, month, column in _inflows(ground, layout):
        for passed in range(min(int(life.months.max(initial=0)), months)):
            own = (life.months[node] > passed) & (month + passed < months) & (age[node, 0] >= 0)
            yield age[node[own], month[own] + passed], column[own], ones(column[own], -1.0)


def _inflows(ground: Ground, layout: Layout) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Node, month and column of everything that comes in; what arrives from another place counts as new there."""
    for name in INFLOWS:
        came = layout.columns[name]
        yield came.row, came.month, came.numbers
    ways, moved = ground.problem.choices.transfers, layout.columns["transfer"]
    if ways is not None:
        yield ways.target[moved.row], moved.month + ways.lead[moved.row], moved.numbers


def _cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, Floats]:
    life = problem.choices.shelf_life
    return {} if life is None else {"expired": plan.quantity["expired"] * life.cost}


def _needs(problem: SupplyProblem) -> Flags:
    """Perishable stock that nobody asks for: it expires."""
    life = problem.choices.shelf_life
    if life is None:
        return np.zeros(len(problem.nodes.labels), dtype=bool)
    return np.asarray((life.months >= 0) & (problem.nodes.opening > 0))


SHELF_LIFE = Part(
    columns=_columns, rows=_rows, bounds=_bounds, coefficients=_coefficients, cost_lines=_cost_lines, needs=_needs
)
