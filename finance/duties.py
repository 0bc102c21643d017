"""What finance puts on "My work": the open actions that a person promised, with their money and due date."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from cycles.models import Plan, User
from cycles.registry.duties import Duty, Weight
from finance.models import ActionState
from finance.selectors.answers import open_actions


def action_duties(user: User, plan: Plan) -> Iterator[Duty]:
    """Open actions owned by this person: proposed ones to agree, agreed ones to do."""
    for action in open_actions(plan).filter(owner=user):
        is_agreed = action.state == ActionState.AGREED
        yield Duty(
            title=action.title,
            why=f"{'Your action' if is_agreed else 'Your proposal'} · {action.scope_label}",
            verb="Do" if is_agreed else "Agree",
            url=f"{reverse('finance:reconciliation', args=[plan.number])}#actions",
            icon="target",
            weight=Weight.TASK,
            money_cents=action.margin_cents or action.revenue_cents,
            due_on=action.due_on,
        )
