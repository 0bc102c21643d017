"""The ledger replayed: what people meant, what a moved baseline asks for, what an undo leaves."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from demand.calc.replay import (
    FOLLOW_BASELINE,
    KEEP_CHANGE,
    KEEP_TYPED,
    RESTORE,
    LineBlock,
    consensus_of,
    meant_by,
    moves_of,
    taken_back,
)


def lines(*entries: tuple[int, int, int, int]) -> LineBlock:
    """One series, one month: (intent, delta, touched, typed) in ledger order."""
    columns = np.array(entries, np.int64).reshape(-1, 4)
    return LineBlock(np.zeros(len(columns), np.int64), columns[:, 0], columns[:, 1:2], columns[:, 2:3], columns[:, 3:4])


def block(value: int) -> np.ndarray:
    return np.array([[value]], np.int64)


def test_a_typed_value_stays_and_a_change_stays_on_top() -> None:
    ledger = lines((KEEP_TYPED, 20, 1, 120), (KEEP_CHANGE, 5, 1, 0))
    assert consensus_of(block(100), ledger) == 125
    assert meant_by(block(70), ledger) == 120 + 5


def test_a_reset_follows_the_baseline() -> None:
    ledger = lines((KEEP_TYPED, 20, 1, 120), (FOLLOW_BASELINE, -20, 1, 0))
    assert meant_by(block(70), ledger) == 70


def test_moves_restore_the_typed_value() -> None:
    moves = moves_of(block(100), block(70), lines((KEEP_TYPED, 20, 1, 120)))
    assert moves.delta == 120 - (70 + 20) and moves.touched == 1


def test_moves_mark_a_change_without_touching_it() -> None:
    moves = moves_of(block(100), block(70), lines((KEEP_CHANGE, 20, 1, 0)))
    assert moves.delta == 0 and moves.touched == 1


def test_a_baseline_that_stays_asks_for_nothing() -> None:
    assert len(moves_of(block(100), block(100), lines((KEEP_TYPED, 20, 1, 120))).row) == 0


def test_a_second_move_still_keeps_the_change() -> None:
    first = lines((KEEP_CHANGE, 20, 1, 0), (RESTORE, 0, 1, 0))
    assert meant_by(block(50), first) == 70
    assert moves_of(block(70), block(50), first).delta == 0


def test_an_undone_line_means_nothing_and_is_not_listed() -> None:
    # typed 120 over 100, taken back: both lines say nothing of their own
    ledger = lines((RESTORE, 20, 1, 120), (RESTORE, -20, 1, 0))
    assert len(moves_of(block(100), block(70), ledger).row) == 0


def test_taken_back_follows_the_chain() -> None:
    assert taken_back([(2, 1)]) == {1}
    assert taken_back([(2, 1), (3, 2)]) == {2}
    assert taken_back([(2, 1), (3, 2), (4, 3)]) == {3, 1}
    assert taken_back([]) == set()


@given(
    st.lists(st.tuples(st.sampled_from([KEEP_CHANGE, KEEP_TYPED, FOLLOW_BASELINE]), st.integers(0, 500)), max_size=8),
    st.lists(st.integers(0, 500), min_size=1, max_size=4),
)
def test_after_every_replay_the_consensus_is_what_was_meant(
    gestures: list[tuple[int, int]], baselines: list[int]
) -> None:
    baseline, entries = 100, []
    for intent, value in gestures:
        now = int(consensus_of(block(baseline), lines(*entries))[0, 0])
        target = {KEEP_TYPED: value, KEEP_CHANGE: now + value, FOLLOW_BASELINE: baseline}[intent]
        entries.append((intent, target - now, 1, target if intent == KEEP_TYPED else 0))
    for moved in baselines:
        moves = moves_of(block(baseline), block(moved), lines(*entries))
        if len(moves.row):
            entries.append((RESTORE, int(moves.delta[0, 0]), 1, 0))
        baseline = moved
        ledger = lines(*entries)
        assert consensus_of(block(baseline), ledger) == meant_by(block(baseline), ledger)
