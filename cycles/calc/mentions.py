"""What a comment says: plain text, code in backticks, and people named by `@username`. Pure text, no lookups."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

#: Fenced or inline code, in which nobody is named; then an @ that follows no letter, digit or part of an address.
_CODE_OR_NAME = re.compile(r"```.*?```|`[^`\n]+`|(?<![\w.@+\-/])@(\w(?:[\w.@+\-]*\w)?)", re.DOTALL)


class PieceKind(StrEnum):
    """How a part of a comment is shown."""

    TEXT = "text"
    CODE = "code"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a comment in its order. `text` is what is shown; `name` the normalised username of a NAME, else ''."""

    kind: PieceKind
    text: str
    name: str = ""

    @property
    def plain(self) -> str:
        """What is shown of code: without its backticks."""
        return self.text.strip("`") if self.kind == PieceKind.CODE else self.text


def normal_name(name: str) -> str:
    """Return a username as it is compared: Unicode NFKC and without case, so that `@Zoë` finds `zoë`."""
    return unicodedata.normalize("NFKC", name).casefold()


def pieces(text: str) -> tuple[Piece, ...]:
    """Split a comment into text, code and names; the pieces' source adds to the text again.

    An @ inside a word or address (`ann@example.org`) names nobody; neither does one in code. A dot or comma after a
    name ends the sentence, not the name. Empty text has no pieces.
    """
    found: list[Piece] = []
    end = 0
    for match in _CODE_OR_NAME.finditer(text):
        if match.start() > end:
            found.append(Piece(PieceKind.TEXT, text[end : match.start()]))
        found.append(_piece(match))
        end = match.end()
    if end < len(text):
        found.append(Piece(PieceKind.TEXT, text[end:]))
    return tuple(found)


def _piece(match: re.Match[str]) -> Piece:
    whole, name = match.group(0), match.group(1)
    if name is None:
        return Piece(PieceKind.CODE, whole)
    return Piece(PieceKind.NAME, whole, normal_name(name))


def mentioned_names(text: str) -> tuple[str, ...]:
    """Return the normalised usernames named in a comment, each once, in the order of their first naming."""
    return tuple(dict.fromkeys(piece.name for piece in pieces(text) if piece.kind == PieceKind.NAME))
