"""Two sets of numbers told apart by any two dimensions: plan and reference in every cell, adding to the total exactly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NEAR, APART, FAR = 0.02, 0.05, 0.10


class Heat(StrEnum):
    """How far plan and reference are apart, as a share of the reference; `NONE` where there is no reference."""

    ON = "on"
    NEAR = "near"
    APART = "apart"
    FAR = "far"
    NONE = "none"


@dataclass(frozen=True)
class Pair:
    """Plan and reference of one cell in one unit: cents or milli-units."""

    plan: int
    reference: int

    @property
    def gap(self) -> int:
        """Plan − reference."""
        return self.plan - self.reference

    @property
    def share(self) -> float | None:
        """The gap as a fraction of the reference's size; None without one."""
        return self.gap / abs(self.reference) if self.reference else None

    @property
    def heat(self) -> Heat:
        """On within 2 %, near within 5 %, apart within 10 %, else far; a cell with nothing in it is on."""
        if self.share is None:
            return Heat.NONE if self.gap else Heat.ON
        size = abs(self.share)
        return Heat.ON if size < NEAR else Heat.NEAR if size < APART else Heat.APART if size < FAR else Heat.FAR

    @property
    def is_empty(self) -> bool:
        """Whether there is neither plan nor reference."""
        return not (self.plan or self.reference)


@dataclass(frozen=True)
class CrossTable:
    """`rows` (r,) and `columns` (c,) keys, ascending; `plan` and `reference` (r, c) in cents or milli-units."""

    rows: Ints
    columns: Ints
    plan: Ints
    reference: Ints

    def cell(self, row: int, column: int) -> Pair:
        """One cell by its position."""
        return Pair(int(self.plan[row, column]), int(self.reference[row, column]))

    def row(self, row: int) -> Pair:
        """The total of a row."""
        return Pair(int(self.plan[row].sum()), int(self.reference[row].sum()))

    def column(self, column: int) -> Pair:
        """The total of a column."""
        return Pair(int(self.plan[:, column].sum()), int(self.reference[:, column].sum()))

    @property
    def total(self) -> Pair:
        """The total of everything."""
        return Pair(int(self.plan.sum()), int(self.reference.sum()))


def cross_table(plan: Ints, reference: Ints, *, rows: Ints, columns: Ints) -> CrossTable:
    """Add leaves up to the cells of two dimensions; integer addition, so the table's total is the leaves' total.

    Args:
        plan, reference: one measure on the same leaves, (leaf, month), cents or milli-units.
        rows, columns: the key of each leaf and month in a dimension, broadcast to (leaf, month): (leaf, 1) for a node
            of the hierarchy, (1, month) for a span of time.

    Returns:
        The keys that occur, ascending; no leaves give an empty table whose total is 0.

    Raises:
        ValueError: plan and reference differ in shape, or a key does not broadcast to it.
    """
    if plan.shape != reference.shape:
        raise ValueError("plan and reference must stand on the same leaves and months")
    row_keys, row = np.unique(np.broadcast_to(rows, plan.shape), return_inverse=True)
    column_keys, column = np.unique(np.broadcast_to(columns, plan.shape), return_inverse=True)
    size = len(row_keys), len(column_keys)
    place = row.reshape(-1) * max(size[1], 1) + column.reshape(-1)
    sums = []
    for block in (plan, reference):
        cells = np.zeros(size[0] * size[1], dtype=np.int64)
        np.add.at(cells, place, block.reshape(-1))
        sums.append(cells.reshape(size))
    return CrossTable(row_keys, column_keys, *sums)
