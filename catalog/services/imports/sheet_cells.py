"""One sheet of a workbook, cell by cell as its bytes arrive: no tree is built, so no sheet can fill the memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml.sax import make_parser

from catalog.registry import Fault, FileRefused
from catalog.services.imports.formats import NotUnderstood, day_of_serial
from catalog.services.imports.limits import LONGEST_CELL, MOST_STRINGS, whole_file
from catalog.services.imports.table import ERROR, FORMULA, NOT_A_DAY, NUMBER_CELL, TOO_LONG_NUMBER, unreadable

READ_AT_ONCE = 1 << 16
LAST_SHEET_ROW, LAST_SHEET_COLUMN = 1_048_576, 16_384
KEPT_DIGITS = 15
DAYS_TO_1904 = 1462
CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
ISO_TIMELESS = re.compile(r"(\d{4}-\d{2}-\d{2})(T00:00:00(\.0+)?Z?)?", re.ASCII)


@dataclass(frozen=True)
class Book:
    """What the cells of a sheet refer to.

    Attributes:
        strings: the shared texts.
        styles: number format by style; 'day' for dates, '000000' for codes padded with zeros, '' for the rest.
        is_1904: whether days are counted from 1904.
    """

    strings: Sequence[str]
    styles: Sequence[str]
    is_1904: bool


class _Capture(ContentHandler):
    """Collects the text inside wanted elements; a longer text than a cell may hold is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.listening = False
        self.pieces: list[str] = []
        self.length = 0

    def characters(self, content: str) -> None:
        if self.listening:
            self.length += len(content)
            if self.length > LONGEST_CELL:
                raise whole_file("", f"A cell has more than {LONGEST_CELL:,} characters.", "Shorten it.")
            self.pieces.append(content)

    def taken(self) -> str:
        text = "".join(self.pieces)
        self.pieces.clear()
        self.length = 0
        return text


class _Strings(_Capture):
    """The shared texts, without phonetic readings."""

    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []
        self._phonetic = False

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the name that the parser calls
        local = name.rpartition(":")[2]
        if local == "rPh":
            self._phonetic = True
        self.listening = local == "t" and not self._phonetic

    def endElement(self, name: str) -> None:  # noqa: N802 - the name that the parser calls
        local = name.rpartition(":")[2]
        self.listening = False
        if local == "rPh":
            self._phonetic = False
        if local == "si":
            if len(self.strings) >= MOST_STRINGS:
                raise whole_file("", f"The workbook has more than {MOST_STRINGS:,} texts.", "Hand it in as CSV.")
            self.strings.append(self.taken())


class _Sheet(_Capture):
    """Rows as they end, and the ranges of merged cells."""

    def __init__(self, book: Book) -> None:
        super().__init__()
        self.rows: list[tuple[int, dict[int, str]]] = []
        self.merged: list[str] = []
        self._book = book
        self._line = self._column = 0
        self._cells: dict[int, str] = {}
        self._kind = self._style = ""
        self._has_formula = self._phonetic = False

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the name that the parser calls
        local = name.rpartition(":")[2]
        if local == "c":
            self._begin_cell(attrs)
        elif local in ("v", "t"):
            self.listening = not self._phonetic
        elif local == "rPh":
            self._phonetic = True
        elif local == "f":
            self._has_formula = True
        elif local == "row":
            self._begin_row(attrs)
        elif local == "mergeCell" and len(self.merged) < LAST_SHEET_COLUMN:
            self.merged.append(attrs.get("ref", ""))

    def endElement(self, name: str) -> None:  # noqa: N802 - the name that the parser calls
        local = name.rpartition(":")[2]
        self.listening = False
        if local == "rPh":
            self._phonetic = False
        if local == "c":
            text = cell_text(self.taken(), self._kind, self._style, self._book)
            if self._has_formula:
                text = unreadable(FORMULA, text)
            if text:
                self._cells[self._column] = text
        elif local == "row":
            self.rows.append((self._line, self._cells))
            self._cells = {}

    def _begin_row(self, attrs: dict[str, str]) -> None:
        line = int(attrs.get("r", self._line + 1))
        if not self._line < line <= LAST_SHEET_ROW:
            raise whole_file(str(line), "The rows of the sheet are out of order.", "Save the workbook again.")
        self._line, self._column = line, -1

    def _begin_cell(self, attrs: dict[str, str]) -> None:
        place = CELL.fullmatch(attrs["r"]) if "r" in attrs else None
        column = column_number(place[1]) if place else self._column + 1
        if not self._column < column < LAST_SHEET_COLUMN:
            raise whole_file(attrs.get("r", ""), "The cells of a row are out of order.", "Save the workbook again.")
        self._column, self._kind, self._has_formula = column, attrs.get("t", "n"), False
        self._style = self._book.styles[int(attrs.get("s", 0))] if self._book.styles else ""


