"""Who moved the plan: lines add to streams, people and the upside, to the cent; a lost line does not."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.calc.dollars import to_cents
from demand.calc.stream_steps import LedgerLines, line_steps, stream_steps, stream_sums

SERIES, MONTHS, STREAMS = 3, 2, 4
PRICES = np.array([[99_999, 10_001], [33_333, 12_345], [70_007, 1]])


def priced(units: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return to_cents(units, PRICES[rows])


def ledger(*rows: tuple[int, int, int, int, int]) -> LedgerLines:
    """Rows of (stream, edit, person, series, delta of the first month in milli-units)."""
    table = np.array(rows, np.int64).reshape(-1, 5)
    deltas = np.stack([table[:, 4], -table[:, 4] // 3], axis=1)
    return LedgerLines(table[:, 0], table[:, 1], table[:, 2], table[:, 3], deltas)


def test_a_line_is_worth_its_units_at_the_price() -> None:
    """2 units at 9.9999 on nothing, then 1 more: 20.00 of 30.00, the second line gets what the rounding leaves."""
    lines = ledger((0, 7, 1, 0, 2_000), (0, 8, 2, 0, 1_000))
    steps = line_steps(np.zeros((SERIES, MONTHS), np.int64), lines, priced)
    assert steps[:, 0].tolist() == [20_00, 10_00]


def test_two_thirds_of_a_cent_twice_is_one_cent_once() -> None:
    """0.01 units at 0.67 are 0.67 of a cent. Alone each rounds to 1; the running total says 1, then 1.34 → 1."""
    lines = ledger((0, 7, 1, 0, 10), (1, 8, 1, 0, 10))
    steps = line_steps(
        np.zeros((SERIES, MONTHS), np.int64), lines, lambda units, _: to_cents(units, np.full(units.shape, 6_700))
    )
    assert steps[:, 0].tolist() == [1, 0]


def test_the_order_of_the_file_does_not_matter() -> None:
    rows = [(1, 9, 2, 0, 333), (0, 7, 1, 0, 667), (1, 8, 2, 1, -50), (0, 10, 3, 0, 1)]
    base = np.full((SERIES, MONTHS), 1_111)
    there = line_steps(base, ledger(*rows), priced)
    assert (line_steps(base, ledger(*rows[::-1]), priced)[::-1] == there).all()


def test_an_empty_ledger_moves_nothing() -> None:
    assert line_steps(np.ones((SERIES, MONTHS), np.int64), ledger(), priced).shape == (0, MONTHS)


rows = st.lists(
    st.tuples(
        st.integers(0, STREAMS - 1), st.integers(1, 9), st.integers(1, 3), st.integers(0, SERIES - 1),
        st.integers(-9_000, 9_000),
    ),
    max_size=15,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(rows, st.integers(-5_000, 50_000))
def test_lines_add_to_their_streams_and_to_the_upside(drawn: list[tuple[int, int, int, int, int]], start: int) -> None:
    lines, base = ledger(*drawn), np.full((SERIES, MONTHS), start)
    steps = line_steps(base, lines, priced)
    by_stream = np.zeros((STREAMS, SERIES, MONTHS), np.int64)
    np.add.at(by_stream, (lines.streams, lines.series), lines.deltas)
    expected = stream_steps(base, by_stream, lambda units: to_cents(units, PRICES))
    for stream in range(STREAMS):
        assert (steps[lines.streams == stream].sum(axis=0) == expected[stream + 1].sum(axis=0)).all()
        assert (stream_sums(lines, steps, (STREAMS, SERIES))[stream] == expected[stream + 1].sum(axis=1)).all()
    consensus = base + by_stream.sum(axis=0)
    moved = to_cents(consensus, PRICES) - to_cents(base, PRICES)
    assert (steps.sum(axis=0) == moved.sum(axis=0)).all()
    people = sum((steps[lines.people == person].sum(axis=0) for person in (1, 2, 3)), np.zeros(MONTHS, np.int64))
    assert (people == moved.sum(axis=0)).all()


def test_a_lost_line_is_missed() -> None:
    """Negative control: without one of its lines the ledger no longer leads to the consensus."""
    lines = ledger((0, 7, 1, 0, 2_000), (2, 8, 2, 0, 1_000))
    one = LedgerLines(
        *(values[:1] for values in (lines.streams, lines.edits, lines.people, lines.series, lines.deltas))
    )
    base = np.zeros((SERIES, MONTHS), np.int64)
    moved = to_cents(lines.deltas.sum(axis=0)[None], PRICES[:1])
    assert (line_steps(base, lines, priced).sum(axis=0) == moved).all()
    assert (line_steps(base, one, priced).sum(axis=0) != moved).any()
