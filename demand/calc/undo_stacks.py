"""What one person can still undo and redo in a plan, read from the ledger: undo and redo are entries of it too."""

from __future__ import annotations

from collections.abc import Iterable


def undo_stacks(entries: Iterable[tuple[int, int | None]]) -> tuple[list[int], list[int]]:
    """Replay a person's entries; return what is to be undone and what is to be redone next, the next one last.

    Args:
        entries: (id, id of the entry that it takes back or None) in ledger order. One that takes back an entry which is
            not among them says nothing.

    Returns:
        Two lists of ids. Taking back the last of the first list is undo, taking back the last of the second is redo. A
        new entry empties the second list.
    """
    done: list[int] = []
    undone: list[int] = []
    for key, taken_back in entries:
        if taken_back is None:
            done.append(key)
            undone.clear()
        elif taken_back in done:
            done.remove(taken_back)
            undone.append(key)
        elif taken_back in undone:
            undone.remove(taken_back)
            done.append(key)
    return done, undone
