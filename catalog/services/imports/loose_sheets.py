"""The sheets of a file that keeps to no format of ours: rows of cells as they stand, every visible sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.services.imports.csv_text import csv_lines
from catalog.services.imports.limits import MOST_COLUMNS, check_rows, whole_file
from catalog.services.imports.workbook import ZIP_MARK, refuse_old_forms, workbook_sheets

Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class LooseSheet:
    """One sheet: its name ('' for a CSV file) and (line, cells) of every row with a text, all equally wide.

    Cells are marked as in `TextTable`: numbers of a sheet, and cells that cannot be taken as they are.
    """

    name: str
    rows: Rows


def loose_sheets(content: bytes, *, most_rows: int) -> list[LooseSheet]:
    """Every visible sheet of an XLSX workbook, or the one table of a CSV file.

    Raises:
        FileRefused: it is neither, damaged, protected or too large; `most_rows` bounds each sheet.
    """
    refuse_old_forms(content)
    if not content.startswith(ZIP_MARK):
        return [LooseSheet("", _even(csv_lines(content), most_rows))]
    return [LooseSheet(name, _even(_filled(rows), most_rows)) for name, rows in workbook_sheets(content)]


def _filled(rows: Iterator[tuple[int, dict[int, str]]]) -> Iterator[tuple[int, list[str]]]:
    for line, cells in rows:
        if any(text.strip() for text in cells.values()):
            if max(cells) >= MOST_COLUMNS:
                raise whole_file(str(max(cells) + 1), f"A row has more than {MOST_COLUMNS} columns.", "Hand in fewer.")
            yield line, [cells.get(column, "") for column in range(max(cells) + 1)]


def _even(rows: Iterator[tuple[int, list[str]]], most_rows: int) -> Rows:
    kept: Rows = []
    for line, cells in rows:
        check_rows(len(kept) + 1, most_rows, line)
        if len(cells) > MOST_COLUMNS:
            raise whole_file(str(len(cells)), f"A row has more than {MOST_COLUMNS} columns.", "Hand in fewer.")
        kept.append((line, cells))
    width = max((len(cells) for _, cells in kept), default=0)
    return [(line, cells + [""] * (width - len(cells))) for line, cells in kept]
