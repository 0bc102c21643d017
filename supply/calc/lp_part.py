"""What a part of the supply programme says of itself: its columns, rows, bounds, coefficients and cost lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supply.calc.lp_layout import Layout
from supply.calc.problem import Flags, Floats, FractionalPlan, Ints, SupplyProblem

Piece = tuple[Ints, Ints, Floats]
"""Non-zeros: rows, columns, values, all of one length."""


@dataclass(frozen=True)
class Ground:
    """What the programme is built on: the problem, the nodes in ``scope`` (node,) that it contains (the others keep their
    stock outside), and the hours kept in ``reserve`` for rounding to whole quanta (work centre,)."""

    problem: SupplyProblem
    scope: Flags
    reserve: Floats


@dataclass(frozen=True)
class Bounds:
    """Cost, lower and upper bound of every column (column,), written in place; ``whole`` is 1 where only whole numbers
    are allowed."""

    cost: Floats
    lower: Floats
    upper: Floats
    whole: NDArray[np.int32]


@dataclass(frozen=True)
class Rows:
    """Rows of one kind: ``labels`` (row,) say in a message what each is about ("hours of Saw"; the month is added);
    ``lower`` and ``upper`` (row, month); ``exists`` (row, month), None = all of them."""

    labels: tuple[str, ...]
    lower: Floats
    upper: Floats
    exists: Flags | None = None


def _no_columns(ground: Ground) -> Mapping[str, Flags]:
    return {}


def _no_rows(ground: Ground) -> Mapping[str, Rows]:
    return {}


def _no_bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    """Leave every column as it is: free upwards from 0, without cost."""


def _no_pieces(ground: Ground, layout: Layout) -> Iterable[Piece]:
    return ()


def _no_lines(problem: SupplyProblem, plan: FractionalPlan) -> Mapping[str, Floats]:
    return {}


def _no_nodes(problem: SupplyProblem) -> Flags:
    return np.zeros(len(problem.nodes.labels), dtype=bool)


@dataclass(frozen=True)
class Part:
    """One part of the programme: what a company makes, delivers, works, or one choice that it has beyond that.

    Attributes:
        columns: Grids (row, month) by name, true where a column exists. Always the same names; a choice that the problem
            does not have gives grids without a true place. The solution is ``plan.quantity[name]``, in the same shape.
        rows: Rows by name.
        bounds: Sets cost and bounds of columns in place, of its own or of a part before it. Columns start at cost 0,
            between 0 and infinity.
        coefficients: Non-zeros of its columns and rows; values on one place are added.
        cost_lines: Cost by name from the plan's quantities, reporting currency, any shape; they add to the objective.
        needs: Nodes (node,) that must be inside the programme though nobody asks for them.
    """

    columns: Callable[[Ground], Mapping[str, Flags]] = _no_columns
    rows: Callable[[Ground], Mapping[str, Rows]] = _no_rows
    bounds: Callable[[Ground, Layout, Bounds], None] = _no_bounds
    coefficients: Callable[[Ground, Layout], Iterable[Piece]] = _no_pieces
    cost_lines: Callable[[SupplyProblem, FractionalPlan], Mapping[str, Floats]] = _no_lines
    needs: Callable[[SupplyProblem], Flags] = _no_nodes


def ones(places: Ints, value: float = 1.0) -> Floats:
    """The same value at every place (place,)."""
    return np.full(len(places), value)
