"""A file from bytes to validated rows, or to the list of everything that is wrong with it; in pieces of bounded size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice

import numpy as np
import pandas as pd

from catalog.registry import Column, Dataset, Difference, Fault, FileRefused
from catalog.services.imports.cells import Reading, typed_column
from catalog.services.imports.checks import resolve_references, schema_faults, unite_duplicates
from catalog.services.imports.faults import FaultList, united
from catalog.services.imports.formats import Style
from catalog.services.imports.mapped import EXAMPLE, Plan, plan_columns
from catalog.services.imports.mapping import ColumnSource, LeaveOut, MappingDocument
from catalog.services.imports.open_file import AS_TOLD, open_table
from catalog.services.imports.table import TextTable, bare

ROWS_AT_ONCE = 20_000
Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class ReadFile:
    """What a file says: validated `rows` (only when there are no `faults`), how many it had, what was ignored.

    `notes` are sentences about what was understood or left out, with counts: nothing is left out silently.
    """

    rows: pd.DataFrame
    row_count: int = 0
    ignored_columns: list[str] = field(default_factory=list)
    faults: FaultList = field(default_factory=FaultList)
    notes: list[str] = field(default_factory=list)
    kind: str = ""


@dataclass
class _Left:
    """Rows taken so far, and those left out, by sentence, with the values of each."""

    taken: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    values: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, why: str, texts: list[str]) -> None:
        self.counts[why] += len(texts)
        kept = self.values.setdefault(why, Counter())
        kept.update(text for text in texts if text in kept or len(kept) < 20)

    def notes(self) -> list[str]:
        return [
            f"{count:,} {'row' if count == 1 else 'rows'} left out: {why} "
            f"({', '.join(f'{value} × {times:,}' for value, times in self.values[why].most_common(10))})."
            for why, count in self.counts.items()
        ]


def read_file(dataset: Dataset, content: bytes, mapping: MappingDocument | None = None) -> ReadFile:
    """Read and check a file completely against a dataset; reads the tables it refers to, writes nothing.

    Each step runs only when the one before found nothing: cells, schema, keys, references, the dataset's own check.
    Within a step every fault is counted and the first ones are kept.

    Args:
        dataset: what is expected.
        content: a CSV, XLSX or JSON file.
        mapping: how the source's columns, numbers and days become the dataset's; without one, the names are the
            dataset's own, numbers are plain and days ISO.
    """
    try:
        table = open_table(content, mapping.layout if mapping else AS_TOLD, prefer=dataset.name)
        plan = plan_columns(dataset, table.header, mapping)
        left = _Left()
        rows, faults = _typed(dataset, table, (plan, mapping or MappingDocument(dataset=dataset.name)), left)
    except FileRefused as refused:
        return ReadFile(rows=pd.DataFrame(), faults=united([refused.faults]))
    count = left.taken
    notes = [*table.notes, *left.notes()]
    if not faults:
        rows, faults, added_up = _checked(dataset, rows, mapping)
        notes += added_up
    if not count and not faults:
        notes.append("The file has a header and no row.")
    return ReadFile(rows, count, plan.ignored, faults, notes, table.kind)


def read_column(content: bytes, column: Column) -> pd.DataFrame:
    """One typed column of a file that is read as it is.

    Raises:
        FileRefused: the file cannot be read, or a cell of the column is not understood.
    """
    wanted = Dataset(
        name="", title="", file_name="", app="", order=0, columns=(column,), key=(column.name,), duplicates="sum",
        mandatory=False, grain="", apply=lambda rows, batch: Difference(),
    )  # fmt: skip
    table = open_table(content)
    parts = (plan_columns(wanted, table.header, None), MappingDocument(dataset=""))
    frame, faults = _typed(wanted, table, parts, _Left())
    if faults or frame.empty:
        raise FileRefused(faults)
    return frame


def first_cells(
    dataset: Dataset, content: bytes, mapping: MappingDocument | None, *, most: int
) -> tuple[list[str], list[tuple[int, list[str]]], FaultList, pd.DataFrame]:
    """The first rows of a file for a look: its header, their texts, the faults of their cells, and the typed rows.

    Raises:
        FileRefused: the file cannot be read or the mapping does not fit its header.
    """
    table = open_table(content, mapping.layout if mapping else AS_TOLD, prefer=dataset.name)
    shown = list(islice(table.rows, most))
    plan = plan_columns(dataset, table.header, mapping)
    part = TextTable(table.kind, table.header, iter(shown))
    rows, faults = _typed(dataset, part, (plan, mapping or MappingDocument(dataset=dataset.name)), _Left())
    return table.header, [(line, [bare(cell) for cell in cells]) for line, cells in shown], faults, rows


def _pieces(table: TextTable) -> Iterator[Rows]:
    yield list(islice(table.rows, ROWS_AT_ONCE))
    while piece := list(islice(table.rows, ROWS_AT_ONCE)):
        yield piece


def _typed(
    dataset: Dataset, table: TextTable, parts: tuple[Plan, MappingDocument], left: _Left
) -> tuple[pd.DataFrame, FaultList]:
    """The typed rows, piece by piece; once a fault was found only faults are collected."""
    plan, mapping = parts
    readings = {column.name: _reading(column.name, plan, mapping) for column in dataset.columns}
    frames: list[pd.DataFrame] = []
    faults = FaultList()
    for piece in _pieces(table):
        kept, texts = _kept(dataset, piece, parts, left)
        left.taken += len(kept)
        index = pd.Index([line for line, _ in kept], name="row", dtype=np.int64)
        typed = [
            typed_column(column, pd.Series(texts[column.name], index=index, dtype=object), readings[column.name])
            for column in dataset.columns
        ]
        faults = united([faults, *(found for _, found in typed)])
        if faults:
            frames.clear()
        else:
            frames.append(pd.concat([frame for frame, _ in typed], axis=1))
    return pd.concat(frames) if frames else pd.DataFrame(), faults


def _reading(name: str, plan: Plan, mapping: MappingDocument) -> Reading:
    source = mapping.columns.get(name, ColumnSource(""))
    factor = Decimal(source.factor) if source.factor else Decimal(1)
    style = Style() if name in mapping.constants else mapping.style
    return Reading(style, factor, plan.lookups.get(name), plan.labels.get(name, ""))


def _kept(
    dataset: Dataset, piece: Rows, parts: tuple[Plan, MappingDocument], left: _Left
) -> tuple[Rows, dict[str, list[str]]]:
    """The rows of a piece that count, and the text of every column of the dataset."""
    plan, mapping = parts
    if plan.mark >= 0:
        marked = [row for row in piece if row[1][plan.mark].strip().lower() == EXAMPLE]
        if marked:
            left.add("marked as an example", [EXAMPLE] * len(marked))
            piece = [row for row in piece if row[1][plan.mark].strip().lower() != EXAMPLE]
    for rule in mapping.leave_out:
        piece = _without(piece, rule, plan, left)
    cells = [row for _, row in piece]
    return piece, {column.name: plan.texts[column.name](cells) for column in dataset.columns}


def _without(piece: Rows, rule: LeaveOut, plan: Plan, left: _Left) -> Rows:
    """The rows that a rule keeps; it looks at the source's text, before any lookup."""
    texts = [bare(text) for text in plan.texts[rule.column]([row for _, row in piece])]
    out = [text for text in texts if rule.matches(text)]
    if not out:
        return piece
    left.add(rule.because.rstrip("."), out)
    return [row for row, text in zip(piece, texts, strict=True) if not rule.matches(text)]


def _checked(
    dataset: Dataset, rows: pd.DataFrame, mapping: MappingDocument | None
) -> tuple[pd.DataFrame, FaultList, list[str]]:
    notes = []
    faults = schema_faults(dataset, rows)
    if not faults:
        before = len(rows)
        rows, faults = unite_duplicates(dataset, rows, refuse=mapping is not None and mapping.refuses_duplicates)
        if len(rows) < before:
            notes.append(f"{before - len(rows):,} rows repeat a key and were added up ({' + '.join(dataset.key)}).")
    if not faults:
        rows, faults = resolve_references(dataset, rows)
    if not faults and dataset.check is not None:
        found: list[Fault] = dataset.check(rows)
        faults = united([found])
    return rows, faults, notes
