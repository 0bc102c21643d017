"""Opaque cursors: the snapshot they belong to and the next row; a cursor of another snapshot is not understood."""

from __future__ import annotations

import base64
import binascii

ROOT_CHARACTERS = 16


class BadCursor(ValueError):
    """Not a cursor of this snapshot."""


def cursor_for(root: str, start: int) -> str:
    """The text of a cursor to row `start` of the snapshot with this root."""
    return base64.urlsafe_b64encode(f"{root[:ROOT_CHARACTERS]}:{start}".encode()).decode().rstrip("=")


def start_of(cursor: str, root: str) -> int:
    """The row that a cursor leads to; 0 for an empty one.

    Raises:
        BadCursor: made for another snapshot, or no cursor at all.
    """
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        prefix, _, start = text.partition(":")
        number = int(start)
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise BadCursor("That is no cursor.") from error
    if prefix != root[:ROOT_CHARACTERS] or number < 0:
        raise BadCursor("The cursor belongs to another snapshot; start again.")
    return number
