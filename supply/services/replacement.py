"""Replace imported rows by the rows of a file, touching only those that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models

from catalog.registry import Difference

BATCH = 5_000


def replace_rows(
    rows: models.QuerySet[Any],
    incoming: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    retire: Mapping[str, Any] | None = None,
) -> Difference:
    """Make ``rows`` equal to ``incoming``; runs inside the caller's transaction. The same rows twice = no change.

    Args:
        rows: The rows that the file stands for (a whole table, or its periods).
        incoming: One mapping of column names (``item_id``, not ``item``) per row; all have the same columns.
        key: Columns that identify a row, unique in ``incoming``.
        retire: What a row absent from the file is set to, where it cannot be deleted because others refer to it;
            None deletes it.

    Returns:
        Counts of rows added, changed, removed (or retired) and unchanged.
    """
    names = list(incoming[0]) if incoming else list(key)
    present = {tuple(row[1 + names.index(name)] for name in key): row for row in rows.values_list("pk", *names)}
    wanted = {tuple(row[name] for name in key): row for row in incoming}
    new = [rows.model(**row) for code, row in wanted.items() if code not in present]
    changed = [
        rows.model(pk=present[code][0], **row)
        for code, row in wanted.items()
        if code in present and tuple(row[name] for name in names) != tuple(present[code][1:])
    ]
    gone = [row[0] for code, row in present.items() if code not in wanted]
    values = [name for name in names if name not in key]
    rows.model.objects.bulk_create(new, batch_size=BATCH)
    if changed and values:
        rows.model.objects.bulk_update(changed, [name.removesuffix("_id") for name in values], batch_size=1_000)
    absent = rows.model.objects.filter(pk__in=gone)
    removed = absent.delete()[0] if retire is None else absent.exclude(**retire).update(**retire)
    return Difference(
        added=len(new), changed=len(changed), removed=removed, unchanged=len(wanted) - len(new) - len(changed)
    )
