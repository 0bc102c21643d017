"""One shape for every file: a header and rows of text, whatever the file was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from catalog.registry import Fault, FileRefused

NUMBER_CELL = "\x01"
UNREADABLE_CELL = "\x00"
FORMULA, ERROR, TOO_LONG_NUMBER, NOT_A_DAY = "formula", "error", "digits", "day"
UNREADABLE = {
    FORMULA: ("This cell is a formula.", "Paste it as a value: the portal does not calculate sheets."),
    ERROR: ("This cell holds an error of the sheet.", "Correct it in the sheet."),
    TOO_LONG_NUMBER: ("A sheet keeps 15 digits of a number.", "Format the column as text and enter the code again."),
    NOT_A_DAY: ("This cell is formatted as a date but is none, or has a time of day.", "Correct it in the sheet."),
}


@dataclass(frozen=True)
class Layout:
    """Where the table is in the file: what only a mapping can tell. '' and 0 mean: told by the file."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_row: int = 1


@dataclass(frozen=True)
class TextTable:
    """A file as text.

    Attributes:
        kind: `csv`, `xlsx` or `json`.
        header: names of the columns, as wide as every row.
        rows: (line in the file, cells); read once, in order; raises `FileRefused` where the file cannot be read on.
            A cell that a sheet or JSON holds as a number begins with `NUMBER_CELL`; one that cannot be taken is
            `unreadable(…)`.
        notes: what was understood that the person should know.
    """

    kind: str
    header: list[str]
    rows: Iterator[tuple[int, list[str]]]
    notes: list[str] = field(default_factory=list)


def unreadable(why: str, shown: str) -> str:
    """The text of a cell that cannot be taken, with what it shows."""
    return f"{UNREADABLE_CELL}{why}{UNREADABLE_CELL}{shown}"


def bare(text: str) -> str:
    """The text of a cell as people see it, without marks."""
    if text.startswith(NUMBER_CELL):
        return text[1:]
    return text.rsplit(UNREADABLE_CELL, 1)[-1] if UNREADABLE_CELL in text else text


def check_header(header: list[str], line: int) -> list[str]:
    """The header without blank columns at its end.

    Raises:
        FileRefused: it has no name, or names a column twice.
    """
    names = [bare(name).strip() for name in header]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise FileRefused([Fault(line, "", "", "The header row is blank.", "Name the columns, or the header row.")])
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        reason = "The header names this column twice."
        raise FileRefused([Fault(line, name, name, reason, "Keep one of them.") for name in twice])
    return names
