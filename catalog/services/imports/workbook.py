"""Bytes of an XLSX file → the table of one sheet; sizes are checked before anything is unpacked."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from catalog.registry import Fault, FileRefused
from catalog.services.imports.faults import KEPT_FAULTS
from catalog.services.imports.limits import (
    LARGEST_PART_BYTES,
    LARGEST_SHEET_BYTES,
    LARGEST_STRINGS_BYTES,
    MEGABYTE,
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_SHEET_ROWS,
    STEEPEST_RATIO,
    check_rows,
    check_size,
    whole_file,
)
from catalog.services.imports.sheet_cells import LAST_SHEET_ROW, Book, shared_texts, sheet_rows
from catalog.services.imports.table import UNREADABLE_CELL, Layout, TextTable, bare, check_header

ZIP_MARK, OLE_MARK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
SAVE_AS_XLSX = "Save it as an Excel workbook (.xlsx) or as 'CSV UTF-8'."
DAMAGED = (
    zipfile.BadZipFile, zlib.error, ParseError, DefusedXmlException, EOFError, KeyError, IndexError, ValueError,
    NotImplementedError, RuntimeError, OSError, OverflowError,
)  # fmt: skip


def workbook_table(content: bytes, layout: Layout, *, prefer: str = "") -> TextTable:
    """The table of one sheet of a workbook.

    The sheet is the one that the layout names; else the one named `prefer`; else the only one that is visible.
    Formula cells, errors of the sheet and numbers with more than 15 digits come as unreadable cells.

    Raises:
        FileRefused: it is no XLSX, damaged, protected, too large unpacked, or the sheet is not clear.
    """
    check_size(content)
    refuse_old_forms(content)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = {info.filename.lstrip("/"): info for info in archive.infolist()}
        _check_parts(archive, parts)
        sheet, path = _sheet(archive, parts, layout.sheet, prefer)
        book = _book(archive, parts)
        rows = _guarded(sheet_rows(archive.open(parts[path]), book, header_row=layout.header_row))
    except DAMAGED as error:
        raise _damaged() from error
    header, beyond = _header(rows, layout.header_row)
    return TextTable("xlsx", header, _rows(rows, len(header), beyond), [f"Read from the sheet {sheet}."])


def workbook_sheets(content: bytes) -> Iterator[tuple[str, Iterator[tuple[int, dict[int, str]]]]]:
    """Name and rows (line, column → text) of every visible sheet, for files whose form nobody agreed on.

    Nothing is a header here and merged cells are taken as they are: only their first cell has a text.

    Raises:
        FileRefused: it is no XLSX, damaged, protected, or too large unpacked; also while rows are read.
    """
    check_size(content)
    refuse_old_forms(content)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = {info.filename.lstrip("/"): info for info in archive.infolist()}
        _check_parts(archive, parts)
        sheets, visible = _sheets(archive, parts)
        book = _book(archive, parts)
    except DAMAGED as error:
        raise _damaged() from error
    for name in visible:
        yield name, _guarded(sheet_rows(archive.open(parts[sheets[name]]), book, header_row=LAST_SHEET_ROW + 1))


def refuse_old_forms(content: bytes) -> None:
    """Refuse what only looks like a workbook of today.

    Raises:
        FileRefused: an .xls file, or a workbook with a password.
    """
    if content.startswith(OLE_MARK):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise whole_file("", "The workbook is protected by a password.", "Save it without a password.")
        raise whole_file("", "This is a workbook of the old .xls form.", SAVE_AS_XLSX)


def _damaged() -> FileRefused:
    return whole_file("", "The workbook is damaged or cut off.", "Save it again and hand in that file.")


def _guarded(rows: Iterator[tuple[int, dict[int, str]]]) -> Iterator[tuple[int, dict[int, str]]]:
    try:
        yield from rows
    except DAMAGED as error:
        raise _damaged() from error


def _check_parts(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> None:
    if len(archive.infolist()) > MOST_PARTS:
        raise whole_file(str(len(archive.infolist())), "The archive has too many parts to be a workbook.", SAVE_AS_XLSX)
    if len(parts) < len(archive.infolist()):
        raise whole_file("", "The archive names a part twice.", SAVE_AS_XLSX)
    if "xl/workbook.xml" not in parts:
        raise whole_file("", "This is an archive, not an .xlsx workbook.", SAVE_AS_XLSX)
    for name, info in parts.items():
        if info.flag_bits & 1:
            raise whole_file(name, "The workbook is protected by a password.", "Save it without a password.")
        most = LARGEST_PART_BYTES
        if name.startswith("xl/worksheets/"):
            most = LARGEST_SHEET_BYTES
        elif name == "xl/sharedStrings.xml":
            most = LARGEST_STRINGS_BYTES
        steep = info.file_size > MEGABYTE and info.file_size > STEEPEST_RATIO * info.compress_size
        is_read = name.startswith("xl/worksheets/") or name.count("/") <= 1 or name.endswith(".rels")
        if steep or (is_read and info.file_size > most):
            reason = f"Unpacked, this part would take {info.file_size / MEGABYTE:,.0f} MB: more than a table needs."
            raise whole_file(name, reason, "Save only the table, or hand it in as CSV.")


def _tree(archive: zipfile.ZipFile, name: str) -> Element:
    tree: Element = fromstring(archive.read(name), forbid_dtd=True)
    return tree


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _attribute(element: Element, name: str) -> str:
    """An attribute by its local name ('' when absent): producers differ in the namespaces they use."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _sheets(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> tuple[dict[str, str], list[str]]:
    """Part by name of every sheet, and the names of those that are visible."""
    targets = {
        _attribute(link, "Id"): _attribute(link, "Target") for link in _tree(archive, "xl/_rels/workbook.xml.rels")
    }
    sheets = {}
    visible = []
    for element in _tree(archive, "xl/workbook.xml").iter():
        if _local(element) == "sheet":
            name = element.attrib["name"]
            relation = next(v for k, v in element.attrib.items() if k.endswith("}id"))
            target = targets[relation]
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if path.startswith("xl/worksheets/") and path in parts:
                sheets[name] = path
                if element.attrib.get("state", "visible") == "visible":
                    visible.append(name)
    return sheets, visible


