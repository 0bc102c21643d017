"""The plan row as the lock of everything in the plan, and its revisions."""

from __future__ import annotations

from cycles.models import Plan, User
from cycles.registry import LEDGERS
from cycles.signals import plan_revised


def lock_plan(plan_id: int) -> Plan:
    """Take the plan's row lock until the transaction ends and return the plan as it is now.

    Every change inside a plan starts here, so changes of one plan happen one after another.

    Raises:
        Plan.DoesNotExist: no such plan.
    """
    return Plan.objects.select_for_update().get(pk=plan_id)


def bump_revision(plan: Plan, *, ledger: str, actor: User | None = None) -> int:
    """Count one entry of a ledger: the plan's revision grows by one and becomes that ledger's revision.

    The caller holds the plan's lock. Sends `plan_revised` in the same transaction.

    Args:
        plan: the locked plan; its attributes are moved along.
        ledger: 'demand', 'supply', 'finance' or 'rates'.
        actor: who wrote the entry; follow-up runs are requested in this name.

    Returns:
        The new revision.

    Raises:
        ValueError: unknown ledger.
    """
    if ledger not in LEDGERS:
        raise ValueError(f"{ledger!r} is none of the ledgers {LEDGERS}.")
    field = f"{ledger}_revision"
    plan.revision += 1
    setattr(plan, field, plan.revision)
    plan.save(update_fields=["revision", field])
    plan_revised.send(sender=Plan, plan=plan, plan_id=plan.pk, ledger=ledger, actor=actor)
    return plan.revision
