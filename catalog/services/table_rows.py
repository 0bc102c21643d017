"""Bring a small table to what a file says and count the difference; the two ways in which a file can be meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Model, QuerySet

from catalog.registry import Difference
from catalog.services.row_changes import SHOWN, Change, row_changes

BATCH = 5000

Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Comparison:
    """What differs: rows to add, (pk, row) to change, pks to remove, and how many are equal."""

    added: list[Row]
    changed: list[tuple[object, Row]]
    removed: list[object]
    unchanged: int
    changes: list[tuple[Change, Row, Row]]

    def difference(self, model: type[Model], key: Sequence[str], removed: int) -> Difference:
        examples = row_changes(model, key, [entry for entry in self.changes if removed or entry[0] != "removed"])
        return Difference(len(self.added), len(self.changed), removed, self.unchanged, examples=examples)


def replace_rows(
    within: QuerySet[Any],
    *,
    key: Sequence[str],
    rows: Sequence[Row],
    retire: Mapping[str, Any] | None = None,
) -> Difference:
    """Make `within` hold exactly `rows`: rows that the file does not name are removed, or retired.

    Args:
        within: the part of the table that the file speaks for.
        key: attribute names (`item_id`) that identify a row.
        rows: attribute → value, all with the same names, the key unique among them.
        retire: what a row absent from the file is set to, where it cannot be deleted because others refer to it;
            None deletes it.

    Returns:
        Counts of added, changed, removed (or newly retired) and equal rows. Runs in the caller's transaction; a second
        call with the same rows changes nothing.
    """
    compared = _compare(within, key, rows)
    absent = within.model._default_manager.filter(pk__in=compared.removed)
    removed = len(compared.removed) if retire is None else absent.exclude(**retire).update(**retire)
    difference = compared.difference(within.model, key, removed)
    if compared.removed and retire is None:
        absent.delete()
    _write(within.model, compared, rows)
    return difference


def merge_rows(within: QuerySet[Any], *, key: Sequence[str], rows: Sequence[Row]) -> Difference:
    """As `replace_rows`, but rows that the file does not name stay: master data is never removed by a file."""
    compared = _compare(within, key, rows)
    _write(within.model, compared, rows)
    return compared.difference(within.model, key, 0)


def _compare(within: QuerySet[Any], key: Sequence[str], rows: Sequence[Row]) -> _Comparison:
    names = list(rows[0]) if rows else list(key)
    there = {
        tuple(record[1 + names.index(part)] for part in key): (
            record[0],
            dict(zip(names, record[1:], strict=True)),
        )
        for record in within.order_by().values_list("pk", *names)
    }
    added: list[Row] = []
    changed: list[tuple[object, Row]] = []
    changes: list[tuple[Change, Row, Row]] = []
    for row in rows:
        pk, before = there.pop(tuple(row[part] for part in key), (None, None))
        if before is None:
            added.append(row)
        elif before != dict(row):
            changed.append((pk, row))
            if len(changed) <= SHOWN:
                changes.append(("changed", before, row))
    changes += [("added", {}, row) for row in added[:SHOWN]]
    changes += [("removed", before, {}) for _, before in islice(there.values(), SHOWN)]
    return _Comparison(
        added,
        changed,
        [pk for pk, _ in there.values()],
        len(rows) - len(added) - len(changed),
        changes,
    )


def _write(model: type[Model], compared: _Comparison, rows: Sequence[Row]) -> None:
    manager = model._default_manager
    if compared.changed:
        fields = [name for name in rows[0] if name != model._meta.pk.attname]
        names = [model._meta.get_field(name).name for name in fields]
        objects = [model(pk=pk, **row) for pk, row in compared.changed]
        manager.bulk_update(objects, names, batch_size=BATCH)
    manager.bulk_create([model(**row) for row in compared.added], batch_size=BATCH)
