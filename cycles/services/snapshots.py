"""Freezing an approved plan, and proving later that nothing of it was changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction

from cycles.calc.canonical import canonical, changed_fields, field_digest, root_of, row_digest
from cycles.errors import SectionMissing
from cycles.failpoints import failpoint
from cycles.models import Plan, Snapshot, SnapshotRow, User
from cycles.registry import REQUIRED_SECTIONS, Problem, SectionRow, sections
from cycles.services.audit import record_audit

CHUNK_ROWS = 5000
_COLUMNS = ("snapshot_id", "section", "position", "key", "fields", "digests", "digest")

#: A row before it has a snapshot: section, key, canonical fields, canonical field digests, digest.
FrozenRow = tuple[str, tuple[str, ...], str, str, str]


def freeze_snapshot(*, plan: Plan, actor: User) -> Snapshot:
    """Freeze every registered section of the plan as it is now; called inside the executive approval's transaction.

    The first approval takes the plan's number, each later one is an amendment: number.1, number.2 … Rows go in by
    COPY. Records an audit row with the root.

    Raises:
        SectionMissing: a required section is not registered, or one yields no row.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A snapshot is frozen inside the approving transaction.")
    rows, headers = _collect(plan)
    amendment = plan.snapshots.count()
    previous = Snapshot.objects.order_by("-sequence").first()
    number = plan.number if amendment == 0 else f"{plan.number}.{amendment}"
    header = _header(plan, number, actor, headers)
    previous_root = previous.root if previous else ""
    snapshot = Snapshot.objects.create(
        plan=plan,
        number=number,
        sequence=previous.sequence + 1 if previous else 1,
        amendment=amendment,
        first_month=plan.first_month,
        horizon=plan.horizon,
        revision=plan.revision,
        header=header,
        previous=previous,
        previous_root=previous_root,
        root=root_of((row[4] for row in rows), header, previous_root),
        row_count=len(rows),
        approved_by=actor,
    )
    failpoint("snapshot.half_frozen")
    _copy_rows(snapshot.pk, rows)
    record_audit(
        actor=actor,
        code="cycles.plan.frozen",
        plan=plan,
        subject=number,
        after={"root": snapshot.root, "rows": snapshot.row_count, "revision": plan.revision},
    )
    return snapshot


def _collect(plan: Plan) -> tuple[list[FrozenRow], dict[str, Any]]:
    missing = set(REQUIRED_SECTIONS) - {section.name for section in sections()}
    if missing:
        raise SectionMissing(f"The snapshot would not be whole: nobody brings {', '.join(sorted(missing))}.")
    rows: list[FrozenRow] = []
    headers: dict[str, Any] = {}
    for section in sections():
        before = len(rows)
        rows.extend(_frozen(section.name, row) for row in section.rows(plan))
        headers[section.name] = {**section.header(plan), "rows": len(rows) - before}
        if len(rows) == before:
            raise SectionMissing(f"The section {section.name} has no rows, so there is nothing to approve.")
    return rows, headers


def _frozen(section: str, row: SectionRow) -> FrozenRow:
    digests = {name: field_digest(value) for name, value in row.fields.items()}
    return section, row.key, canonical(dict(row.fields)), canonical(digests), row_digest(section, row.key, row.fields)


def _header(plan: Plan, number: str, actor: User, headers: dict[str, Any]) -> dict[str, Any]:
    return {
        "plan": plan.number,
        "number": number,
        "first_month": plan.first_month.isoformat(),
        "horizon": plan.horizon,
        "revision": plan.revision,
        "baseline_version": plan.baseline_version,
        "approved_by": actor.username,
        "waivers": [
            {"code": waiver.code, "subject": waiver.subject, "money_cents": waiver.money_cents}
            for waiver in plan.waivers.order_by("id")
        ],
        "sections": headers,
    }


def _copy_rows(snapshot_id: int, rows: Iterable[FrozenRow]) -> None:
    statement = f"COPY {SnapshotRow._meta.db_table} ({', '.join(_COLUMNS)}) FROM STDIN WITH (FORMAT csv)"
    numbered = enumerate(rows)
    with connection.cursor() as cursor:
        while chunk := list(islice(numbered, CHUNK_ROWS)):
            buffer = io.StringIO()
            csv.writer(buffer).writerows(
                (snapshot_id, section, position, _array_literal(key), fields, digests, digest)
                for position, (section, key, fields, digests, digest) in chunk
            )
            buffer.seek(0)
            cursor.copy_expert(statement, buffer)


def _array_literal(key: tuple[str, ...]) -> str:
    quoted = (part.replace("\\", "\\\\").replace('"', '\\"') for part in key)
    return "{" + ",".join(f'"{part}"' for part in quoted) + "}"


def verify_snapshot(snapshot: Snapshot) -> list[Problem]:
    """Recompute every digest and the root of a snapshot; name each row and field that does not fit.

    Returns:
        The problems, empty when everything is as it was approved.
    """
    problems: list[Problem] = []
    digests: list[str] = []
    for row in snapshot.rows.order_by("position").iterator(chunk_size=2000):
        problems.extend(_row_problems(snapshot, row))
        digests.append(row.digest)
    if len(digests) != snapshot.row_count:
        found = f"{len(digests)} rows are stored, {snapshot.row_count} were approved"
        problems.append(Problem(f"snapshot {snapshot.number}", found))
    if root_of(digests, snapshot.header, snapshot.previous_root) != snapshot.root:
        problems.append(Problem(f"snapshot {snapshot.number}", "the root does not fit rows, header and previous root"))
    return [*problems, *_header_problems(snapshot)]


def _row_problems(snapshot: Snapshot, row: SnapshotRow) -> Iterator[Problem]:
    where = f"snapshot {snapshot.number}, row {row.position} ({row.section}: {' / '.join(row.key)})"
    for name in changed_fields(row.fields, row.digests):
        yield Problem(where, f"field {name} is not what was approved")
    if row_digest(row.section, row.key, row.fields) != row.digest:
        yield Problem(where, "the row's digest does not fit its section, key and fields")


def _header_problems(snapshot: Snapshot) -> Iterator[Problem]:
    stored = {
        "plan": snapshot.plan.number,
        "number": snapshot.number,
        "first_month": snapshot.first_month.isoformat(),
        "horizon": snapshot.horizon,
        "revision": snapshot.revision,
        "approved_by": snapshot.approved_by.username,
    }
    for name, value in stored.items():
        if snapshot.header.get(name) != value:
            yield Problem(f"snapshot {snapshot.number}", f"column {name} differs from the approved header")


def verify_chain(expected_root: str = "") -> list[Problem]:
    """Check that the snapshots follow each other without a gap, each on the root of the one before.

    Args:
        expected_root: a root kept outside; it must be the root of one of the snapshots.
    """
    problems: list[Problem] = []
    previous: Snapshot | None = None
    roots: set[str] = set()
    for snapshot in Snapshot.objects.order_by("sequence"):
        place = f"snapshot {snapshot.number}"
        if snapshot.sequence != len(roots) + 1:
            problems.append(Problem(place, f"is number {snapshot.sequence} of the chain; one before it is gone"))
        if snapshot.previous_root != (previous.root if previous else ""):
            problems.append(Problem(place, "does not stand on the root of the snapshot before it"))
        roots.add(snapshot.root)
        previous = snapshot
    if expected_root and expected_root not in roots:
        problems.append(Problem("chain", f"no snapshot has the expected root {expected_root}"))
    return problems
