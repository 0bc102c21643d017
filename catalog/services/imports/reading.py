"""A file from bytes to validated rows, or to the list of everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from catalog.registry import Dataset, Fault, FileRefused
from catalog.services.imports.cells import typed_column
from catalog.services.imports.checks import (
    resolve_references,
    schema_faults,
    unite_duplicates,
)
from catalog.services.imports.csv_text import read_cells


@dataclass(frozen=True)
class ReadFile:
    """What a file says: validated `rows` (only when there are no `faults`), how many it had, what was ignored."""

    rows: pd.DataFrame
    row_count: int = 0
    ignored_columns: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_file(dataset: Dataset, content: bytes) -> ReadFile:
    """Read and check a file completely against a dataset; reads the tables it refers to, writes nothing.

    Each step runs only when the one before found nothing: cells, schema, keys, references, the dataset's own check.
    Within a step every fault is collected.
    """
    try:
        cells, ignored = read_cells(content, dataset.columns)
    except FileRefused as refused:
        return ReadFile(rows=pd.DataFrame(), faults=refused.faults)
    rows, faults = _checked(dataset, cells)
    return ReadFile(rows=rows, row_count=len(cells), ignored_columns=ignored, faults=faults)


def _checked(dataset: Dataset, cells: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    typed = [typed_column(column, cells[column.name]) for column in dataset.columns]
    rows = pd.concat([frame for frame, _ in typed], axis=1)
    faults = sorted((fault for _, found in typed for fault in found), key=lambda fault: fault.row)
    if not faults:
        faults = schema_faults(dataset, rows)
    if not faults:
        rows, faults = unite_duplicates(dataset, rows)
    if not faults:
        rows, faults = resolve_references(dataset, rows)
    if not faults and dataset.check is not None:
        faults = dataset.check(rows)
    return rows, faults
