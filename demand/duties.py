"""What demand puts on "My work": changes of the plan that somebody proposes and a demand planner accepts or declines."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from cycles.models import Plan, User
from cycles.policy import Role
from cycles.registry.duties import Duty, Weight
from cycles.selectors import roles_of
from demand.selectors import open_proposals


def proposal_duties(user: User, plan: Plan) -> Iterator[Duty]:
    """Proposals without an answer, for demand planners who see their family and market."""
    if Role.DEMAND_PLANNER not in roles_of(user):
        return
    for proposal in open_proposals(plan, user):
        yield Duty(
            title=f"Proposed: {proposal.label}",
            why=f"{proposal.author} · {proposal.reason}",
            verb="Answer",
            url=f"{reverse('demand:proposals', args=[plan.number])}#proposal-{proposal.pk}",
            icon="arrows-exchange",
            weight=Weight.TASK,
            money_cents=proposal.money_cents,
        )
