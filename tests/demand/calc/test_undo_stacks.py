"""What can be undone and redone, from a person's entries alone."""

from __future__ import annotations

import pytest

from demand.calc.undo_stacks import undo_stacks

Entries = list[tuple[int, int | None]]


@pytest.mark.parametrize(
    ("entries", "done", "undone"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param([(1, None), (2, None)], [1, 2], [], id="two gestures"),
        pytest.param([(1, None), (2, None), (3, 2)], [1], [3], id="the second undone: 3 is what redo takes back"),
        pytest.param([(1, None), (2, 1), (3, 2)], [3], [], id="redone: 3 does what 1 did"),
        pytest.param(
            [(1, None), (2, None), (3, 2), (4, 1)], [], [3, 4], id="both undone: the older one comes back first"
        ),
        pytest.param([(1, None), (2, 1), (3, None)], [3], [], id="a new gesture ends what could be redone"),
        pytest.param([(1, None), (2, None), (3, 1)], [2], [3], id="the older one taken back elsewhere"),
        pytest.param([(2, 1), (3, None)], [3], [], id="of an entry that is not among them"),
    ],
)
def test_undo_and_redo_are_read_from_the_entries(entries: Entries, done: list[int], undone: list[int]) -> None:
    assert undo_stacks(entries) == (done, undone)
