"""A look at a file through a mapping: its first rows as they are and as they would be read, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pandas as pd

from catalog.registry import Column, Dataset, Fault, FileRefused
from catalog.services.imports.cells import DECIMALS
from catalog.services.imports.mapping import MappingDocument
from catalog.services.imports.reading import first_cells

FIRST_ROWS = 200
SHOWN_ROWS = 8
SHOWN_FAULTS = 30


@dataclass(frozen=True)
class ReadColumn:
    """One column of the dataset: where it comes from, and its first values as they are read."""

    column: Column
    source: str
    values: list[str]


@dataclass(frozen=True)
class Preview:
    """The first rows of a file.

    `header` and `rows` (line, cells) are the file's own; `columns` what becomes of them, empty while there are faults.
    """

    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    columns: list[ReadColumn] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    looked_at: int = 0


def preview_of(dataset: Dataset, content: bytes, mapping: MappingDocument | None) -> Preview:
    """Read the first rows of a file; a file that cannot be read gives a preview with the reason only."""
    try:
        header, rows, faults, typed = first_cells(dataset, content, mapping, most=FIRST_ROWS)
    except FileRefused as refused:
        return Preview(faults=refused.faults[:SHOWN_FAULTS], fault_count=len(refused.faults))
    columns = [
        ReadColumn(column, _source(column, header, mapping), _values(column, typed)) for column in dataset.columns
    ]
    return Preview(header, rows[:SHOWN_ROWS], columns, faults[:SHOWN_FAULTS], faults.total, len(rows))


def _source(column: Column, header: list[str], mapping: MappingDocument | None) -> str:
    if mapping and column.name in mapping.constants:
        return f"always {mapping.constants[column.name]}"
    if mapping and column.name in mapping.columns:
        return mapping.columns[column.name].template.removeprefix("{").removesuffix("}")
    return column.name if column.name in header else ""


def _values(column: Column, typed: pd.DataFrame) -> list[str]:
    if column.name not in typed:
        return []
    return [_shown(column, value) for value in typed[column.name].head(SHOWN_ROWS)]


def _shown(column: Column, value: object) -> str:
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, date):
        return f"{value:%Y-%m}" if column.kind == "month" else value.isoformat()
    if column.kind in DECIMALS:
        return f"{Decimal(int(str(value))).scaleb(-DECIMALS[column.kind]):f}"
    return "Y" if value is True else "N" if value is False else str(value)
