"""Actions that close a gap: add one, move its state, carry the open ones on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from cycles.errors import ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action as Act
from cycles.registry import Carried
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.carrying import carry_rows
from cycles.services.notifications import News, tell
from cycles.services.plans import lock_plan
from finance.models import Action, ActionState
from finance.services.adjustments import Scope

CARRIED_FIELDS = (
    "title", "owner_id", "due_on", "revenue_cents", "margin_cents", "state", "category_id", "family_id", "market_id",
)  # fmt: skip


@dataclass(frozen=True)
class Promise:
    """What an action promises: money of the fiscal year in cents, favourable positive, by whom and until when."""

    title: str
    owner: User
    due_on: date
    revenue_cents: int
    margin_cents: int
    scope: Scope = Scope()


def add_action(*, plan: Plan, promise: Promise, actor: User) -> Action:
    """Put an action on the plan's list as proposed; audited. It is not in the plan's numbers.

    Raises:
        ReasonMissing: it has no title.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    if not promise.title.strip():
        raise ReasonMissing("An action needs a title.")
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        authorise(actor=actor, action=Act.NAME_ACTION, plan=plan)
        action = Action.objects.create(
            plan=plan,
            title=promise.title.strip(),
            owner=promise.owner,
            due_on=promise.due_on,
            revenue_cents=promise.revenue_cents,
            margin_cents=promise.margin_cents,
            category_id=promise.scope.category_id,
            family_id=promise.scope.family_id,
            market_id=promise.scope.market_id,
            created_by=actor,
        )
        record_audit(
            actor=actor,
            code="finance.action.added",
            plan=plan,
            subject=action.title,
            after={"action": action.pk, "revenue_cents": action.revenue_cents, "margin_cents": action.margin_cents},
        )
        subject, key = ("action", str(action.pk)), f"action.assigned:{action.pk}"
        tell(News("action.assigned", key, subject, action.title, plan, actor), [action.owner])
    return action


def move_action(*, action_id: int, state: ActionState, actor: User) -> Action:
    """Set the state of an action; audited. The same state again changes nothing.

    Raises:
        Action.DoesNotExist: no such action.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    with transaction.atomic():
        plan = lock_plan(Action.objects.values_list("plan_id", flat=True).get(pk=action_id))
        authorise(actor=actor, action=Act.NAME_ACTION, plan=plan)
        action = Action.objects.get(pk=action_id)
        before = action.state
        if before == state.value:
            return action
        action.state = state.value
        action.save(update_fields=["state"])
        record_audit(
            actor=actor,
            code="finance.action.moved",
            plan=plan,
            subject=action.title,
            before={"state": before},
            after={"state": action.state},
        )
    return action


def carry_actions(*, plan: Plan, previous: Plan, actor: User) -> Carried:
    """Take the open actions of the approved plan over, with their owners and due dates; closed ones are history."""
    still_open = previous.actions.filter(state__in=[state.value for state in ActionState if state.is_open])
    return Carried(carry_rows(still_open, plan=plan, names=CARRIED_FIELDS, created_by=actor))
