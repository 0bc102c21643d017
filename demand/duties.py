"""What demand puts on "My work": exceptions to answer, carried edits, and changes that somebody proposes."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from cycles.models import Plan, User
from cycles.policy import Action, Role
from cycles.registry.duties import Duty, Weight
from cycles.selectors import roles_of, stage_of
from cycles.services.access import is_allowed
from cycles.workflow import StageKind, StageStatus
from demand.selectors import open_proposals, waiting_carried
from demand.services.exception_list import open_exceptions
from demand.services.exception_owners import Share, planners, waits_for


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


def exception_duties(user: User, plan: Plan) -> Iterator[Duty]:
    """Exceptions that wait for this very person while the demand stage is open, as one line with their dollars."""
    stage = stage_of(plan, StageKind.DEMAND)
    if stage.status != StageStatus.OPEN:
        return
    known = planners()
    rows = tuple(row for row in open_exceptions(plan) if waits_for(row, user, known))
    if not rows:
        return
    share = Share((user,), rows)
    yield Duty(
        title=f"{len(rows)} exception{'s' if len(rows) > 1 else ''} of the demand plan wait{'' if len(rows) > 1 else 's'} for you",
        why=f"First: {rows[0].title}" + (f" {share.unpriced} without a price." if share.unpriced else ""),
        verb="Answer",
        url=f"{reverse('demand:exceptions', args=[plan.number])}?only_waiting=1",
        icon="alert-circle",
        weight=Weight.BLOCK,
        money_cents=share.cents if share.unpriced < len(rows) else None,
        due_on=stage.due_on,
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