def column_number(letters: str) -> int:
    """A → 0, Z → 25, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def shared_texts(stream: IO[bytes]) -> list[str]:
    """The shared texts of a workbook, in order."""
    handler = _Strings()
    for _ in _fed(stream, handler):
        pass
    return handler.strings


def sheet_rows(stream: IO[bytes], book: Book, *, header_row: int) -> Iterator[tuple[int, dict[int, str]]]:
    """(row number, column → text) of every row of a sheet that has a cell; columns count from 0.

    Raises:
        FileRefused: the sheet cannot be read, or cells from the header row on are merged.
    """
    handler = _Sheet(book)
    for _ in _fed(stream, handler):
        yield from handler.rows
        handler.rows = []
    below = [ref for ref in handler.merged if _last_row(ref) >= header_row]
    if below:
        reason = "Cells are merged: only the first of them has a value."
        raise FileRefused([Fault(_last_row(ref), "", ref, reason, "Unmerge and fill them.") for ref in below[:20]])


def _last_row(ref: str) -> int:
    digits = re.sub(r"[^0-9:]", "", ref).rpartition(":")[2]
    return int(digits) if digits else 0


def _fed(stream: IO[bytes], handler: ContentHandler) -> Iterator[None]:
    """Feed a parser piece by piece, without entities, DTD or outside references; stop after each piece."""
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(handler)
    try:
        while piece := stream.read(READ_AT_ONCE):
            parser.feed(piece)
            yield
        parser.close()
        yield
    except SAXException as error:
        raise whole_file("", "The workbook is damaged: its XML cannot be read.", "Save it again.") from error


def cell_text(raw: str, kind: str, style: str, book: Book) -> str:
    """What a cell says, as text.

    A number keeps the 15 digits that a sheet shows and is marked as a number; a date is ISO; a code that is formatted
    with zeros (`000000`) keeps them. What cannot be taken exactly is marked unreadable.
    """
    if kind == "s":
        return book.strings[int(raw)] if raw else ""
    if kind in ("str", "inlineStr") or not raw:
        return raw
    if kind == "e":
        return unreadable(ERROR, raw)
    if kind == "b":
        return "TRUE" if raw.strip() == "1" else "FALSE"
    if kind == "d":
        day = ISO_TIMELESS.fullmatch(raw.strip())
        return day[1] if day else unreadable(NOT_A_DAY, raw)
    return _number_text(raw.strip(), style, book.is_1904)


def _number_text(raw: str, style: str, is_1904: bool) -> str:
    if style == "day":
        return _day_text(float(raw), is_1904, raw)
    digits = raw.lstrip("-").replace(".", "").lstrip("0")
    if raw.lstrip("-").isdigit():
        if len(digits) > KEPT_DIGITS:
            return unreadable(TOO_LONG_NUMBER, raw)
        return raw.zfill(len(style)) if style else NUMBER_CELL + raw
    number = float(raw)
    if abs(number) >= 10**KEPT_DIGITS:
        return unreadable(TOO_LONG_NUMBER, raw)
    shown = f"{number:.{KEPT_DIGITS}g}"
    return NUMBER_CELL + shown


def _day_text(serial: float, is_1904: bool, raw: str) -> str:
    if serial != int(serial):
        return unreadable(NOT_A_DAY, raw)
    try:
        return day_of_serial(int(serial) + DAYS_TO_1904 * is_1904).isoformat()
    except NotUnderstood:
        return unreadable(NOT_A_DAY, raw)
