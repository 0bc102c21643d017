"""What supply puts on "My work": decisions about shortages that a planner still has to carry out."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from cycles.models import Plan, User
from cycles.policy import Action
from cycles.registry.duties import Duty, Weight
from cycles.services.access import is_allowed
from supply.services.shortage_questions import waiting_decisions


def decided_duties(user: User, plan: Plan) -> Iterator[Duty]:
    """What was decided about a shortage and is not in the plan yet, for those who may fix quantities now."""
    if not is_allowed(actor=user, action=Action.PIN_SUPPLY, plan=plan):
        return
    for question in waiting_decisions(plan):
        row = question.row
        yield Duty(
            title=f"Carry out: {row.choice} for {row.subject}",
            why=f"{row.taken_by} decided: {row.reason}",
            verb="Carry out",
            url=f"{reverse('supply:review', args=[plan.number])}#shortage-{row.subject}",
            icon="gavel",
            weight=Weight.BLOCK,
            money_cents=row.money_cents,
            due_on=row.due_on,
        )
