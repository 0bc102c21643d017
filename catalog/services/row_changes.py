"""Some rows of a difference as people read them: names instead of keys, units and money instead of integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Model

from catalog.registry import RowChange

Change = Literal["added", "changed", "removed"]
Row = Mapping[str, Any]
SHOWN = 20
DECIMALS = {"_cents": 2, "_milli": 3}


def row_changes(
    model: type[Model], key: Sequence[str], changes: Sequence[tuple[Change, Row, Row]]
) -> tuple[RowChange, ...]:
    """The changes of a table for people.

    Args:
        model: the table.
        key: attribute names (`item_id`) that identify a row.
        changes: what happens, the row before ({} when added) and after ({} when removed), by attribute name.

    Returns:
        One `RowChange` each, in that order; a changed row names only the fields that differ.
    """
    names = _names(model, changes)
    shown = []
    for change, before, after in changes:
        row = after or before
        title = " · ".join(filter(None, (names.text(name, row[name]) for name in key)))
        fields = [name for name in row if name not in key and before.get(name) != after.get(name)]
        shown.append(
            RowChange(
                change,
                title,
                tuple(
                    (
                        names.label(name),
                        names.text(name, before[name]) if before else "",
                        names.text(name, after[name]) if after else "",
                    )
                    for name in fields
                ),
            )
        )
    return tuple(shown)


def exact(value: int, decimals: int) -> str:
    """An integer of hundredths or thousandths as a plain number."""
    return f"{Decimal(value).scaleb(-decimals):,.{decimals}f}"


class _Names:
    """Texts of the values of a model's attributes; what they refer to was read before, one query per table."""

    def __init__(self, model: type[Model], titles: Mapping[str, Mapping[object, str]]) -> None:
        self._model = model
        self._titles = titles

    def label(self, name: str) -> str:
        field = self._model._meta.get_field(name)
        words = str(getattr(field, "verbose_name", field.name))
        return next((words.removesuffix(f" {mark[1:]}") for mark in DECIMALS if name.endswith(mark)), words)

    def text(self, name: str, value: Any) -> str:
        if value is None:
            return ""
        if name in self._titles:
            return self._titles[name].get(value, str(value))
        decimals = next((places for mark, places in DECIMALS.items() if name.endswith(mark)), None)
        if decimals is not None and isinstance(value, int):
            return exact(value, decimals)
        if isinstance(value, bool):
            return "Y" if value else "N"
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        return str(value)


def _names(model: type[Model], changes: Sequence[tuple[Change, Row, Row]]) -> _Names:
    titles = {}
    names = {name for _, before, after in changes for name in (after or before)}
    for name in sorted(names):
        related = model._meta.get_field(name).related_model
        if isinstance(related, type):
            keys = {row[name] for _, *both in changes for row in both if row.get(name) is not None}
            titles[name] = {row.pk: str(row) for row in related._default_manager.filter(pk__in=keys)}
    return _Names(model, titles)
