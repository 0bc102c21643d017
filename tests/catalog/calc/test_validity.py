"""Which value is in force: by day, by key, the later start first, the narrower layer first."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.calc.validity import FOR_EVER, MISSING, DatedValues, narrowest, overlapping, values_in_force

periods = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 9), st.integers(0, 99)), max_size=8)


def dated(rows) -> DatedValues:
    return DatedValues(*(np.array(column, np.int64) for column in (zip(*rows, strict=True) if rows else [[]] * 4)))


def test_inclusive_at_both_ends_and_open_end() -> None:
    rows = dated([(1, 10, 19, 5), (1, 20, FOR_EVER, 6)])
    instants = np.array([9, 10, 19, 20, 10**6])
    assert values_in_force(rows, np.array([1, 2]), instants).tolist() == [[-1, 5, 5, 6, 6], [-1] * 5]


@given(periods, st.lists(st.integers(0, 4), max_size=5))
def test_equals_a_plain_search(rows: list[tuple[int, int, int, int]], wanted: list[int]) -> None:
    found = values_in_force(dated(rows), np.array(wanted, np.int64), np.arange(10))
    for position, key in enumerate(wanted):
        for day in range(10):
            holding = [row for row in rows if row[0] == key and row[1] <= day <= row[2]]
            latest = max((row[1] for row in holding), default=0)
            expected = {row[3] for row in holding if row[1] == latest} or {MISSING}
            assert found[position, day] in expected


def test_narrowest_layer_first() -> None:
    layers = [np.array([[1, -1, -1]]), np.array([[2, 2, -1]]), np.array([[3, 3, 3]])]
    assert narrowest(*layers).tolist() == [[1, 2, 3]]


@given(periods)
def test_overlap_is_marked_when_two_periods_share_a_day(rows: list[tuple[int, int, int, int]]) -> None:
    rows = [(key, min(a, b), max(a, b), value) for key, a, b, value in rows]
    keys, first, last, _ = (np.array(c, np.int64) for c in (zip(*rows, strict=True) if rows else [[]] * 4))
    clash = any(a[0] == b[0] and a[1] <= b[2] and b[1] <= a[2] for n, a in enumerate(rows) for b in rows[n + 1 :])
    assert overlapping(keys, first, last).any() == clash
