"""What the ERP says it loaded: stored once per Idempotency-Key, compared with what was approved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from cycles.errors import DomainError
from cycles.models import Snapshot
from cycles.services.audit import record_audit
from integrations.calc.texts import cents_text
from integrations.models import Acknowledgement, ApiKey, IdempotentAnswer
from integrations.selectors import LINES, control_totals

CREATED = 201
KEPT_DAYS = 90


class StillRunning(DomainError):
    """The same Idempotency-Key is being worked on at this moment."""

    code = "still_running"


class KeyReused(DomainError):
    """The Idempotency-Key was used for another body."""

    code = "idempotency_key_reused"


@dataclass(frozen=True)
class Loaded:
    """What the ERP loaded: rows, their amount in cents, its own reference, and items it took differently."""

    row_count: int
    amount_cents: int
    reference: str = ""
    differences: tuple[Mapping[str, Any], ...] = ()


def acknowledge_plan(*, snapshot: Snapshot, loaded: Loaded, api_key: ApiKey, idempotency_key: str) -> dict[str, Any]:
    """Record an acknowledgement and answer how it compares; the same key and body give the same answer again for 90 days.

    Audited. `agrees` tells whether count and amount are those of the approved lines.

    Raises:
        StillRunning: the first call with this key has not ended yet.
        KeyReused: the key came with another body before.
    """
    digest = _request_digest(snapshot, loaded)
    with transaction.atomic():
        forget_answers(timezone.now() - timedelta(days=KEPT_DAYS))
        _hold(f"{api_key.pk}:{idempotency_key}")
        stored = IdempotentAnswer.objects.filter(api_key=api_key, idempotency_key=idempotency_key).first()
        if stored is not None:
            if stored.request_digest != digest:
                raise KeyReused("This Idempotency-Key came with another body before.")
            before: dict[str, Any] = stored.answer
            return before
        answer = _record(snapshot, loaded, api_key)
        IdempotentAnswer.objects.create(
            api_key=api_key,
            idempotency_key=idempotency_key,
            request_digest=digest,
            status_code=CREATED,
            answer=answer,
        )
        return answer


def forget_answers(before: datetime) -> int:
    """Delete the answers given before a moment; their keys may then be used for something else. Returns how many."""
    return IdempotentAnswer.objects.filter(created_at__lt=before).delete()[0]


def _record(snapshot: Snapshot, loaded: Loaded, api_key: ApiKey) -> dict[str, Any]:
    row = Acknowledgement.objects.create(
        snapshot=snapshot,
        api_key=api_key,
        row_count=loaded.row_count,
        amount_cents=loaded.amount_cents,
        reference=loaded.reference,
        differences=[dict(difference) for difference in loaded.differences],
    )
    approved = control_totals(snapshot, LINES)
    amount = cents_text(loaded.amount_cents)
    answer = {
        "id": row.pk,
        "plan_number": snapshot.number,
        "snapshot_hash": snapshot.root,
        "loaded_rows": str(loaded.row_count),
        "loaded_amount": amount,
        "approved_rows": approved["rows"],
        "approved_amount": approved["amount"],
        "agrees": str(loaded.row_count) == approved["rows"] and amount == approved["amount"],
    }
    record_audit(
        actor=api_key.user,
        code="integrations.plan.acknowledged",
        plan=snapshot.plan,
        subject=f"{snapshot.number} by {api_key}",
        after=answer,
    )
    return answer


def _hold(name: str) -> None:
    """Hold the key's name until the transaction ends; another holder means that its first call still runs."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise StillRunning("The first call with this Idempotency-Key has not ended yet.")


def _request_digest(snapshot: Snapshot, loaded: Loaded) -> str:
    body = [snapshot.root, loaded.row_count, loaded.amount_cents, loaded.reference]
    text = json.dumps([*body, [dict(difference) for difference in loaded.differences]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
