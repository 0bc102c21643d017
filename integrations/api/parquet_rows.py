"""The Parquet form of an answer: the rows of the CSV form with types, numbers as exact decimals."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from rest_framework.renderers import BaseRenderer

MEDIA_TYPE = "application/vnd.apache.parquet"
DIGITS = 18
PLACES = {"quantity": 3, "amount": 2, "price": 6}


class ParquetRenderer(BaseRenderer):
    """The `rows` of an answer as one file."""

    media_type = MEDIA_TYPE
    format = "parquet"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """One table; quantities have 3, amounts 2, prices 6 decimals, months are dates, everything else is text."""
        rows = data["rows"] if isinstance(data, Mapping) and "rows" in data else [data]
        target = io.BytesIO()
        pq.write_table(table_of(rows), target)
        return target.getvalue()


def table_of(rows: Sequence[Mapping[str, Any]]) -> Any:
    """The rows as a typed table; no rows are a table without columns."""
    names = list(rows[0]) if rows else []
    columns = {name: pa.array([_value(name, row[name]) for row in rows], _type_of(name)) for name in names}
    return pa.table(columns)


def _type_of(name: str) -> Any:
    if name.startswith("period_"):
        return pa.date32()
    places = PLACES.get(name.rpartition("_")[2])
    return pa.string() if places is None else pa.decimal128(DIGITS, places)


def _value(name: str, value: Any) -> Any:
    if value in (None, ""):
        return None if name.rpartition("_")[2] in PLACES else ""
    if name.startswith("period_"):
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    return Decimal(str(value)) if name.rpartition("_")[2] in PLACES else str(value)
