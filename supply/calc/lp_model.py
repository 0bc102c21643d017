"""Linear programme of the supply plan as sparse arrays: columns, rows and coefficients in one pass over its parts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from supply.calc.lp_layout import Layout, placed
from supply.calc.lp_part import Bounds, Ground, Rows
from supply.calc.parts import PARTS
from supply.calc.problem import Flags, Floats, Ints, SupplyProblem


@dataclass(frozen=True)
class LpArrays:
    """A programme in column-wise compressed form, ready for the solver; ``scope`` (node,) are the nodes inside,
    ``whole`` (column,) is 1 where only whole numbers are allowed; ``row_labels`` by block say what its rows are about."""

    layout: Layout
    scope: Flags
    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    starts: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Floats
    whole: NDArray[np.int32]
    row_labels: dict[str, tuple[str, ...]]


def build_lp(problem: SupplyProblem, scope: Flags, reserve: Floats) -> LpArrays:
    """The whole programme: what each of ``PARTS`` says of itself, one after the other.

    Args:
        problem: The supply problem.
        scope: Nodes with own or dependent demand (node,); the others keep their stock outside the programme.
        reserve: Hours kept free for rounding to whole quanta (work centre,).

    Returns:
        Arrays in units (milli-units / 1000), hours and currency.
    """
    ground = Ground(problem, scope, reserve)
    rows = dict(chain.from_iterable(part.rows(ground).items() for part in PARTS))
    columns = placed(chain.from_iterable(part.columns(ground).items() for part in PARTS))
    layout = Layout(columns, placed((name, _grid(block)) for name, block in rows.items()))
    bounds = _bounds(ground, layout)
    height = sum(block.size for block in layout.rows.values())
    pieces = chain.from_iterable(part.coefficients(ground, layout) for part in PARTS)
    row, column, value = (np.concatenate(values) for values in zip(*pieces, strict=True))
    row, column, value = _summed(row, column, value, height)
    starts = np.searchsorted(column, np.arange(len(bounds.cost) + 1))
    return LpArrays(
        layout=layout,
        scope=scope,
        cost=bounds.cost,
        lower=bounds.lower,
        upper=bounds.upper,
        row_lower=np.concatenate([block.lower[_grid(block)] for block in rows.values()]),
        row_upper=np.concatenate([block.upper[_grid(block)] for block in rows.values()]),
        starts=starts.astype(np.int32),
        index=row.astype(np.int32),
        value=value,
        whole=bounds.whole,
        row_labels={name: block.labels for name, block in rows.items()},
    )


def row_name(problem: SupplyProblem, arrays: LpArrays, row: int) -> str:
    """Readable name of a row: what it is about and in which month."""
    name, block = next((name, block) for name, block in arrays.layout.rows.items() if block.offset <= row < block.end)
    place = row - block.offset
    return f"{arrays.row_labels[name][block.row[place]]} in {problem.month_names[block.month[place]]}"


def _grid(rows: Rows) -> Flags:
    return np.ones(rows.lower.shape, dtype=bool) if rows.exists is None else rows.exists


def _bounds(ground: Ground, layout: Layout) -> Bounds:
    width = sum(block.size for block in layout.columns.values())
    bounds = Bounds(np.zeros(width), np.zeros(width), np.full(width, np.inf), np.zeros(width, dtype=np.int32))
    for part in PARTS:
        part.bounds(ground, layout, bounds)
    return bounds


def _summed(row: Ints, column: Ints, value: Floats, rows: int) -> tuple[Ints, Ints, Floats]:
    """Non-zeros by column and row, each place once: two operations on one work centre are one coefficient."""
    place, where = np.unique(column * rows + row, return_inverse=True)
    summed = np.zeros(len(place))
    np.add.at(summed, where, value)
    return place % rows, place // rows, summed
