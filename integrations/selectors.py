"""What machines read: approved snapshots, pages of their rows, control totals; and what people read about machines."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet

from catalog.calc.months import month_index
from cycles.errors import DomainError
from cycles.models import Snapshot, SnapshotRow
from integrations.calc.canonical_rows import Stamp, line_rows, supply_rows
from integrations.calc.texts import cents_text, milli_text
from integrations.models import Acknowledgement, ApiKey, Pull

NUMBER = re.compile(r"\d{4}-\d{2}(\.\d{1,5})?", re.ASCII)
DAY_SECONDS = 86_400
ENDING = timedelta(days=30)
TOTALS = """
SELECT count(*), coalesce(sum(jsonb_array_length(fields -> %(first)s)), 0), {sums}
FROM cycles_snapshotrow AS line
WHERE snapshot_id = %(snapshot)s AND section = %(section)s AND key[1] = %(word)s
"""
SUM = "coalesce(sum((SELECT sum(cell::bigint) FROM jsonb_array_elements_text(fields -> '{name}') AS cell)), 0)"


class CursorInvalid(DomainError):
    """The cursor was not made by this server for this snapshot."""

    code = "cursor_invalid"


@dataclass(frozen=True)
class Resource:
    """A list of canonical rows inside a snapshot: section, first word of the key, and fields that are totalled."""

    name: str
    section: str
    word: str
    quantities: tuple[tuple[str, str], ...]
    amounts: tuple[tuple[str, str], ...]


LINES = Resource(
    name="lines",
    section="finance",
    word="money",
    quantities=(("quantity", "quantity"), ("unconstrained_quantity", "unconstrained_quantity")),
    amounts=(("amount", "amount"),),
)
SUPPLY = Resource(
    name="supply",
    section="supply",
    word="production",
    quantities=(
        ("make", "production_quantity"),
        ("overtime", "overtime_quantity"),
        ("buy", "purchase_quantity"),
        ("shipped", "shipped_quantity"),
    ),
    amounts=(("overtime_cents", "overtime_amount"), ("freight_cents", "freight_amount")),
)


@dataclass(frozen=True)
class Page:
    """Some rows of a resource; `next_cursor` is '' on the last page."""

    rows: list[dict[str, Any]]
    next_cursor: str


def latest_snapshot() -> Snapshot | None:
    """The snapshot approved last, None before the first approval."""
    return Snapshot.objects.select_related("approved_by", "plan").order_by("-sequence").first()


def snapshot_of(number: str) -> Snapshot | None:
    """The snapshot of this number ('2026-10', '2026-10.1'), None when no such plan was approved."""
    if not NUMBER.fullmatch(number):
        return None
    return Snapshot.objects.select_related("approved_by", "plan").filter(number=number).first()


def superseded_by(snapshot: Snapshot) -> str:
    """Number of the latest amendment after this snapshot, '' when it is the one that counts for its month."""
    last = Snapshot.objects.filter(plan_id=snapshot.plan_id).order_by("-amendment").first()
    return last.number if last and last.pk != snapshot.pk else ""


def control_totals(snapshot: Snapshot, resource: Resource) -> dict[str, str]:
    """Row count and exact sums over the whole resource, as text; computed by SQL, kept for the immutable snapshot."""
    place = f"integrations.totals.{snapshot.root}.{resource.name}"
    known = cache.get(place)
    if known is None:
        known = _sum_totals(snapshot, resource)
        cache.set(place, known, DAY_SECONDS)
    totals: dict[str, str] = known
    return totals


def _sum_totals(snapshot: Snapshot, resource: Resource) -> dict[str, str]:
    named = [*resource.quantities, *resource.amounts]
    statement = TOTALS.format(sums=", ".join(SUM.format(name=source) for source, _ in named))
    given: dict[str, str | int] = {
        "first": named[0][0],
        "snapshot": snapshot.pk,
        "section": resource.section,
        "word": resource.word,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        series, rows, *sums = cursor.fetchone()
    texts = {"series": str(series), "rows": str(rows)}
    for position, (_, name) in enumerate(named):
        write = milli_text if position < len(resource.quantities) else cents_text
        texts[name] = write(int(sums[position]))
    return texts


def read_page(snapshot: Snapshot, resource: Resource, *, cursor: str, rows: int, whole_units: bool) -> Page:
    """The next rows in the snapshot's own order; a series is never cut apart.

    Args:
        snapshot: what is read; it never changes, so neither do its pages.
        resource: LINES or SUPPLY.
        cursor: '' for the first page, else a `next_cursor` of the same snapshot.
        rows: about how many rows; at least one series is given.
        whole_units: round quantities to whole units, carrying the remainder along a series.

    Raises:
        CursorInvalid: the cursor belongs to another snapshot or resource, or to nothing.
    """
    series = max(rows // snapshot.horizon, 1)
    after = _position_of(cursor, snapshot, resource)
    stored = list(_stored(snapshot, resource).filter(position__gt=after)[: series + 1])
    taken = stored[:series]
    more = _cursor(snapshot, resource, taken[-1].position) if len(stored) > series else ""
    return Page(list(_canonical(snapshot, resource, taken, whole_units=whole_units)), more)


def read_all(snapshot: Snapshot, resource: Resource, *, whole_units: bool) -> list[dict[str, Any]]:
    """Every row of a resource in the snapshot's own order."""
    stored = list(_stored(snapshot, resource))
    return list(_canonical(snapshot, resource, stored, whole_units=whole_units))


