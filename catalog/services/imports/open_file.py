"""What a file is, told by its first bytes, and its table."""

from __future__ import annotations

from catalog.services.imports.csv_text import csv_table
from catalog.services.imports.json_rows import json_table
from catalog.services.imports.limits import check_size
from catalog.services.imports.table import Layout, TextTable
from catalog.services.imports.workbook import ZIP_MARK, refuse_old_forms, workbook_table

AS_TOLD = Layout()


def open_table(content: bytes, layout: Layout = AS_TOLD, *, prefer: str = "") -> TextTable:
    """The table of a CSV, XLSX or JSON file.

    Args:
        content: the file.
        layout: what a mapping says about it.
        prefer: the sheet to take where a workbook has several.

    Raises:
        FileRefused: it is none of the three, too large, damaged, or its header is wrong.
    """
    check_size(content)
    refuse_old_forms(content)
    if content.startswith(ZIP_MARK):
        return workbook_table(content, layout, prefer=prefer)
    if content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{"):
        return json_table(content)
    return csv_table(content, layout)
