"""Requirements for purchasing as a snapshot keeps them, so that those of an approved plan stay what was ordered by."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from catalog.models import Item
from cycles.models import Plan
from cycles.registry import FieldValue, SectionRow
from cycles.selectors import Scope
from supply.approved import approved_rows
from supply.services.requirements import Parent, Requirement, Requirements, requirements_of

WORD = "requirement"
EVERYTHING = Scope(((None, None),))
SAME = (
    "needed", "before", "order", "expedited", "on_order", "lead_days", "supplier", "supplier_name", "cents", "basis",
    "more",
)  # fmt: skip


def requirement_rows(plan: Plan) -> Iterator[SectionRow]:
    """Per bought item its months with a need or an order, each field a list; days are ISO, parents JSON text."""
    by_item: dict[str, list[Requirement]] = defaultdict(list)
    for row in requirements_of(plan, EVERYTHING).rows:
        by_item[row.item.code].append(row)
    for code, rows in by_item.items():
        fields: dict[str, FieldValue] = {name: [getattr(row, name) for row in rows] for name in SAME}
        fields["month"] = [row.month.isoformat() for row in rows]
        fields["order_by"] = [row.order_by.isoformat() if row.order_by else "" for row in rows]
        fields["parents"] = [json.dumps([[parent.code, parent.milli] for parent in row.parents]) for row in rows]
        yield SectionRow((WORD, code), fields)


def requirements_shown(plan: Plan, scope: Scope) -> Requirements:
    """The requirements inside a scope: of an approved plan as it was frozen, else those of the published plan."""
    frozen = approved_rows(plan, WORD)
    if frozen is None:
        return requirements_of(plan, scope)
    items = Item.objects.in_bulk([code for (code,) in frozen], field_name="code")
    rows = [
        row
        for (code,), fields in frozen.items()
        if code in items and (scope.is_everything or scope.allows(items[code].family_id, None))
        for row in _read(items[code], fields)
    ]
    return Requirements(tuple(sorted(rows, key=lambda row: (row.order_by or row.month, row.month, row.item.code))))


def _read(item: Item, fields: dict[str, Any]) -> Iterator[Requirement]:
    for at, month in enumerate(fields["month"]):
        order_by = fields["order_by"][at]
        yield Requirement(
            item=item,
            month=date.fromisoformat(month),
            order_by=date.fromisoformat(order_by) if order_by else None,
            parents=tuple(Parent(code, milli) for code, milli in json.loads(fields["parents"][at])),
            **{name: fields[name][at] for name in SAME},
        )
