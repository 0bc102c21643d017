"""Who is told when a stage moves, is due or is late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from cycles.errors import NotAllowedToYou
from cycles.models import SignOff, Stage, User
from cycles.policy import FOREIGN_LEDGERS, Action, Role, roles_for
from cycles.services.access import refuse_own_work
from cycles.services.notifications import News, tell
from cycles.workflow import StageKind, StageStatus

Move = tuple[StageStatus, StageStatus]
_KINDS: dict[Move, str] = {
    (StageStatus.NOT_STARTED, StageStatus.OPEN): "stage.opened",
    (StageStatus.OPEN, StageStatus.SUBMITTED): "stage.submitted",
    (StageStatus.SUBMITTED, StageStatus.OPEN): "stage.returned",
    (StageStatus.APPROVED, StageStatus.OPEN): "stage.reopened",
}


def tell_stage_moved(*, stage: Stage, move: Move, actor: User) -> tuple[int, ...]:
    """Tell those whom a move of a stage concerns, inside its transaction; returns the ids of those who were told.

    Opened: its owner, else whoever may submit it. Submitted: whoever may approve it and has no own work in it.
    Returned, reopened: whoever submitted it last, and its owner. Put back to not started: whoever had signed it.
    A submission that is approved tells nobody: the next stage opens. The same move twice tells nobody again.
    """
    kind = "stage.reset" if move[1] == StageStatus.NOT_STARTED else _KINDS.get(move)
    if kind is None:
        return ()
    people: Iterable[User] = {
        "stage.opened": lambda: workers_on(stage),
        "stage.submitted": lambda: approvers_of(stage),
        "stage.returned": lambda: [*signers_of(stage, "submit"), *_owner(stage)],
        "stage.reopened": lambda: [*signers_of(stage, "submit"), *workers_on(stage)],
        "stage.reset": lambda: signers_of(stage, "submit", "approve"),
    }[kind]()
    return tell(_news(kind, f"{kind}:{stage.pk}:{stage.round}", stage, actor), people)


def workers_on(stage: Stage) -> list[User]:
    """Return who has the next step on an open stage: its owner, else everybody whose role submits it."""
    return _owner(stage) or _people_in(roles_for(Action.SUBMIT_STAGE, StageKind(stage.kind)))


def approvers_of(stage: Stage) -> list[User]:
    """Return who may approve a submitted stage: by role, without its submitter and without those who edited in it."""
    people = _people_in(roles_for(Action.APPROVE_STAGE, StageKind(stage.kind)))
    return [user for user in people if _has_no_part(user, stage)]


def signers_of(stage: Stage, *actions: str) -> list[User]:
    """Return who gave these sign-offs in the round that has just ended: those that hold no longer."""
    given = SignOff.objects.filter(stage=stage, round=stage.round - 1, action__in=actions)
    return [row.actor for row in given.select_related("actor")]


def remind_stages(today: date) -> int:
    """Tell who has the next step on a stage that is due tomorrow or late; returns how many people were told.

    Once per stage, due date and person, however often it is called. Submitted stages remind their approvers.
    """
    due = Stage.objects.filter(
        status__in=[StageStatus.OPEN.value, StageStatus.SUBMITTED.value], due_on__lte=today + timedelta(days=1)
    ).exclude(due_on=today)
    told = 0
    for stage in due.select_related("plan", "owner", "submitted_by"):
        kind = "stage.late" if stage.due_on < today else "stage.due"
        people = workers_on(stage) if stage.status == StageStatus.OPEN else approvers_of(stage)
        with transaction.atomic():
            news = _news(kind, f"{kind}:{stage.pk}:{stage.due_on}:{stage.status}", stage, None)
            told += len(tell(news, people))
    return told


def remind_of_today() -> int:
    """Remind of stages as of the company's present day; the beat calls it."""
    return remind_stages(timezone.localdate())


def moved_stage(plan_id: int, kind: StageKind) -> Stage:
    """Return the stage that a signal tells of, with its plan, owner and submitter."""
    found = Stage.objects.select_related("plan", "owner", "submitted_by")
    return found.get(plan_id=plan_id, kind=kind.value)


def _has_no_part(user: User, stage: Stage) -> bool:
    try:
        refuse_own_work(actor=user, stage=stage, ledgers=FOREIGN_LEDGERS[StageKind(stage.kind)])
    except NotAllowedToYou:
        return False
    return True


def _owner(stage: Stage) -> list[User]:
    return [stage.owner] if stage.owner else []


def _people_in(roles: Iterable[Role]) -> list[User]:
    wanted = [role.value for role in roles]
    found = User.objects.filter(is_active=True, is_service=False, memberships__role__in=wanted)
    return list(found.distinct().order_by("pk"))


def _news(kind: str, key: str, stage: Stage, actor: User | None) -> News:
    return News(kind, key, ("stage", stage.kind), f"{stage.title} · {stage.plan.number}", stage.plan, actor)
