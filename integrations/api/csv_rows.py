"""The CSV form of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

from integrations.exports import csv_lines


class CsvRenderer(BaseRenderer):
    """The `rows` of an answer; an answer without rows is one row."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """UTF-8 without BOM, comma, one header row; no rows are an empty file."""
        rows = data["rows"] if isinstance(data, Mapping) and "rows" in data else [data]
        return "".join(csv_lines(rows)).encode()
