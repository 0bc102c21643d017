"""Rows as CSV: header, exact text, and nothing that a spreadsheet would execute."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

NUMBER = re.compile(r"-?\d+(\.\d+)?")
EXECUTABLE = ("=", "+", "-", "@", "\t", "\r")


class CsvRenderer(BaseRenderer):
    """The `rows` of an answer; an answer without rows is one row."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """UTF-8 without BOM, comma, one header row; a list of no rows is an empty file."""
        rows = data["rows"] if isinstance(data, Mapping) and "rows" in data else [data]
        buffer = io.StringIO()
        if rows:
            writer = csv.DictWriter(buffer, fieldnames=list(rows[0]), lineterminator="\r\n")
            writer.writeheader()
            writer.writerows({name: inert(value) for name, value in row.items()} for row in rows)
        return buffer.getvalue().encode()


def inert(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay."""
    if isinstance(value, str) and value.startswith(EXECUTABLE) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value
