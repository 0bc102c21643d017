"""Audit rows: written in the transaction of the act they tell of."""

from __future__ import annotations

from typing import Any

import structlog
from django.db import transaction

from cycles.errors import StatementUnfit, UnknownEntry
from cycles.models import AuditRow, Plan, User
from cycles.registry import is_audit_code


def record_audit(
    *,
    actor: User,
    code: str,
    plan: Plan | None = None,
    subject: str = "",
    reason: str = "",
    **change: Any,
) -> AuditRow:
    """Append one audit row to the running transaction.

    Args:
        actor: who did it; the system is a real (service) user.
        code: a registered dotted code in the past tense.
        plan: the plan concerned, if any.
        subject: what was touched, in words or as a key.
        reason: why, where a reason was given.
        **change: `before` and `after`, JSON-ready values.

    Raises:
        UnknownEntry: the code is not registered, or `change` has another name than before and after.
        TransactionManagementError: there is no transaction, so act and row could part.
    """
    if not is_audit_code(code):
        raise UnknownEntry(f"Audit code {code!r} is not registered.")
    if unknown := set(change) - {"before", "after"}:
        raise UnknownEntry(f"An audit row has no {sorted(unknown)}.")
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("record_audit needs the transaction of the act it tells of.")
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
    return AuditRow.objects.create(
        actor=actor,
        code=code,
        plan=plan,
        subject=subject[:200],
        before=change.get("before"),
        after=change.get("after"),
        reason=reason,
        request_id=request_id,
    )


#: A file with more rows than this helps nobody; the filters narrow it.
EXPORTED_AT_MOST = 50_000


def record_export(*, actor: User, form: str, filters: dict[str, str], count: int) -> AuditRow:
    """Keep that somebody takes `count` audit rows away as a file, and by which filters.

    Raises:
        StatementUnfit: more rows than a file may hold.
    """
    if count > EXPORTED_AT_MOST:
        raise StatementUnfit(f"{count:,} rows are too many for one file; narrow them to {EXPORTED_AT_MOST:,} or fewer.")
    with transaction.atomic():
        after = {"format": form, "rows": count, "filters": filters}
        return record_audit(actor=actor, code="cycles.audit.exported", subject="audit", after=after)