def _stored(snapshot: Snapshot, resource: Resource) -> QuerySet[SnapshotRow]:
    rows = SnapshotRow.objects.filter(snapshot=snapshot, section=resource.section, key__0=resource.word)
    return rows.only("position", "key", "fields").order_by("position")


def _canonical(
    snapshot: Snapshot, resource: Resource, stored: list[SnapshotRow], *, whole_units: bool
) -> Iterator[dict[str, Any]]:
    stamp = Stamp(snapshot.number, snapshot.root, month_index(snapshot.first_month), whole_units)
    if resource is SUPPLY:
        currency = snapshot.header["sections"]["finance"].get("currency", "")
        for row in stored:
            yield from supply_rows(stamp, row.key, row.fields, currency)
        return
    sites = _shipping_sites(snapshot, {row.key[1] for row in stored})
    for row in stored:
        own = sites.get(row.key[1], [])
        yield from line_rows(stamp, row.key, row.fields, own[0] if len(own) == 1 else "")


def _shipping_sites(snapshot: Snapshot, items: set[str]) -> dict[str, list[str]]:
    """The sites that ship each item anything in the horizon."""
    rows = SnapshotRow.objects.filter(snapshot=snapshot, section="supply", key__0="production", key__1__in=items)
    found: dict[str, list[str]] = {}
    for key, shipped in rows.order_by("position").values_list("key", "fields__shipped"):
        if any(shipped):
            found.setdefault(key[1], []).append(key[2])
    return found


def _cursor(snapshot: Snapshot, resource: Resource, position: int) -> str:
    return base64.urlsafe_b64encode(f"{snapshot.root[:16]}:{resource.name}:{position}".encode()).decode()


def _position_of(cursor: str, snapshot: Snapshot, resource: Resource) -> int:
    if not cursor:
        return -1
    try:
        root, name, position = base64.b64decode(cursor, altchars=b"-_", validate=True).decode("ascii").split(":")
        number = int(position)
    except (binascii.Error, ValueError) as error:
        raise CursorInvalid("This cursor is none that was given out here.") from error
    if (root, name) != (snapshot.root[:16], resource.name) or not 0 <= number < 2**31:
        raise CursorInvalid("This cursor belongs to another list; start again without one.")
    return number


@dataclass(frozen=True)
class KeyLine:
    """One key as the Integrations page lists it; `state` is active, ending, replaced, expired or revoked."""

    key: ApiKey
    state: str

    @property
    def is_in_force(self) -> bool:
        """Whether it opens the door now."""
        return self.state in ("active", "ending", "replaced")

    @property
    def can_rotate(self) -> bool:
        """Whether a successor can be made."""
        return self.state in ("active", "ending")


@dataclass(frozen=True)
class AcknowledgedLine:
    """What an ERP said beside what was approved. Differences are loaded − approved: rows, and cents."""

    row: Acknowledgement
    approved_rows: int
    approved_cents: int

    @property
    def row_difference(self) -> int:
        """Rows the ERP has too many (+) or too few (−)."""
        return int(self.row.row_count) - self.approved_rows

    @property
    def cents_difference(self) -> int:
        """Cents the ERP has too many (+) or too few (−)."""
        return int(self.row.amount_cents) - self.approved_cents

    @property
    def agrees(self) -> bool:
        """Whether the ERP runs on the approved plan, by its totals and by its own list."""
        return not (self.row_difference or self.cents_difference or self.row.differences)


def key_lines(now: datetime) -> list[KeyLine]:
    """Every key with its state at `now`: those in force first, each by name."""
    keys = ApiKey.objects.select_related("issued_by", "replaced_by")
    lines = [KeyLine(key, _state_of(key, now)) for key in keys]
    return sorted(lines, key=lambda line: not line.is_in_force)


def _state_of(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at <= now:
        return "expired"
    if key.replaced_by_id is not None:
        return "replaced"
    return "ending" if key.expires_at - now < ENDING else "active"


def acknowledged_lines(most: int) -> list[AcknowledgedLine]:
    """The latest acknowledgements beside the control totals of their snapshots, newest first."""
    rows = Acknowledgement.objects.select_related("snapshot", "api_key")[:most]
    lines = []
    for row in rows:
        approved = control_totals(row.snapshot, LINES)
        cents = int(Decimal(approved["amount"]).scaleb(2))
        lines.append(AcknowledgedLine(row, int(approved["rows"]), cents))
    return lines


def latest_pulls(most: int) -> QuerySet[Pull]:
    """What keys fetched, the latest first."""
    return Pull.objects.select_related("api_key", "snapshot")[:most]


def latest_is_acknowledged(lines: list[AcknowledgedLine]) -> bool | None:
    """Whether the plan approved last was acknowledged as approved; None before the first approval."""
    snapshot = latest_snapshot()
    if snapshot is None:
        return None
    latest = next((line for line in lines if line.row.snapshot_id == snapshot.pk), None)
    return latest is not None and latest.agrees
