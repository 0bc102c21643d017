"""What a ledger says in the end, moved into the months of the next plan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from demand.calc.replay import FOLLOW_BASELINE, KEEP_TYPED, RESTORE, LineBlock

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def net_lines(lines: LineBlock, count: int) -> tuple[Ints, Flags, Ints]:
    """The ledger in the end, per series (n, H): typed values, where they hold, and net changes elsewhere.

    A typed value stands over what was before it, a change on a typed value moves it, a reset clears both; restoring
    lines say nothing.

    Args:
        lines: in the order of the ledger, on series 0 … count − 1; milli-units.
        count: number of series.
    """
    typed = np.zeros((count, lines.delta.shape[1]), np.int64)
    is_typed, change = np.zeros(typed.shape, bool), np.zeros(typed.shape, np.int64)
    for line, row in enumerate(lines.row.tolist()):
        if lines.intent[line] == RESTORE:
            continue
        touched = lines.touched[line] != 0
        if lines.intent[line] == KEEP_TYPED:
            typed[row] = np.where(touched, lines.typed[line], typed[row])
            is_typed[row] |= touched
            change[row] = np.where(touched, 0, change[row])
        elif lines.intent[line] == FOLLOW_BASELINE:
            is_typed[row] &= ~touched
            change[row] = np.where(touched, 0, change[row])
        else:
            typed[row] += np.where(is_typed[row], lines.delta[line], 0)
            change[row] += np.where(is_typed[row], 0, lines.delta[line])
    return typed, is_typed, change


def standing(lines: LineBlock, count: int) -> Flags:
    """The cells (l, H) of each line that still say something in the end: no later typed value or reset on top of them.

    Resets and restoring lines stand nowhere. What stands of typed values and changes adds up, per series and month, to the
    net typed value or change of `net_lines`.

    Args:
        lines: in the order of the ledger, on series 0 … count − 1.
        count: number of series.
    """
    covered = np.zeros((count, lines.touched.shape[1]), bool)
    stands = np.zeros(lines.touched.shape, bool)
    for line in range(len(lines.row) - 1, -1, -1):
        intent, row = lines.intent[line], lines.row[line]
        if intent == RESTORE:
            continue
        touched = lines.touched[line] != 0
        if intent == KEEP_TYPED:
            stands[line] = touched & ~covered[row]
        elif intent != FOLLOW_BASELINE:
            stands[line] = (lines.delta[line] != 0) & ~covered[row]
        if intent in (KEEP_TYPED, FOLLOW_BASELINE):
            covered[row] |= touched
    return stands


def shifted(block: Ints, shift: int, horizon: int) -> Ints:
    """Columns moved `shift` months to the left, padded with 0 or cut to `horizon`: (n, H) → (n, horizon)."""
    moved = np.zeros((len(block), horizon), np.int64)
    width = max(min(block.shape[1] - shift, horizon), 0)
    moved[:, :width] = block[:, shift : shift + width]
    return moved
