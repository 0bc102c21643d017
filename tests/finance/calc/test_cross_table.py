"""Two dimensions at once: sums by hand, totals that stay whole, and the words of the heat."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.calc.cross_table import Heat, Pair, cross_table


def ints(*rows: list[int]) -> np.ndarray:
    return np.array(rows, dtype=np.int64)


def test_families_by_quarter_are_the_sums_of_their_leaves() -> None:
    """Leaves 1 and 2 are of family 7, leaf 3 of family 5; the first two months are quarter 1, the third quarter 2."""
    plan, reference = ints([1, 2, 4], [8, 16, 32], [64, 128, 256]), ints([1, 1, 1], [1, 1, 1], [0, 0, 300])
    table = cross_table(plan, reference, rows=ints([7], [7], [5]), columns=ints([1, 1, 2]))
    assert (table.rows.tolist(), table.columns.tolist()) == ([5, 7], [1, 2])
    assert table.plan.tolist() == [[64 + 128, 256], [1 + 2 + 8 + 16, 4 + 32]]
    assert table.reference.tolist() == [[0, 300], [4, 2]]
    assert table.cell(0, 1) == Pair(256, 300)
    assert (table.row(1), table.column(0)) == (Pair(63, 6), Pair(219, 4))
    assert table.total == Pair(int(plan.sum()), int(reference.sum()))


def test_two_dimensions_of_the_hierarchy() -> None:
    table = cross_table(ints([1, 2], [4, 8]), ints([0, 0], [0, 0]), rows=ints([1], [2]), columns=ints([9], [3]))
    assert table.columns.tolist() == [3, 9]
    assert table.plan.tolist() == [[0, 3], [12, 0]]


def test_no_leaves_make_an_empty_table() -> None:
    nothing = np.zeros((0, 3), dtype=np.int64)
    table = cross_table(nothing, nothing, rows=np.zeros((0, 1), np.int64), columns=ints([1, 2, 3]))
    assert table.total == Pair(0, 0) and not len(table.rows)


def test_sides_on_other_leaves_are_refused() -> None:
    with pytest.raises(ValueError, match="same leaves"):
        cross_table(ints([1]), ints([1, 2]), rows=ints([1]), columns=ints([1]))


@pytest.mark.parametrize(
    ("plan", "reference", "share", "heat"),
    [
        (1019, 1000, 0.019, Heat.ON),
        (1020, 1000, 0.02, Heat.NEAR),
        (950, 1000, -0.05, Heat.APART),
        (1100, 1000, 0.1, Heat.FAR),
        (-90, -100, 0.1, Heat.FAR),
        (5, 0, None, Heat.NONE),
        (0, 0, None, Heat.ON),
    ],
)
def test_how_far_apart(plan: int, reference: int, share: float | None, heat: Heat) -> None:
    pair = Pair(plan, reference)
    assert (pair.share, pair.heat) == (share, heat)


CELLS = st.lists(st.integers(-(10**12), 10**12), min_size=4, max_size=4)


@settings(max_examples=50)
@given(st.lists(st.tuples(CELLS, CELLS, st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=10))
def test_rows_columns_and_cells_add_to_the_same_total(leaves: list[tuple[list[int], list[int], int, int]]) -> None:
    plan, reference = (np.array([leaf[side] for leaf in leaves], dtype=np.int64) for side in (0, 1))
    rows, columns = (np.array([[leaf[side]] for leaf in leaves], dtype=np.int64) for side in (2, 3))
    table = cross_table(plan, reference, rows=rows, columns=columns)
    gap = int(plan.sum()) - int(reference.sum())
    assert table.total.gap == gap
    assert sum(table.row(place).gap for place in range(len(table.rows))) == gap
    assert sum(table.column(place).gap for place in range(len(table.columns))) == gap
