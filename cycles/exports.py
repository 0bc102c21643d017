"""A table as a file to keep: CSV and Excel, with texts that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter
from django.http import HttpResponse

from catalog.calc.inert_text import inert

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = ("csv", "xlsx")


def as_file(*, name: str, form: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    """Return the table as an attachment `name`.csv or `name`.xlsx; `form` is one of FORMATS.

    Every cell is text. The rows are read once and written as they come.
    """
    content = _csv(header, rows) if form == "csv" else _workbook(header, rows)
    disposition = f'attachment; filename="{name}.{form}"'
    kind = CSV_TYPE if form == "csv" else XLSX_TYPE
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with the mark by which Excel knows it."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(header)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def _workbook(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """One sheet whose rows go to disk as they are written; strings are never formulas or links."""
    target = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet("Rows")
        sheet.set_column(0, len(header) - 1, 22)
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(header):
            sheet.write_string(0, column, title, head)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return target.getvalue()
