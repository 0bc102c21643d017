"""Decisions: asked for and taken, each with its audit row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from cycles.errors import NotAllowedNow, ReasonMissing
from cycles.models import Decision, DecisionState, Plan, User
from cycles.policy import Action
from cycles.registry.effects import effect_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.notifications import News, tell
from cycles.services.plans import lock_plan


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be decided.

    `code` and `subject` name what it answers (a gate's code and the finding's subject). `money_cents`: cents of the
    reporting currency, signed as gap = landing − budget. `options`: {title, revenue_cents, margin_cents,
    inventory_cents, cash_cents, service_points, note, recommended}, unknown ones left out; service in hundredths of a
    percentage point of the fill rate.
    """

    code: str
    subject: str
    text: str
    money_cents: int | None = None
    options: tuple[Mapping[str, Any], ...] = field(default=())
    due_on: date | None = None
    owner: User | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided: the title of the option, and why."""

    choice: str
    reason: str


def record_decision(*, plan: Plan, question: Question, actor: User) -> Decision:
    """Put a question to be decided on the plan's list; audited.

    The same code and subject again: an open one gets the new words, money and options; a taken one is returned as it is
    unless the money has changed, then it is open again.

    Raises:
        ReasonMissing: the question has no words.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    if not question.text.strip():
        raise ReasonMissing("A decision needs a question.")
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        authorise(actor=actor, action=Action.RECORD_DECISION, plan=plan)
        same = plan.decisions.filter(code=question.code, subject=question.subject).first()
        if same is not None and same.state == DecisionState.TAKEN and same.money_cents == question.money_cents:
            return same
        return _put_on_list(plan, question, same, actor)


def ask_again(*, plan: Plan, question: Question, actor: User) -> Decision:
    """Put a question on the list that the actor has answered too quickly: taken by the actor → open; audited.

    Raises:
        NotAllowedNow: somebody else has taken it. ReasonMissing, NotAllowedToYou: as `record_decision`.
    """
    if not question.text.strip():
        raise ReasonMissing("A decision needs a question.")
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        authorise(actor=actor, action=Action.RECORD_DECISION, plan=plan)
        same = plan.decisions.filter(code=question.code, subject=question.subject).first()
        if same is not None and same.state == DecisionState.TAKEN and same.taken_by_id != actor.pk:
            raise NotAllowedNow(f"{same.taken_by} has decided this: {same.choice}.")
        return _put_on_list(plan, question, same, actor)


def _put_on_list(plan: Plan, question: Question, same: Decision | None, actor: User) -> Decision:
    """Open the question with its audit row, and tell its owner."""
    decision, created = Decision.objects.update_or_create(
        plan=plan, code=question.code, subject=question.subject, defaults=_asked(question, actor)
    )
    record_audit(
        actor=actor,
        code="cycles.decision.recorded",
        plan=plan,
        subject=f"{question.code} · {question.subject}",
        before=None if created or same is None else {"state": same.state, "money_cents": same.money_cents},
        after={"question": question.text, "money_cents": question.money_cents},
    )
    if decision.owner is not None:
        key = f"decision.assigned:{decision.pk}:{decision.owner.pk}"
        subject = ("decision", str(decision.pk))
        tell(News("decision.assigned", key, subject, decision.subject, plan, actor), [decision.owner])
    return decision


def _asked(question: Question, actor: User) -> dict[str, Any]:
    return {
        "question": question.text.strip(),
        "options": [dict(option) for option in question.options],
        "money_cents": question.money_cents,
        "due_on": question.due_on,
        "owner": question.owner,
        "recorded_by": actor,
        "state": DecisionState.OPEN.value,
        "choice": "",
        "reason": "",
        "taken_by": None,
        "taken_at": None,
    }


def note_decision(*, plan: Plan, question: Question, answer: Answer, actor: User) -> Decision:
    """Put a question on the plan's list together with its answer: decided where it stood, under the rights of that place.

    Before → after: none, open or taken → taken by the actor, who also stands as the one who asked. Called by a service
    that has judged the right and holds the plan's lock, inside its transaction; audited.

    Raises:
        ReasonMissing: the question has no words, or the answer no choice or reason.
    """
    if not all(part.strip() for part in (question.text, answer.choice, answer.reason)):
        raise ReasonMissing("A decision needs a question, a choice and a reason.")
    taken = {
        "state": DecisionState.TAKEN.value,
        "choice": answer.choice.strip(),
        "reason": answer.reason.strip(),
        "taken_by": actor,
        "taken_at": timezone.now(),
    }
    decision, _ = Decision.objects.update_or_create(
        plan=plan, code=question.code, subject=question.subject, defaults=_asked(question, actor) | taken
    )
    record_audit(
        actor=actor,
        code="cycles.decision.taken",
        plan=plan,
        subject=f"{decision.code} · {decision.subject}",
        after={"question": question.text, "choice": decision.choice, "money_cents": decision.money_cents},
        reason=decision.reason,
    )
    return decision


def take_decision(*, decision_id: int, choice: str, reason: str, actor: User) -> Decision:
    """open → taken, with the choice in words and the reason; audited. An effect registered for its code follows.

    Raises:
        ReasonMissing: choice or reason is empty.
        NotAllowedToYou, NotAllowedNow: by the rights table, or somebody has taken it already.
        DomainError: the effect of the choice is refused; the decision stays open.
    """
    if not choice.strip() or not reason.strip():
        raise ReasonMissing("A decision needs a choice and a reason.")
    with transaction.atomic():
        plan = lock_plan(Decision.objects.values_list("plan_id", flat=True).get(pk=decision_id))
        decision = Decision.objects.select_related("taken_by").get(pk=decision_id)
        authorise(actor=actor, action=Action.TAKE_DECISION, plan=plan)
        if decision.state == DecisionState.TAKEN:
            raise NotAllowedNow(f"{decision.taken_by} has decided this: {decision.choice}.")
        decision.state = DecisionState.TAKEN.value
        decision.choice, decision.reason = choice.strip(), reason.strip()
        decision.taken_by, decision.taken_at = actor, timezone.now()
        decision.save(update_fields=["state", "choice", "reason", "taken_by", "taken_at"])
        record_audit(
            actor=actor,
            code="cycles.decision.taken",
            plan=plan,
            subject=f"{decision.code} · {decision.subject}",
            after={"choice": decision.choice, "money_cents": decision.money_cents},
            reason=decision.reason,
        )
        if (effect := effect_of(decision.code)) is not None:
            effect.apply(decision, actor)
        key = f"decision.taken:{decision.pk}:{decision.taken_at.isoformat()}"
        subject = ("decision", str(decision.pk))
        tell(News("decision.taken", key, subject, decision.subject, plan, actor), [decision.recorded_by])
    return decision
