"""What demand puts on "My work": changes of the plan that somebody proposes and a demand planner accepts or declines."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from cycles.models import Plan, User
from cycles.policy import Action, Role
from cycles.registry.duties import Duty, Weight
from cycles.selectors import roles_of
from cycles.services.access import is_allowed
from demand.selectors import open_proposals, waiting_carried


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


def carried_duties(user: User, plan: Plan) -> Iterator[Duty]:
    """Carried edits that nobody has accepted or declined, as one line for demand planners while the stage is open."""
    if Role.DEMAND_PLANNER not in roles_of(user) or not is_allowed(actor=user, action=Action.EDIT_DEMAND, plan=plan):
        return
    if count := waiting_carried(plan).count():
        yield Duty(
            title=f"{count} carried edit{'s' if count > 1 else ''} of the last plan",
            why="They stand in the plan until somebody accepts or declines them.",
            verb="Answer",
            url=reverse("demand:carried", args=[plan.number]),
            icon="history",
            weight=Weight.TASK,
        )
