"""Answers to exceptions: looked at, with a reason; the exception stays on the list as answered."""

from __future__ import annotations

from django.db import transaction

from cycles.errors import NotAllowedNow, ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from demand.models import ExceptionAnswer
from demand.services.exception_list import open_exceptions


def answer_exception(*, plan: Plan, code: str, subject: str, reason: str, actor: User) -> ExceptionAnswer:
    """Keep a planner's word on one open exception, with its money of the moment; audited.

    Raises:
        ReasonMissing: no reason.
        NotAllowedToYou, NotAllowedNow: by the rights table, or there is no such open exception.
    """
    answers = answer_exceptions(plan=plan, reason=reason, actor=actor, only={(code, subject)})
    if not answers:
        raise NotAllowedNow("There is no such open exception; somebody may have answered it.")
    return answers[0]


def answer_exceptions(
    *, plan: Plan, reason: str, actor: User, only: set[tuple[str, str]] | None = None
) -> list[ExceptionAnswer]:
    """Answer every open exception (or only the named ones) with one reason, in one transaction; each is audited.

    Raises:
        ReasonMissing: no reason.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    if not reason.strip():
        raise ReasonMissing("Say why the plan is right as it is.")
    with transaction.atomic():
        locked = lock_plan(plan.pk)
        authorise(actor=actor, action=Action.EDIT_DEMAND, plan=locked)
        wanted = [e for e in open_exceptions(locked) if only is None or (e.code, e.subject) in only]
        answers = ExceptionAnswer.objects.bulk_create(
            ExceptionAnswer(
                plan=locked,
                code=exception.code,
                subject=exception.subject,
                money_cents=exception.money_cents,
                reason=reason.strip(),
                author=actor,
            )
            for exception in wanted
        )
        for answer in answers:
            record_audit(
                actor=actor,
                code="demand.exception.answered",
                plan=locked,
                subject=answer.subject,
                after={"code": answer.code, "money_cents": answer.money_cents},
                reason=answer.reason,
            )
    return answers
