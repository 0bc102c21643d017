"""Single spikes and stock-outs are named; seasons, rhythms, changes of level and small numbers are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from demand.calc.cleansing import cleansed, cleansings_of, usual_beside

UNIT = 1_000.0
STEADY = [100.0, 104, 98, 101, 97, 103, 99, 102, 100, 105, 96, 100, 101, 99]


def found(*units: float) -> list[tuple[int, str, float]]:
    return [(one.column, one.kind.value, one.usual / UNIT) for one in cleansings_of(np.array([units]) * UNIT, UNIT)]


def test_a_single_spike_is_named_with_what_is_usual_beside_it() -> None:
    """103, 99 and 102 before it, 105, 96 and 100 after it: in order 96, 99, 100, 102, 103, 105."""
    assert found(*STEADY[:8], 400, *STEADY[9:]) == [(8, "spike", (100 + 102) / 2)]


def test_a_month_without_anything_to_sell_is_named() -> None:
    """101, 97, 103 before it, 102, 100, 105 after it: in order 97, 100, 101, 102, 103, 105."""
    assert found(*STEADY[:6], 2, *STEADY[7:]) == [(6, "stock_out", (101 + 102) / 2)]


@pytest.mark.parametrize(
    ("why", "units"),
    [
        ("steady", STEADY),
        ("a change of level", [*STEADY[:8], *[400.0] * 6]),
        ("orders every third month", [300.0, 40, 60] * 6),
        ("the last months are too young to tell", [*STEADY[:12], 400.0, 100.0]),
        ("one or two units scatter by chance", [2.0, 3, 2, 2, 0, 2, 3, 2, 9, 2, 3, 2, 2, 3]),
        ("a pause over several months", [*STEADY[:5], 0, 0, 0, *STEADY[8:]]),
        ("December of both years", [*STEADY[:11], 400.0, *STEADY[:11], 380.0, *STEADY[:5]]),
    ],
)
def test_it_is_left_alone(why: str, units: list[float]) -> None:
    assert found(*units) == [], why


def test_a_short_past_has_nothing_to_compare_with() -> None:
    assert found(1, 100, 1, 1, 1, 1) == [] and cleansings_of(np.zeros((0, 24)), UNIT) == []


def test_cleansing_touches_its_cells_in_a_copy() -> None:
    history = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert cleansed(history, [(1, 0, 9.0)]).tolist() == [[1, 2], [9, 4]]
    assert history.tolist() == [[1, 2], [3, 4]]


def test_what_is_usual_beside_a_month() -> None:
    """Three before (2, 3, 4) and three after (6, 7, 8): between 4 and 6. At an end only those there are."""
    past = np.array([1.0, 2, 3, 4, 99, 6, 7, 8, 9])
    assert usual_beside(past, 4) == (4 + 6) / 2
    assert usual_beside(past, 0) == 3 and usual_beside(past, 8) == 7
    assert usual_beside(np.array([5.0]), 0) is None
