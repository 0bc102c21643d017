"""What is left of a ledger for the next plan, and what an item's end takes out of it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from demand.calc.carrying import net_lines, shifted, standing
from demand.calc.replay import (
    FOLLOW_BASELINE,
    KEEP_CHANGE,
    KEEP_TYPED,
    RESTORE,
    LineBlock,
    consensus_of,
    ended_edits,
    meant_by,
    with_lines,
)

MONTHS = 3
LINE = st.tuples(
    st.sampled_from([KEEP_CHANGE, KEEP_TYPED, FOLLOW_BASELINE, RESTORE]),
    st.lists(st.integers(-50, 50), min_size=MONTHS, max_size=MONTHS),
    st.lists(st.integers(0, 1), min_size=MONTHS, max_size=MONTHS),
)


def ledger(*lines: tuple[int, list[int], list[int]]) -> LineBlock:
    """Lines (intent, value, touched) on one series: a typed line means its value, a change its delta."""
    intent = np.array([line[0] for line in lines], np.int64)
    values = np.array([line[1] for line in lines], np.int64).reshape(-1, MONTHS)
    touched = np.array([line[2] for line in lines], np.int64).reshape(-1, MONTHS)
    values = values * touched
    typed = np.where(intent[:, None] == KEEP_TYPED, values, 0)
    return LineBlock(np.zeros(len(lines), np.int64), intent, values, touched, typed)


def test_a_change_on_a_typed_value_moves_it_and_a_reset_clears_it() -> None:
    lines = ledger(
        (KEEP_TYPED, [70, 70, 0], [1, 1, 0]),
        (KEEP_CHANGE, [5, 0, 5], [1, 0, 1]),
        (FOLLOW_BASELINE, [0, 0, 0], [0, 1, 0]),
    )
    typed, is_typed, change = net_lines(lines, 1)
    assert is_typed.tolist() == [[True, False, False]]
    assert (typed[0, 0], change[0].tolist()) == (75, [0, 0, 5])


def test_months_move_left_and_end_at_the_horizon() -> None:
    block = np.array([[1, 2, 3, 4]])
    assert shifted(block, 1, 2).tolist() == [[2, 3]]
    assert shifted(block, 1, 5).tolist() == [[2, 3, 4, 0, 0]]
    assert shifted(block, 4, 2).tolist() == [[0, 0]]


def test_an_edit_after_the_end_falls_back_to_the_baseline() -> None:
    """Typed 70 on a baseline of 50 in three months; the item ends after the first."""
    baseline = np.array([[50, 0, 0]])
    lines = ledger((KEEP_TYPED, [20, 70, 70], [1, 1, 1]))
    lines = LineBlock(lines.row, lines.intent, lines.delta, lines.touched, np.array([[70, 70, 70]]))
    ended = ended_edits(baseline, lines, np.array([[True, False, False]]))
    assert (ended.delta.tolist(), ended.touched.tolist()) == ([[0, -70, -70]], [[0, 1, 1]])
    after = with_lines(lines, ended, FOLLOW_BASELINE)
    assert consensus_of(baseline, after).tolist() == meant_by(baseline, after).tolist() == [[70, 0, 0]]
    assert net_lines(after, 1)[1].tolist() == [[True, False, False]]


@given(st.lists(LINE, max_size=5), st.lists(st.booleans(), min_size=MONTHS, max_size=MONTHS))
def test_nothing_is_left_to_say_of_dead_months_after_once(
    entries: list[tuple[int, list[int], list[int]]], alive: list[bool]
) -> None:
    baseline, on_market = np.array([[10, 20, 30]]), np.array([alive])
    lines = ledger(*entries)
    after = with_lines(lines, ended_edits(baseline, lines, on_market), FOLLOW_BASELINE)
    assert len(ended_edits(baseline, after, on_market).row) == 0
    dead = ~on_market & (meant_by(baseline, after) != baseline)
    assert not dead[0, [bool(lines.touched[lines.intent != RESTORE][:, month].any()) for month in range(MONTHS)]].any()


@given(st.lists(LINE, min_size=1, max_size=8))
def test_what_stands_of_each_line_adds_up_to_the_net_of_all(made: list[tuple[int, list[int], list[int]]]) -> None:
    lines = ledger(*made)
    typed, is_typed, change = net_lines(lines, 1)
    stands = standing(lines, 1)
    said = np.where(lines.intent[:, None] == KEEP_TYPED, lines.typed, lines.delta)
    assert (np.where(stands, said, 0).sum(axis=0) == np.where(is_typed, typed, change)[0]).all()
    # a month that somebody typed into stands in exactly one typed line
    stands_typed = stands & (lines.intent[:, None] == KEEP_TYPED)
    assert (stands_typed.sum(axis=0) == is_typed[0]).all()
