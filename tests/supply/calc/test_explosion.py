"""Bill-of-materials explosion, level by level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.calc.explosion import (
    BomLines,
    CircularBillOfMaterialsError,
    explode,
    low_level_codes,
    nodes_needed,
    validity,
)


def bom(lines: list[tuple[int, int, float]], months: int = 1) -> BomLines:
    return BomLines(
        np.array([line[0] for line in lines], np.int64),
        np.array([line[1] for line in lines], np.int64),
        np.array([line[2] for line in lines], np.float64),
        np.ones((len(lines), months), bool),
    )


def test_shared_component_is_counted_on_every_path() -> None:
    """Bike → 2 wheels → 32 spokes each, and 1 spare spoke in the bike: 10 bikes need 10 · (2 · 32 + 1) spokes."""
    lines = bom([(0, 1, 2), (1, 2, 32), (0, 2, 1)])
    gross = explode(np.array([[10.0], [0], [0]]), lines, ["bike", "wheel", "spoke"])
    assert gross[:, 0].tolist() == [10, 20, 10 * (2 * 32 + 1)]


def test_component_with_demand_of_its_own_keeps_it() -> None:
    gross = explode(np.array([[10.0], [5.0]]), bom([(0, 1, 3)]), ["frame", "tube"])
    assert gross[1, 0] == 10 * 3 + 5


def test_low_level_code_is_the_longest_path() -> None:
    assert low_level_codes(np.array([0, 1, 0]), np.array([1, 2, 2]), ["a", "b", "c"]).tolist() == [0, 1, 2]


def test_circle_is_named() -> None:
    with pytest.raises(CircularBillOfMaterialsError, match="circle: (b → c → b|c → b → c)"):
        low_level_codes(np.array([0, 1, 2, 2]), np.array([1, 2, 1, 3]), ["a", "b", "c", "d"])


def test_line_counts_while_valid_on_the_last_day() -> None:
    valid = validity(np.array([100, 102]), np.array([101, 10**6]), 100, 4)
    assert valid.tolist() == [[True, True, False, False], [False, False, True, True]]
    lines = BomLines(np.array([0, 0]), np.array([1, 2]), np.array([1.0, 1.0]), valid)
    gross = explode(np.array([[1.0] * 4, [0] * 4, [0] * 4]), lines, ["new", "old part", "new part"])
    assert gross[1].tolist() == [1, 1, 0, 0]
    assert gross[2].tolist() == [0, 0, 1, 1]


def test_needed_nodes_follow_the_lines_down() -> None:
    needed = nodes_needed(np.array([True, False, False, False]), bom([(0, 1, 1), (1, 2, 1)]))
    assert needed.tolist() == [True, True, True, False]


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 9)), max_size=20), st.integers(0, 99))
def test_explosion_equals_the_inverse_of_the_input_output_matrix(raw: list[tuple[int, int, int]], top: int) -> None:
    """gross = (I − A)⁻¹ · demand with A[component, parent] = quantity: Leontief; lines go downward only."""
    lines = [(min(a, b), max(a, b), float(q)) for a, b, q in raw if a != b]
    demand = np.zeros((8, 1))
    demand[0], demand[3] = top, 1
    use = np.zeros((8, 8))
    for parent, component, quantity in lines:
        use[component, parent] += quantity
    expected = np.linalg.solve(np.eye(8) - use, demand)
    assert np.allclose(explode(demand, bom(lines), [str(n) for n in range(8)]), expected)
