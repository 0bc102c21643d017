"""The streams add to the consensus in every cell, also where each alone would be rounded away."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.calc.dollars import to_cents
from demand.calc.streams import StreamLines, line_cents, stream_sums

SERIES, MONTHS, STREAMS = 3, 2, 4


def lines_of(made: list[tuple[int, int, list[int]]]) -> StreamLines:
    ordered = sorted(made, key=lambda line: line[:2])
    row, stream = (np.array([line[axis] for line in ordered], np.int64) for axis in (0, 1))
    delta = np.array([line[2] for line in ordered], np.int64).reshape(-1, MONTHS)
    return StreamLines(row, stream, np.arange(len(ordered), dtype=np.int64), delta)


def priced(price4: int):  # type: ignore[no-untyped-def]
    return lambda units, rows: to_cents(units, np.full(units.shape, price4, np.int64))


def test_two_thirds_of_a_cent_twice_is_one_cent_once() -> None:
    """0.01 units at 0.67 are 0.0067: 0.67 of a cent. Alone each rounds to 1; the running total says 1, then 1.34 → 1."""
    lines = lines_of([(0, 0, [10, 0]), (0, 1, [10, 0])])
    assert line_cents(np.zeros((1, 2), np.int64), lines, priced(6_700)).tolist() == [[1, 0], [0, 0]]


line = st.tuples(
    st.integers(0, SERIES - 1), st.integers(0, STREAMS - 1), st.lists(st.integers(-50, 50), min_size=2, max_size=2)
)


@given(st.lists(line, max_size=12), st.integers(1, 99_999))
def test_baseline_and_lines_add_to_the_consensus_to_the_cent(
    made: list[tuple[int, int, list[int]]], price4: int
) -> None:
    lines, baseline = lines_of(made), np.arange(SERIES * MONTHS, dtype=np.int64).reshape(SERIES, MONTHS) * 37
    consensus = baseline.copy()
    np.add.at(consensus, lines.row, lines.delta)
    dollars = priced(price4)
    every = np.arange(SERIES)
    cents = line_cents(baseline, lines, dollars)
    sums = dollars(baseline, every).copy()
    np.add.at(sums, lines.row, cents)
    assert (sums == dollars(consensus, every)).all()
    by_stream = stream_sums(lines, cents, (STREAMS, SERIES)).sum(axis=0)
    assert (dollars(baseline, every).sum(axis=1) + by_stream == dollars(consensus, every).sum(axis=1)).all()
