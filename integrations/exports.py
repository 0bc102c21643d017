"""Canonical rows as CSV text, in the columns of the API."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TextIO

from cycles.models import Snapshot
from integrations.calc.texts import inert
from integrations.frames import LINE_FIELDS, load_line_rows

TEXT_FIELDS = frozenset({"item", "site", "market", "uom", "family"})


class _Line:
    """A sink that hands each CSV line back."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[dict[str, str]], fields: Sequence[str]) -> Iterator[str]:
    """Header and rows as CSV lines; text cells are inert in spreadsheets."""
    writer: Any = csv.writer(_Line())
    yield writer.writerow(fields)
    for row in rows:
        yield writer.writerow([inert(row[name]) if name in TEXT_FIELDS else row[name] for name in fields])


def write_lines_csv(snapshot: Snapshot, stream: TextIO) -> int:
    """Write every canonical plan line of a snapshot; return how many."""
    lines = csv_lines(load_line_rows(snapshot), LINE_FIELDS)
    stream.write(next(lines))
    return sum(1 for line in lines if stream.write(line))
