"""Replace a small table by the rows of a file, and say what that changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

from django.db import models

from catalog.registry import Difference

Row = TypeVar("Row", bound=models.Model)


def replace_rows(
    model: type[Row], wanted: list[Row], *, key: Callable[[Row], Hashable], value: Callable[[Row], Any]
) -> Difference:
    """Make the table hold exactly `wanted`; runs inside the import's transaction.

    Args:
        model: the table, small enough to hold in memory.
        wanted: unsaved rows, keys unique.
        key: what identifies a row.
        value: what may change under a key.

    Returns:
        Counts by key; equal content changes nothing.
    """
    present: Mapping[Hashable, Any] = {key(row): value(row) for row in model._default_manager.all()}
    coming = {key(row): value(row) for row in wanted}
    changed = sum(1 for k, v in coming.items() if k in present and present[k] != v)
    added, removed = len(coming.keys() - present.keys()), len(present.keys() - coming.keys())
    if added or changed or removed:
        model._default_manager.all().delete()
        model._default_manager.bulk_create(wanted)
    return Difference(added=added, changed=changed, removed=removed, unchanged=len(coming) - added - changed)
