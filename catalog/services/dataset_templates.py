"""An empty file of a dataset to fill in: CSV or XLSX with the header, one row marked as an example, and the format."""

from __future__ import annotations

import csv
import io

import xlsxwriter

from catalog.registry import Column, Dataset, reference_keys
from catalog.services.dataset_formats import column_notes
from catalog.services.imports.mapped import EXAMPLE, MARK_COLUMN

EXAMPLES = {
    "integer": "12", "decimal": "0.25", "money": "1234.50", "units": "10", "rate": "12.3456", "date": "2014-02-28",
    "month": "2014-02-01", "flag": "Y",
}  # fmt: skip
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
WIDTH = 18


def example_of(column: Column) -> str:
    """A text that the column understands: an allowed one, a known code, else one of its kind; never a formula."""
    if column.choices:
        return column.choices[0]
    if column.references:
        known = (code for code in reference_keys(column.references) if not code.startswith(FORMULA_SIGNS))
        return next(known, "")
    return EXAMPLES.get(column.kind, f"a {column.name.replace('_', ' ')}")


def csv_template(dataset: Dataset) -> bytes:
    """A CSV file (UTF-8 with mark, so that spreadsheets read it) with the header and the example row.

    The column `#` marks the row as an example; an import leaves such rows out and says so.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([MARK_COLUMN, *(column.name for column in dataset.columns)])
    writer.writerow([EXAMPLE, *(example_of(column) for column in dataset.columns)])
    return text.getvalue().encode("utf-8-sig")


def xlsx_template(dataset: Dataset) -> bytes:
    """A workbook with the sheet to fill in, its columns formatted by kind, and a sheet that documents the format.

    Codes are formatted as text, so that leading zeros stay. The example row is marked as in `csv_template`.
    """
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False}) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        faint = book.add_format({"italic": True, "font_color": "#6b7280", "num_format": "@"})
        text = book.add_format({"num_format": "@"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page = book.add_worksheet(dataset.name[:31])
        page.freeze_panes(1, 0)
        page.write_string(0, 0, MARK_COLUMN, head)
        page.write_string(1, 0, EXAMPLE, faint)
        for place, column in enumerate(dataset.columns, start=1):
            form = text if column.kind in ("text", "flag") else day if column.kind in ("date", "month") else None
            page.set_column(place, place, WIDTH, form)
            page.write_string(0, place, column.name, head)
            page.write_string(1, place, example_of(column), faint)
        _format_page(book, dataset, head)
    return content.getvalue()


def _format_page(book: xlsxwriter.Workbook, dataset: Dataset, head: object) -> None:
    page = book.add_worksheet("Format")
    page.set_column(0, 1, WIDTH)
    page.set_column(2, 2, 80)
    repeated = "added up" if dataset.duplicates == "sum" else "refused"
    page.write_string(0, 0, dataset.title, head)
    page.write_string(1, 0, f"One row is {dataset.grain}. Rows with an equal key are {repeated}.")
    page.write_string(2, 0, f"Key: {', '.join(dataset.key)}. The row marked '{EXAMPLE}' in the column # is left out.")
    for place, name in enumerate(("column", "kind", "notes")):
        page.write_string(4, place, name, head)
    for line, column in enumerate(dataset.columns, start=5):
        page.write_string(line, 0, column.name)
        page.write_string(line, 1, column.kind)
        page.write_string(line, 2, column_notes(column))
