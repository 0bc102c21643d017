"""The columns of a dataset out of the columns of a file, by a mapping or by their own names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from catalog.registry import Column, Dataset, Fault, FileRefused
from catalog.services.imports.mapping import PLACEHOLDER, MappingDocument
from catalog.services.imports.table import UNREADABLE_CELL, bare

MARK_COLUMN = "#"
EXAMPLE = "example"
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Plan:
    """How the rows of one file become the columns of a dataset.

    Attributes:
        texts: column name → rows → its cells as text.
        lookups: column name → their code → ours, where the mapping names a table.
        labels: column name → what the file calls it, where it has another name.
        ignored: columns of the file that are not used.
        mark: position of the column `#`, in which a template marks its example rows; −1 without.
    """

    texts: dict[str, Callable[[Rows], list[str]]]
    lookups: dict[str, dict[str, str]]
    labels: dict[str, str]
    ignored: list[str]
    mark: int


def plan_columns(dataset: Dataset, header: Sequence[str], mapping: MappingDocument | None) -> Plan:
    """How to read a file with this header.

    Raises:
        FileRefused: a required column, or one that the mapping names, is not in the header.
    """
    places = {name: place for place, name in enumerate(header) if name}
    named = mapping or MappingDocument(dataset=dataset.name)
    faults: list[Fault] = []
    texts: dict[str, Callable[[Rows], list[str]]] = {}
    used: set[str] = set()
    labels: dict[str, str] = {}
    for column in dataset.columns:
        source = named.columns.get(column.name)
        if column.name in named.constants:
            texts[column.name] = _constant(named.constants[column.name])
        elif source is not None:
            missing = [part for part in source.parts if part not in places]
            faults += [_missing(part, header, "The mapping's column is missing.") for part in missing]
            if not missing:
                used.update(source.parts)
                labels[column.name] = ", ".join(source.parts)
                texts[column.name] = _joined(source.template, places)
        elif column.name in places:
            used.add(column.name)
            texts[column.name] = _cells(places[column.name])
        elif column.required:
            faults.append(_missing(column.name, header, "The column is missing."))
        else:
            texts[column.name] = _constant("")
    if faults:
        raise FileRefused(faults)
    lookups = {name: dict(named.lookups[source.lookup]) for name, source in named.columns.items() if source.lookup}
    ignored = [name for name in header if name and name not in used and name != MARK_COLUMN]
    return Plan(texts, lookups, labels, ignored, places.get(MARK_COLUMN, -1))


def looked_up(column: Column, text: str, table: dict[str, str]) -> str | None:
    """Our code for their text, blank for blank; None when the table does not know it."""
    shown = bare(text)
    if not shown.strip() or UNREADABLE_CELL in text:
        return text
    return table.get(shown)


def _missing(name: str, header: Sequence[str], reason: str) -> Fault:
    return Fault(1, name, "", reason, f"Add it, or name it in a mapping; the header has {', '.join(header)}.")


def _constant(text: str) -> Callable[[Rows], list[str]]:
    return lambda rows: [text] * len(rows)


def _cells(place: int) -> Callable[[Rows], list[str]]:
    return lambda rows: [row[place] for row in rows]


def _joined(template: str, places: dict[str, int]) -> Callable[[Rows], list[str]]:
    """One cell, or several joined; all blank is blank, and a part that is unreadable makes the whole unreadable."""
    names = PLACEHOLDER.findall(template)
    if template == f"{{{names[0]}}}":
        return _cells(places[names[0]])
    pieces = PLACEHOLDER.split(template)
    sources = [places[name] for name in names]

    def join(row: Sequence[str]) -> str:
        parts = [row[place] for place in sources]
        wrong = [part for part in parts if UNREADABLE_CELL in part]
        if wrong or not any(part.strip() for part in parts):
            return wrong[0] if wrong else ""
        return "".join(piece if k % 2 == 0 else bare(parts[k // 2]) for k, piece in enumerate(pieces))

    return lambda rows: [join(row) for row in rows]
