"""What an approved plan shows: the rows of its snapshot, so that nothing moves when a file or a rule is loaded later."""

from __future__ import annotations

from typing import Any

from cycles.models import Plan, Snapshot, SnapshotRow
from cycles.selectors import latest_snapshot
from cycles.workflow import StageKind, StageStatus

SECTION = "supply"
Key = tuple[str, ...]


def approved_snapshot(plan: Plan) -> Snapshot | None:
    """The snapshot that the pages of an approved plan stand on; None while it is worked on, or worked on again.

    An older one is none while the amendment itself is being frozen: that reads the tables.
    """
    executive = plan.stages.filter(kind=StageKind.EXECUTIVE.value, status=StageStatus.APPROVED.value).first()
    snapshot = latest_snapshot(plan) if executive is not None else None
    if executive is None or snapshot is None or executive.approved_at is None:
        return None
    return snapshot if snapshot.approved_at >= executive.approved_at else None


def approved_rows(plan: Plan, word: str) -> dict[Key, dict[str, Any]] | None:
    """Rows of one kind of an approved plan: the rest of the key → fields. None where the page reads the tables.

    That is a plan that is not approved, and one that was approved before rows of this kind were kept. Three queries.
    """
    return _rows(plan, word, "fields")


def approved_values(plan: Plan, word: str, field: str) -> dict[Key, Any] | None:
    """One field of the rows of one kind, as `approved_rows`; None where the rows do not have it."""
    found = _rows(plan, word, f"fields__{field}")
    return None if found is None or None in found.values() else found


def approved_header(plan: Plan) -> dict[str, Any] | None:
    """What the header of the snapshot says of supply; None as above."""
    snapshot = approved_snapshot(plan)
    return None if snapshot is None else snapshot.header["sections"].get(SECTION)


def _rows(plan: Plan, word: str, column: str) -> dict[Key, Any] | None:
    snapshot = approved_snapshot(plan)
    if snapshot is None:
        return None
    rows = SnapshotRow.objects.filter(snapshot=snapshot, section=SECTION, key__0=word)
    return {tuple(key[1:]): value for key, value in rows.order_by("position").values_list("key", column)} or None
