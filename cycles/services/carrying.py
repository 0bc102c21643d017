"""What the next month takes over from the approved plan: every carry is run, and what was left behind is written down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db.models import Model

from cycles.failpoints import failpoint
from cycles.models import Plan, User
from cycles.registry import carries
from cycles.services.audit import record_audit

CARRIED = "cycles.ledger.carried"
LISTED = 500

Row = TypeVar("Row", bound=Model)


def carry_over(*, plan: Plan, previous: Plan, actor: User) -> None:
    """Run every registered carry in its order; inside the transaction that opens the cycle.

    One audit row per carry that found anything: how many entries were kept, and each one that was not with its reason
    (the first 500). The data stage of the new plan lists them.
    """
    for carry in carries():
        carried = carry.carry(plan=plan, previous=previous, actor=actor)
        failpoint("cycle.half_carried")
        if not carried.kept and not carried.dropped:
            continue
        record_audit(
            actor=actor,
            code=CARRIED,
            plan=plan,
            subject=carry.name,
            after={
                "what": carry.noun,
                "from": previous.number,
                "kept": carried.kept,
                "dropped": len(carried.dropped),
                "list": list(carried.dropped[:LISTED]),
            },
        )


def carry_rows(rows: Iterable[Row], *, plan: Plan, names: Sequence[str], **own: Any) -> int:
    """Copy entries of the approved plan into the next one; returns how many.

    Args:
        rows: of one model that has `plan` and `carried_from`.
        plan: the next plan.
        names: attributes that are taken over as they are.
        own: attributes that are the copies' own (author, revision).
    """
    copies = [
        type(old)(plan=plan, carried_from=old, **{name: getattr(old, name) for name in names}, **own) for old in rows
    ]
    if copies:
        type(copies[0])._default_manager.bulk_create(copies)
    return len(copies)


def month_fault(plan: Plan, month: int) -> str:
    """Why a month number of the plan before has no place in this one; '' when it has."""
    if month < plan.first_month_index:
        return "the month has closed"
    if month >= plan.first_month_index + plan.horizon:
        return "the month lies beyond the plan"
    return ""
