"""Canonical rows as CSV text: the same for the API and for files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from catalog.calc.inert_text import inert
from cycles.models import Snapshot
from integrations.selectors import LINES, read_all

TEXT_COLUMNS = frozenset({"item", "site", "market", "uom", "family"})


class _Line:
    """A sink that hands each CSV line back."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Header and rows as CSV lines, none without rows; text cells are inert in spreadsheets, None is blank."""
    writer: Any = csv.writer(_Line())
    names: list[str] = []
    for row in rows:
        if not names:
            names = list(row)
            yield writer.writerow(names)
        yield writer.writerow([inert(row[name]) if name in TEXT_COLUMNS else row[name] for name in names])


def write_lines_csv(snapshot: Snapshot, stream: TextIO) -> int:
    """Write every canonical plan line of a snapshot; return how many."""
    rows = read_all(snapshot, LINES, whole_units=False)
    stream.writelines(csv_lines(rows))
    return len(rows)
