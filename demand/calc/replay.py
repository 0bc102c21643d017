"""The ledger replayed on a baseline: what the consensus is, and what people meant it to be after the baseline moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

KEEP_CHANGE, KEEP_TYPED, FOLLOW_BASELINE, RESTORE = 0, 1, 2, 3


@dataclass(frozen=True)
class LineBlock:
    """Edit lines in the order of the ledger. `row` (l,) position of the series; the arrays (l, H) milli-units.

    `intent` (l,): 0 keeps the change, 1 keeps the typed value, 2 follows the baseline, 3 says nothing of its own (a
    restoring line, or one that was taken back); `touched` 1 in its months.
    """

    row: Ints
    intent: Ints
    delta: Ints
    touched: Ints
    typed: Ints


@dataclass(frozen=True)
class Moves:
    """System lines that a new baseline asks for, (m, …): `row` of the series, and what the line says.

    `delta` restores typed values of `set` lines; `touched` marks every edited month whose baseline moved.
    """

    row: Ints
    delta: Ints
    touched: Ints
    typed: Ints


def taken_back(undoings: Sequence[tuple[int, int]]) -> set[int]:
    """The gestures that do not hold: those undone by an undo that was not itself taken back.

    Args:
        undoings: (undo, undone) numbers; an undo is later than what it undoes.
    """
    gone: set[int] = set()
    for undo, undone in sorted(undoings, reverse=True):
        if undo not in gone:
            gone.add(undone)
    return gone


def consensus_of(baseline: Ints, lines: LineBlock) -> Ints:
    """baseline + Σ deltas, (n, H) milli-units. Exact integers; no line, no change."""
    total = baseline.copy()
    np.add.at(total, lines.row, lines.delta)
    return total


def meant_by(baseline: Ints, lines: LineBlock) -> Ints:
    """The value that people meant, (n, H), walking the ledger: `set` gives the typed value, `change` adds its delta,
    `reset` gives the baseline, `restore` is passed over."""
    meant = baseline.copy()
    for line, row in enumerate(lines.row.tolist()):
        if lines.intent[line] == RESTORE:
            continue
        touched = lines.touched[line] != 0
        if lines.intent[line] == KEEP_CHANGE:
            meant[row] += lines.delta[line]
        else:
            value = lines.typed[line] if lines.intent[line] == KEEP_TYPED else baseline[row]
            meant[row] = np.where(touched, value, meant[row] + lines.delta[line])
    return meant


def ended_edits(baseline: Ints, lines: LineBlock, alive: NDArray[np.bool_]) -> Moves:
    """The resetting lines that an item's end (or a later launch) asks for: edited months in which it is not on the market.

    They follow the baseline, so that the edits there hold no longer and are not carried on; `typed` is 0. Months that
    mean the baseline already ask for nothing.

    Args:
        baseline: (n, H) milli-units.
        lines: in the order of the ledger.
        alive: (n, H) whether the item is on the market.
    """
    edited = _edited(lines, baseline.shape) & ~alive
    dead = edited & (meant_by(baseline, lines) != baseline)
    delta = np.where(dead, baseline - consensus_of(baseline, lines), 0)
    rows = np.flatnonzero(dead.any(axis=1))
    return Moves(rows, delta[rows], dead[rows].astype(np.int64), np.zeros((len(rows), baseline.shape[1]), np.int64))


def with_lines(lines: LineBlock, moves: Moves, intent: int) -> LineBlock:
    """The ledger with the moves behind it as lines of one intent."""
    return LineBlock(
        row=np.concatenate([lines.row, moves.row]),
        intent=np.concatenate([lines.intent, np.full(len(moves.row), intent, np.int64)]),
        delta=np.concatenate([lines.delta, moves.delta]),
        touched=np.concatenate([lines.touched, moves.touched]),
        typed=np.concatenate([lines.typed, moves.typed]),
    )


def _edited(lines: LineBlock, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The cells (n, H) in which a line has a meaning of its own."""
    edited = np.zeros(shape, bool)
    meaning = lines.intent != RESTORE
    np.logical_or.at(edited, lines.row[meaning], lines.touched[meaning] != 0)
    return edited


def moves_of(before: Ints, baseline: Ints, lines: LineBlock) -> Moves:
    """The restoring lines after the baseline went from `before` to `baseline`, both (n, H).

    One line per edited series in which the baseline of an edited month moved; its delta is 0 in months where only
    changes were meant. A baseline that did not move asks for nothing.
    """
    meant = meant_by(baseline, lines)
    delta = meant - consensus_of(baseline, lines)
    touched = _edited(lines, baseline.shape) & (before != baseline)
    rows = np.flatnonzero((touched | (delta != 0)).any(axis=1))
    return Moves(
        row=rows,
        delta=delta[rows],
        touched=(touched | (delta != 0))[rows].astype(np.int64),
        typed=np.where(delta != 0, meant, 0)[rows],
    )
