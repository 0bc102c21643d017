"""A plan of the small company that was approved a month before, for bridges that leave from the last cycle."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from cycles.models import Snapshot, SnapshotRow
from finance.sections import finance_rows
from supply.sections import supply_rows
from tests.finance.sample_plan import HORIZON, ITEMS, Sample

STANDARD = sum(int(row[2]) + int(row[3]) for row in ITEMS.values()) * 100
LATE, THEN_HELD = 7_00, 900


def approved_in_may(sample: Sample, *, share: float = 0.8) -> Snapshot:
    """An approved plan of May 2014: every series at `share` of today's units and dollars, nothing short."""
    snapshot = Snapshot.objects.create(
        plan=sample.plan, number="2014-05", sequence=1, first_month=date(2014, 5, 1), horizon=HORIZON, revision=0,
        header={}, root="a" * 64, row_count=0, approved_by=sample.cast.executive,
    )  # fmt: skip
    rows = []
    for row in finance_rows(sample.plan):
        fields = dict(row.fields)
        if row.key[0] == "money":
            for name in ("unconstrained_quantity", "upside_amount"):
                fields[name] = [int(value * share) for value in fields[name]]
            fields["quantity"], fields["amount"] = fields["unconstrained_quantity"], fields["upside_amount"]
        if row.key[0] != "company" or not row.fields["is_closed"]:
            rows.append((row.key, fields))
    sums = np.sum([fields["amount"] for key, fields in rows if key[0] == "money"], axis=0)
    months = [f"{2014 + (4 + k) // 12}-{(4 + k) % 12 + 1:02d}" for k in range(HORIZON)]
    company = [next(fields for key, fields in rows if key[0] == "company")] * HORIZON
    kept = [(key, fields) for key, fields in rows if key[0] == "money"]
    kept += [
        (("company", month), fields | {"revenue_cents": int(sums[k]), "inventory_cents": THEN_HELD * STANDARD})
        for k, (month, fields) in enumerate(zip(months, company, strict=True))
    ]
    kept += [(row.key, late(row.fields)) for row in finance_rows(sample.plan) if row.key[0] == "cash"]
    SnapshotRow.objects.bulk_create(
        SnapshotRow(
            snapshot=snapshot, section="supply", position=10_000 + k, key=list(row.key), fields=less(row.fields),
            digests={}, digest="0" * 64,
        )
        for k, row in enumerate(supply_rows(sample.plan)) if row.key[0] == "production"
    )  # fmt: skip
    SnapshotRow.objects.bulk_create(
        SnapshotRow(
            snapshot=snapshot, section="finance", position=k, key=list(key), fields=fields, digests={}, digest="0" * 64
        )
        for k, (key, fields) in enumerate(kept)
    )
    return snapshot


def late(fields: dict[str, Any]) -> dict[str, Any]:
    """A month in which customers pay a little later."""
    moved = {"receivables_change_cents": LATE, "direct_cents": -LATE, "indirect_cents": -LATE}
    return fields | {name: fields[name] + cents for name, cents in moved.items()}


def less(fields: dict[str, Any]) -> dict[str, Any]:
    """900 of each item in stock instead of 1,000."""
    return fields | {"inventory": [THEN_HELD * 1000] * HORIZON}