def _sheet(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], wanted: str, prefer: str) -> tuple[str, str]:
    """Name and part of the sheet to read."""
    sheets, visible = _sheets(archive, parts)
    named = ", ".join(sheets) or "none"
    if wanted:
        if wanted not in sheets:
            raise whole_file(wanted, f"There is no sheet {wanted}; the workbook has {named}.", "Correct the mapping.")
        return wanted, sheets[wanted]
    if prefer in sheets:
        return prefer, sheets[prefer]
    if len(visible) != 1:
        reason = f"The workbook has the sheets {named}."
        raise whole_file("", reason, f"Name the sheet {prefer}, keep one, or name the sheet in a mapping.")
    return visible[0], sheets[visible[0]]


def _book(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> Book:
    strings = shared_texts(archive.open("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in parts else []
    styles = _styles(_tree(archive, "xl/styles.xml")) if "xl/styles.xml" in parts else []
    properties = [e for e in _tree(archive, "xl/workbook.xml").iter() if _local(e) == "workbookPr"]
    return Book(strings, styles, any(e.attrib.get("date1904", "0") in ("1", "true") for e in properties))


def _styles(tree: Element) -> list[str]:
    codes = dict(BUILTIN_FORMATS)
    styles = []
    for group in tree:
        if _local(group) == "numFmts":
            codes |= {int(entry.attrib["numFmtId"]): entry.attrib["formatCode"] for entry in group}
        if _local(group) == "cellXfs":
            styles = [_style(codes.get(int(entry.attrib.get("numFmtId", 0)), "General")) for entry in group]
    return styles


def _style(code: str) -> str:
    if is_date_format(code):
        return "day"
    return code if re.fullmatch("0{2,40}", code) else ""


def _header(rows: Iterator[tuple[int, dict[int, str]]], header_row: int) -> tuple[list[str], int]:
    for line, cells in rows:
        if line >= header_row:
            if line > header_row or not cells:
                break
            width = max(cells) + 1
            if width > MOST_COLUMNS:
                raise whole_file(str(width), f"The header has more than {MOST_COLUMNS} columns.", "Hand in fewer.")
            names = [cells.get(column, "") for column in range(width)]
            if any(UNREADABLE_CELL in name for name in names):
                raise FileRefused([Fault(line, "", "", "The header holds a formula or an error.", "Write the names.")])
            return check_header(names, line), line
    raise FileRefused([Fault(header_row, "", "", "The header row is blank.", "Name the columns, or the header row.")])


def _rows(rows: Iterator[tuple[int, dict[int, str]]], width: int, header_row: int) -> Iterator[tuple[int, list[str]]]:
    ragged: list[Fault] = []
    count = 0
    for line, cells in rows:
        if not any(text and not bare(text).isspace() for text in cells.values()):
            continue
        count += 1
        check_rows(count, MOST_SHEET_ROWS, line)
        beyond = [column for column in cells if column >= width]
        if not beyond:
            yield line, [cells.get(column, "") for column in range(width)]
            continue
        reason = f"The row has a cell in column {max(beyond) + 1}, the header {width} columns."
        ragged.append(Fault(line, "", bare(cells[beyond[0]])[:80], reason, "Name the column, or clear the cell."))
        if len(ragged) >= KEPT_FAULTS:
            break
    if ragged:
        raise FileRefused(ragged)
