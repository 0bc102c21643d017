"""Where the columns and rows of the supply programme sit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from supply.calc.problem import Flags, Floats, Ints


@dataclass(frozen=True)
class Block:
    """Columns, or rows, of one kind: ``offset`` of the first one, the (row, month) pairs of a grid of ``shape`` that they
    stand for, in order."""

    offset: int
    row: Ints
    month: Ints
    shape: tuple[int, int]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.row)

    @property
    def end(self) -> int:
        """Number of the first one after the block."""
        return self.offset + len(self.row)

    @property
    def numbers(self) -> Ints:
        """Column or row numbers in the order of the pairs."""
        return np.arange(self.offset, self.end, dtype=np.int64)

    def spread(self, values: Floats) -> Floats:
        """Values of all columns (or rows) laid out as (row, month), 0 where the block has none."""
        laid = np.zeros(self.shape)
        laid[self.row, self.month] = values[self.offset : self.end]
        return laid

    def numbered(self) -> Ints:
        """Column or row numbers laid out as (row, month), −1 where the block has none."""
        laid = np.full(self.shape, -1, dtype=np.int64)
        laid[self.row, self.month] = self.numbers
        return laid


@dataclass(frozen=True)
class Layout:
    """Blocks of columns and of rows by name."""

    columns: Mapping[str, Block]
    rows: Mapping[str, Block]


def placed(grids: Iterable[tuple[str, Flags]]) -> dict[str, Block]:
    """Blocks one after the other, each with the places that its grid (row, month) marks.

    Raises:
        ValueError: Two grids of one name.
    """
    blocks: dict[str, Block] = {}
    offset = 0
    for name, grid in grids:
        if name in blocks:
            raise ValueError(f"two parts of the programme call theirs {name}")
        row, month = np.nonzero(grid)
        blocks[name] = Block(offset, row.astype(np.int64), month.astype(np.int64), (grid.shape[0], grid.shape[1]))
        offset = blocks[name].end
    return blocks
