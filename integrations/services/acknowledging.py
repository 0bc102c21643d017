"""What the ERP says it loaded, kept beside what was exported."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction

from cycles.errors import DomainError
from cycles.models import Snapshot
from cycles.policy import Role
from cycles.selectors import service_user
from cycles.services.audit import record_audit
from integrations.frames import load_line_totals
from integrations.models import Acknowledgement, ApiKey


class IdempotencyKeyReused(DomainError):
    """The same idempotency key came with another body."""

    code = "idempotency_key_reused"


@dataclass(frozen=True)
class Loaded:
    """What was loaded: rows, milli-units, cents, and the items that were refused or changed."""

    rows: int
    quantity_milli: int
    amount_cents: int
    differences: tuple[dict[str, Any], ...] = ()


def acknowledge_snapshot(*, snapshot: Snapshot, key: ApiKey, idempotency_key: str, loaded: Loaded) -> Acknowledgement:
    """Keep an acknowledgement and judge it against the export's control totals; audited as the integration user.

    The same idempotency key with the same body gives the row that is there.

    Raises:
        IdempotencyKeyReused: the same key with another body.
    """
    body = hashlib.sha256(json.dumps([snapshot.pk, asdict(loaded)], sort_keys=True).encode()).hexdigest()
    try:
        with transaction.atomic():
            return _insert(snapshot, key, idempotency_key, loaded, body)
    except IntegrityError:
        present = Acknowledgement.objects.get(key=key, idempotency_key=idempotency_key)
    if present.body_sha256 != body:
        raise IdempotencyKeyReused("This Idempotency-Key was used with another body; use a new one.")
    return present


def _insert(snapshot: Snapshot, key: ApiKey, idempotency_key: str, loaded: Loaded, body: str) -> Acknowledgement:
    totals = load_line_totals(snapshot)
    same = (loaded.rows, loaded.quantity_milli, loaded.amount_cents)
    row = Acknowledgement.objects.create(
        snapshot=snapshot,
        key=key,
        idempotency_key=idempotency_key,
        body_sha256=body,
        rows=loaded.rows,
        quantity_milli=loaded.quantity_milli,
        amount_cents=loaded.amount_cents,
        differences=list(loaded.differences),
        is_equal=same == (totals.rows, totals.quantity_milli, totals.amount_cents) and not loaded.differences,
    )
    record_audit(
        actor=service_user(Role.INTEGRATION),
        code="integrations.plan.acknowledged",
        plan=snapshot.plan,
        subject=f"{snapshot.number} · {key.name}",
        after={"rows": row.rows, "is_equal": row.is_equal},
    )
    return row
