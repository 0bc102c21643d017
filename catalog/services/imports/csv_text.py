"""Bytes of a file → its cells as text, or the reasons why it cannot be read; nothing is guessed or altered."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence

import pandas as pd

from catalog.registry import Column, Fault, FileRefused

DELIMITERS = ",;\t"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ZIP_MARK, OLE_MARK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
LARGEST_BYTES = 256 * 1024 * 1024
SAVE_AS_CSV = "Save the sheet as 'CSV UTF-8' and hand in that file."


def read_cells(content: bytes, columns: Sequence[Column]) -> tuple[pd.DataFrame, list[str]]:
    """Cells of a CSV file as text, with the header's names, indexed by line number in the file (the header is 1).

    UTF-8 with or without mark, or UTF-16 with mark; `,` `;` or tab, told by the header. Optional columns that the
    file does not have are filled with blanks; blank lines are skipped.

    Args:
        content: the file.
        columns: what the dataset expects.

    Returns:
        A frame of text with exactly `columns`, and the names of the file's other columns.

    Raises:
        FileRefused: encoding, header or row lengths are wrong; every such row is named.
    """
    text = _decoded(content)
    header, lines, rows = _split(text)
    ignored = _check_header(header, columns)
    width = len(header)
    ragged = [
        Fault(
            line,
            "",
            str(len(row)),
            f"The row has {len(row)} cells, the header {width}.",
            "Quote the delimiter.",
        )
        for line, row in zip(lines, rows, strict=True)
        if len(row) != width
    ]
    if ragged:
        raise FileRefused(ragged)
    frame = pd.DataFrame(rows, columns=header, index=pd.Index(lines, name="row"), dtype=object)
    for column in columns:
        if column.name not in frame:
            frame[column.name] = ""
    return frame[[column.name for column in columns]], ignored


def _decoded(content: bytes) -> str:
    if not content.strip():
        raise _whole("", "The file is empty.", "Hand in a file with a header row.")
    if len(content) > LARGEST_BYTES:
        raise _whole(str(len(content)), "The file is larger than 256 MB.", "Split it by period.")
    if content.startswith((ZIP_MARK, OLE_MARK)):
        raise _whole("", "This is a workbook or an archive, not a CSV file.", SAVE_AS_CSV)
    if content.startswith(UTF16_MARKS):
        return _decode(content, "utf-16")
    if b"\x00" in content:
        row = content[: content.index(b"\x00")].count(b"\n") + 1
        fault = Fault(
            row,
            "",
            "\\x00",
            "The file holds a NUL byte: it is binary, or UTF-16 without a mark.",
            SAVE_AS_CSV,
        )
        raise FileRefused([fault])
    return _decode(content, "utf-8-sig")


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        value = content[error.start : error.start + 1].hex()
        reason = f"Byte 0x{value} is not {encoding.upper().removesuffix('-SIG')}; the file may be Windows-1252."
        raise FileRefused([Fault(row, "", f"0x{value}", reason, SAVE_AS_CSV)]) from error


def _split(text: str) -> tuple[list[str], list[int], list[list[str]]]:
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[int] = []
    rows: list[list[str]] = []
    try:
        header = [name.strip() for name in next(reader)]
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append(reader.line_num)
                rows.append(row)
    except csv.Error as error:
        fault = Fault(
            reader.line_num,
            "",
            "",
            f"The row cannot be split: {error}.",
            "Close every quote.",
        )
        raise FileRefused([fault]) from error
    return header, lines, rows


def _delimiter(text: str) -> str:
    """The delimiter that occurs most often in the header row; a header of one column has none, then the comma."""
    header = text.split("\n", 1)[0]
    return max(DELIMITERS, key=header.count)


def _check_header(header: Sequence[str], columns: Sequence[Column]) -> list[str]:
    known = {column.name for column in columns}
    faults = [
        Fault(1, name, name, "The header names this column twice.", "Keep one of them.")
        for name in sorted({name for name in header if header.count(name) > 1})
    ]
    faults += [
        Fault(
            1,
            column.name,
            "",
            "The column is missing.",
            f"Add it; the header has {', '.join(header)}.",
        )
        for column in columns
        if column.required and column.name not in header
    ]
    if faults:
        raise FileRefused(faults)
    return [name for name in header if name not in known]


def _whole(value: str, reason: str, remedy: str) -> FileRefused:
    return FileRefused([Fault(0, "", value, reason, remedy)])
