"""Canonical rows cut from an immutable snapshot: approved plan lines, and production and purchases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet

from catalog.calc.months import last_day, month_date
from catalog.calc.rounding import round_to_quantum
from catalog.models import Site
from cycles.models import Snapshot, SnapshotRow
from integrations.calc.texts import cents_text, milli_text, price_text

SERIES_AT_ONCE = 500
WHOLE_UNIT_MILLI = 1000
SUPPLY_FIELDS = ("make", "overtime", "buy", "consumed", "inventory")
LINE_FIELDS = (
    "plan_number",
    "snapshot_hash",
    "status",
    "item",
    "site",
    "market",
    "period_start",
    "period_end",
    "bucket",
    "quantity",
    "unconstrained_quantity",
    "uom",
    "amount",
    "unit_price",
    "currency",
    "family",
)
SUPPLY_ROW_FIELDS = (
    "plan_number",
    "snapshot_hash",
    "status",
    "item",
    "site",
    "period_start",
    "period_end",
    "bucket",
    *SUPPLY_FIELDS,
)


@dataclass(frozen=True)
class Totals:
    """Control totals of one export: rows, milli-units and cents (None where the resource has no amount)."""

    rows: int
    quantity_milli: int
    amount_cents: int | None


def load_line_rows(
    snapshot: Snapshot, *, start: int = 0, limit: int | None = None, whole_units: bool = False
) -> Iterator[dict[str, str]]:
    """The canonical rows `start` … `start + limit` of the approved plan, one per item × market × month.

    Ordered by item, market and month; zeros are explicit. `quantity` are approved constrained shipments; with
    `whole_units` they are rounded cumulatively along the months, so that no unit is lost. `amount` is authoritative,
    `unit_price` = amount ÷ quantity, '' without quantity. `site` is the only site, '' where several could deliver.
    """
    sites = list(Site.objects.values_list("code", flat=True)[:2])
    only_site = sites[0] if len(sites) == 1 else ""
    for row, first, last in _slices(_money_rows(snapshot), snapshot.horizon, start, limit):
        yield from _lines(snapshot, row, only_site, range(first, last), whole_units)


def load_supply_rows(snapshot: Snapshot, *, start: int = 0, limit: int | None = None) -> Iterator[dict[str, str]]:
    """Production and purchases per item × site × month, ordered by item, site and month; zeros are explicit.

    `make` is regular time, `overtime` beside it, `buy` all purchases, `consumed` by the bill of materials, `inventory`
    the closing stock; units of the item.
    """
    for row, first, last in _slices(_production_rows(snapshot), snapshot.horizon, start, limit):
        for place in range(first, last):
            values = {name: milli_text(row.fields[name][place]) for name in SUPPLY_FIELDS}
            yield {**_head(snapshot, row.key[1], row.key[2]), **_period(snapshot, place), **values}


def load_line_totals(snapshot: Snapshot, *, whole_units: bool = False) -> Totals:
    """Count, Σ quantity and Σ amount of all plan lines."""
    rows = quantity = amount = 0
    for row in _money_rows(snapshot).iterator(chunk_size=SERIES_AT_ONCE):
        rows += snapshot.horizon
        quantity += int(_quantities(row, whole_units).sum())
        amount += sum(row.fields["amount"])
    return Totals(rows, quantity, amount)


def load_supply_totals(snapshot: Snapshot) -> Totals:
    """Count and Σ of everything made or bought."""
    rows = quantity = 0
    for row in _production_rows(snapshot).iterator(chunk_size=SERIES_AT_ONCE):
        rows += snapshot.horizon
        quantity += sum(sum(row.fields[name]) for name in ("make", "overtime", "buy"))
    return Totals(rows, quantity, None)


def _money_rows(snapshot: Snapshot) -> QuerySet[SnapshotRow]:
    return snapshot.rows.filter(section="finance", key__0="money").order_by("position")


def _production_rows(snapshot: Snapshot) -> QuerySet[SnapshotRow]:
    return snapshot.rows.filter(section="supply", key__0="production").order_by("position")


def _slices(
    rows: QuerySet[SnapshotRow], horizon: int, start: int, limit: int | None
) -> Iterator[tuple[SnapshotRow, int, int]]:
    """The series that hold the long rows asked for, each with its first and last (exclusive) month position."""
    first, end = start // horizon, None if limit is None else start + limit
    chosen = rows[first:] if end is None else rows[first : -(-end // horizon)]
    for number, row in enumerate(chosen.iterator(chunk_size=SERIES_AT_ONCE), start=first):
        begin = max(start - number * horizon, 0)
        yield row, begin, horizon if end is None else min(end - number * horizon, horizon)


def _lines(
    snapshot: Snapshot, row: SnapshotRow, site: str, places: range, whole_units: bool
) -> Iterator[dict[str, str]]:
    quantities, fields = _quantities(row, whole_units).tolist(), row.fields
    for place in places:
        yield {
            **_head(snapshot, row.key[1], site),
            "market": row.key[2],
            **_period(snapshot, place),
            "quantity": milli_text(quantities[place]),
            "unconstrained_quantity": milli_text(fields["unconstrained_quantity"][place]),
            "uom": fields["uom"],
            "amount": cents_text(fields["amount"][place]),
            "unit_price": price_text(fields["amount"][place], quantities[place]),
            "currency": fields["currency"],
            "family": fields["family"],
        }


def _quantities(row: SnapshotRow, whole_units: bool) -> np.ndarray[Any, np.dtype[np.int64]]:
    quantities = np.array(row.fields["quantity"], np.int64)
    return round_to_quantum(quantities, WHOLE_UNIT_MILLI) if whole_units else quantities


def _head(snapshot: Snapshot, item: str, site: str) -> dict[str, str]:
    return {
        "plan_number": snapshot.number,
        "snapshot_hash": snapshot.root,
        "status": "approved",
        "item": item,
        "site": site,
    }


def _period(snapshot: Snapshot, place: int) -> dict[str, str]:
    month = snapshot.first_month.year * 12 + snapshot.first_month.month - 1 + place
    return {
        "period_start": month_date(month).isoformat(),
        "period_end": last_day(month).isoformat(),
        "bucket": "month",
    }
