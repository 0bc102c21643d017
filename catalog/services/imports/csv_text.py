"""Bytes of a CSV file → a table of text, line by line; nothing is guessed or altered."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice

from catalog.registry import Fault, FileRefused
from catalog.services.imports.faults import KEPT_FAULTS
from catalog.services.imports.limits import (
    LONGEST_CELL,
    LONGEST_RECORD,
    MOST_COLUMNS,
    MOST_ROWS,
    check_rows,
    check_size,
    whole_file,
)
from catalog.services.imports.table import Layout, TextTable, check_header

DELIMITERS = ",;\t"
ENCODINGS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "windows-1252": "cp1252"}
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SAVE_AS_CSV = "Save the sheet as 'CSV UTF-8', or name the encoding in a mapping."
DECODED_AT_ONCE = 1 << 20
LOOKED_AT = 40
NEVER_TEXT = ("\x00", "\x01")


class _Lines:
    """The lines of a text, each and each record bounded; counts what the current record has used."""

    def __init__(self, content: bytes, encoding: str) -> None:
        self._text = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
        self.record_length = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST_RECORD + 1):
            self.record_length += len(line)
            if self.record_length > LONGEST_RECORD:
                reason = f"A row has more than {LONGEST_RECORD:,} characters."
                raise whole_file("", reason, "Close every quote; hand in a table.")
            yield line


def csv_table(content: bytes, layout: Layout) -> TextTable:
    """The table of a CSV file: UTF-8 with or without mark, UTF-16 with mark, or the layout's encoding.

    `,` `;` or tab, told by the header unless the layout names it. Blank lines are skipped; lines count from 1.

    Raises:
        FileRefused: size, encoding or header are wrong (and, while reading, a row that cannot be split).
    """
    check_size(content)
    encoding = _encoding(content, layout)
    _check_text(content, encoding)
    lines = _Lines(content, encoding)
    source = iter(lines)
    skipped = [next(source, "") for _ in range(layout.header_row)]
    delimiter = layout.delimiter or max(DELIMITERS, key=skipped[-1].count)
    lines.record_length = len(skipped[-1])
    csv.field_size_limit(LONGEST_CELL * 4)
    reader = csv.reader(_again(skipped[-1], source), delimiter=delimiter, strict=True)
    before = layout.header_row - 1
    try:
        header = check_header(next(reader, []), layout.header_row)
    except csv.Error as error:
        raise _unsplit(layout.header_row, error) from error
    if len(header) > MOST_COLUMNS:
        raise whole_file(str(len(header)), f"The header has more than {MOST_COLUMNS} columns.", "Hand in fewer.")
    return TextTable("csv", header, _rows(reader, lines, len(header), before))


def csv_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of every row that has a text, for files whose form nobody agreed on: nothing is a header here.

    UTF-8, UTF-16 with mark, else Windows-1252; the delimiter is the one that splits the first lines most evenly.

    Raises:
        FileRefused: size or encoding are wrong (and, while reading, a row that cannot be split).
    """
    check_size(content)
    try:
        encoding = _encoding(content, Layout())
        _check_text(content, encoding)
    except FileRefused:
        encoding = ENCODINGS["windows-1252"]
        _check_text(content, encoding)
    lines = _Lines(content, encoding)
    source = iter(lines)
    first = list(islice(source, LOOKED_AT))
    csv.field_size_limit(LONGEST_CELL * 4)
    delimiter = max(DELIMITERS, key=lambda sign: _evenness(first, sign))
    reader = csv.reader(chain(first, source), delimiter=delimiter, strict=True)
    lines.record_length = 0
    try:
        for row in reader:
            lines.record_length = 0
            if any(cell and not cell.isspace() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise _unsplit(reader.line_num, error) from error


def _evenness(lines: list[str], delimiter: str) -> tuple[int, int]:
    """How many lines a delimiter splits into the same number of cells, and into how many; (0, 0) when into one."""
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return 0, 0
    width, lines_of_it = max(widths.items(), key=lambda entry: (entry[0] > 1, entry[1], entry[0]), default=(0, 0))
    return (lines_of_it, width) if width > 1 else (0, 0)


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _rows(reader: csv._reader, lines: _Lines, width: int, before: int) -> Iterator[tuple[int, list[str]]]:  # type: ignore[name-defined]
    ragged: list[Fault] = []
    count = 0
    try:
        for row in reader:
            lines.record_length = 0
            if not any(cell and not cell.isspace() for cell in row):
                continue
            count += 1
            line = reader.line_num + before
            check_rows(count, MOST_ROWS, line)
            if len(row) > width and not any(row[width:]):
                row = row[:width]
            if len(row) == width:
                yield line, row
                continue
            reason = f"The row has {len(row)} cells, the header {width}."
            ragged.append(Fault(line, "", str(len(row)), reason, "Quote the delimiter."))
            if len(ragged) >= KEPT_FAULTS:
                break
    except csv.Error as error:
        raise _unsplit(reader.line_num + before, error) from error
    if ragged:
        raise FileRefused(ragged)


def _unsplit(line: int, error: csv.Error) -> FileRefused:
    return FileRefused([Fault(line, "", "", f"The row cannot be split: {error}.", "Close every quote.")])


def _encoding(content: bytes, layout: Layout) -> str:
    if content.startswith(UTF16_MARKS):
        return "utf-16"
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    return ENCODINGS[layout.encoding or "utf-8"]


def _check_text(content: bytes, encoding: str) -> None:
    """Decode the whole file piece by piece, so that a wrong byte is found before any row is taken."""
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(content)
    for start in range(0, len(content), DECODED_AT_ONCE):
        piece = bytes(view[start : start + DECODED_AT_ONCE])
        try:
            text = decoder.decode(piece, final=start + DECODED_AT_ONCE >= len(content))
        except UnicodeDecodeError as error:
            place = start + len(piece) - len(error.object) + error.start
            raise _undecodable(content, place, encoding) from error
        if any(mark in text for mark in NEVER_TEXT):
            mark = min((m for m in NEVER_TEXT if m in text), key=text.index)
            row = content.count(b"\n", 0, content.index(mark.encode(), start)) + 1
            named = "a NUL byte" if mark == "\x00" else "a control character"
            reason = f"The file holds {named}: it is binary, or UTF-16 without a mark."
            raise FileRefused([Fault(row, "", f"\\x{ord(mark):02x}", reason, SAVE_AS_CSV)])


def _undecodable(content: bytes, place: int, encoding: str) -> FileRefused:
    value = f"0x{content[place]:02x}"
    named = encoding.upper().removesuffix("-SIG")
    guess = "" if encoding == "cp1252" else "; the file may be Windows-1252"
    fault = Fault(content.count(b"\n", 0, place) + 1, "", value, f"Byte {value} is not {named}{guess}.", SAVE_AS_CSV)
    return FileRefused([fault])
