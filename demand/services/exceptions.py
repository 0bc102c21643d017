"""Answers to exceptions: right as it is, to be changed, or somebody is asked. One transaction each, audited."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from cycles.errors import NotAllowedNow, ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.conversations import About, Words, open_thread
from cycles.services.plans import lock_plan
from demand.models import AnswerKind, ExceptionAnswer
from demand.services.exception_entry import DemandException
from demand.services.exception_list import exceptions_of, open_exceptions

SUBJECT_KIND = "exception"
TO_BE_CHANGED = "To be changed in the plan."


def answer_exception(*, plan: Plan, code: str, subject: str, reason: str, actor: User) -> ExceptionAnswer:
    """Keep a planner's word that the plan is right on one open exception, with its dollars of the moment; audited.

    Raises:
        ReasonMissing: no reason.
        NotAllowedToYou, NotAllowedNow: by the rights table, or there is no such open exception in the actor's scope.
    """
    _insist_on(reason, "Say why the plan is right as it is.")
    with transaction.atomic():
        locked, found = _find(plan, code, subject, actor)
        return _keep(locked, [found], how=AnswerKind.ACCEPT, reason=reason, actor=actor)[0]


def answer_exceptions(*, plan: Plan, reason: str, actor: User) -> list[ExceptionAnswer]:
    """Answer every exception that asks for it and lies in the actor's scope, with one reason, in one transaction.

    Raises:
        ReasonMissing: no reason.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    _insist_on(reason, "Say why the plan is right as it is.")
    with transaction.atomic():
        locked = _lock(plan, actor)
        wanted = open_exceptions(locked, scope=scope_of(actor))
        return _keep(locked, wanted, how=AnswerKind.ACCEPT, reason=reason, actor=actor)


def promise_change(*, plan: Plan, code: str, subject: str, actor: User) -> ExceptionAnswer:
    """Say that the plan will be changed: the next edit of the exception's cells answers it, with its own reason.

    Raises:
        NotAllowedToYou, NotAllowedNow: as `answer_exception`.
    """
    with transaction.atomic():
        locked, found = _find(plan, code, subject, actor)
        return _keep(locked, [found], how=AnswerKind.CHANGE, reason=TO_BE_CHANGED, actor=actor)[0]


def ask_about_exception(
    *, plan: Plan, found: tuple[str, str], person: User, words: Words, actor: User
) -> ExceptionAnswer:
    """Ask a person about an exception: opens a conversation that names them, which tells them; audited.

    The exception stays open until it is accepted or changed. The same `words.gesture` again asks nothing twice.

    Args:
        found: code and subject of the exception.
        person: must see the family and market of the exception.

    Raises:
        ReasonMissing: no question, or too long. MentionRefused: the person may not see it.
        NotAllowedToYou, NotAllowedNow: as `answer_exception`.
    """
    _insist_on(words.text, "Write what you want to know.")
    with transaction.atomic():
        locked, exception = _find(plan, *found, actor)
        if (kept := _asked_already(locked, exception, words.gesture, actor)) is not None:
            return kept
        about = About(locked, SUBJECT_KIND, exception.key)
        open_thread(about=about, words=Words(f"@{person.username} {words.text.strip()}", words.gesture), actor=actor)
        how, reason = AnswerKind.ASK, words.text
        return _keep(locked, [exception], how=how, reason=reason, actor=actor, asked=person)[0]


def _asked_already(plan: Plan, exception: DemandException, gesture: UUID, actor: User) -> ExceptionAnswer | None:
    """The question that this very form put before."""
    if not actor.comments.filter(gesture=gesture).exists():
        return None
    asked = ExceptionAnswer.objects.filter(plan=plan, code=exception.code, subject=exception.subject, author=actor)
    return asked.filter(how=AnswerKind.ASK.value).order_by("-id").first()


def _insist_on(text: str, why: str) -> None:
    if not text.strip():
        raise ReasonMissing(why)


def _lock(plan: Plan, actor: User) -> Plan:
    locked = lock_plan(plan.pk)
    authorise(actor=actor, action=Action.EDIT_DEMAND, plan=locked)
    return locked


def _find(plan: Plan, code: str, subject: str, actor: User) -> tuple[Plan, DemandException]:
    """The locked plan and its open exception of that name inside what the actor sees."""
    locked = _lock(plan, actor)
    for one in exceptions_of(locked, scope=scope_of(actor)):
        if (one.code, one.subject) == (code, subject) and one.is_open:
            return locked, one
    raise NotAllowedNow("There is no such open exception; somebody may have answered it.")


def _keep(
    plan: Plan,
    found: Iterable[DemandException],
    *,
    how: AnswerKind,
    reason: str,
    actor: User,
    asked: User | None = None,
) -> list[ExceptionAnswer]:
    """Append one answer per exception, each with its audit row."""
    answers = ExceptionAnswer.objects.bulk_create(
        ExceptionAnswer(
            plan=plan,
            code=one.code,
            subject=one.subject,
            how=how.value,
            revision=plan.revision,
            money_cents=one.stake.whole_cents,
            reason=reason.strip(),
            asked=asked,
            author=actor,
        )
        for one in found
    )
    for answer in answers:
        record_audit(
            actor=actor,
            code="demand.exception.answered",
            plan=plan,
            subject=answer.subject,
            after={"code": answer.code, "how": answer.how, "money_cents": answer.money_cents},
            reason=answer.reason,
        )
    return answers
