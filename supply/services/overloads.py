"""Decisions about overloaded work centres: named, append-only, audited."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from cycles.errors import DomainError, NotAllowedToYou, ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from supply.models import OverloadChoice, OverloadDecision
from supply.selectors import Overload, overloads_of


class NoSuchOverload(DomainError):
    """The work centre is not overloaded in that month (any more)."""

    code = "no_such_overload"


def decide_overload(
    *, plan_id: int, subject: tuple[int, date], choice: OverloadChoice, reason: str, actor: User
) -> OverloadDecision:
    """Answer one overload (work centre key and month) of the present supply plan.

    The decision keeps overtime and cost as they are now; when they grow it has to be decided again. Supply planners,
    while the supply stage is open. A second call appends another decision, and the later one counts.

    Raises:
        ReasonMissing, NoSuchOverload, NotAllowedToYou, NotAllowedNow.
    """
    with transaction.atomic():
        plan = _opened(plan_id, reason, actor)
        for overload in overloads_of(plan):
            if (overload.work_centre.pk, overload.month) == subject:
                return _record(plan, overload, choice, reason.strip(), actor)
    raise NoSuchOverload("This work centre is not overloaded in that month.")


def decide_open_overloads(*, plan_id: int, choice: OverloadChoice, reason: str, actor: User) -> int:
    """Answer every overload without a decision that holds, with one choice and reason; each is its own decision.

    Returns:
        How many were decided; 0 on a second call.

    Raises:
        ReasonMissing, NotAllowedToYou, NotAllowedNow.
    """
    with transaction.atomic():
        plan = _opened(plan_id, reason, actor)
        undecided = [overload for overload in overloads_of(plan) if overload.decision is None]
        for overload in undecided:
            _record(plan, overload, choice, reason.strip(), actor)
        return len(undecided)


def _opened(plan_id: int, reason: str, actor: User) -> Plan:
    if not reason.strip():
        raise ReasonMissing("A decision needs a reason.")
    plan = lock_plan(plan_id)
    authorise(actor=actor, action=Action.PIN_SUPPLY, plan=plan)
    if not scope_of(actor).is_everything:
        raise NotAllowedToYou("A work centre serves every family; this is for a supply planner of all of them.")
    return plan


def _record(plan: Plan, overload: Overload, choice: OverloadChoice, reason: str, actor: User) -> OverloadDecision:
    decision = OverloadDecision.objects.create(
        plan=plan,
        work_centre=overload.work_centre,
        month=overload.month,
        choice=choice.value,
        reason=reason,
        supply_revision=plan.supply_revision,
        overtime_milli=overload.overtime,
        cost_cents=overload.cost_cents,
        author=actor,
    )
    record_audit(
        actor=actor,
        code="supply.overload.decided",
        plan=plan,
        subject=overload.subject,
        after={"choice": choice.value, "overtime_milli": overload.overtime, "cost_cents": overload.cost_cents},
        reason=reason,
    )
    return decision
