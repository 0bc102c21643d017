"""The rights table applied to real people, plans and stages."""

from __future__ import annotations

from cycles.errors import DomainError, NotAllowedNow, NotAllowedToYou
from cycles.models import Plan, Stage, User
from cycles.policy import FOREIGN_LEDGERS, STAGE_OF_ACTION, Action, Verdict, judge, roles_for
from cycles.registry import authorship
from cycles.selectors import present_stage, roles_of, stage_of
from cycles.workflow import StageKind, StageStatus


def authorise(*, actor: User, action: Action, plan: Plan | None = None, stage: Stage | None = None) -> None:
    """Let the actor pass or say why not. Records nothing; a second call answers the same.

    The deciding stage is the given one, else the one the action belongs to (a demand edit: the demand stage), else the
    plan's present stage. Without plan and stage the action is judged as if its stage were open: there is no cycle yet.

    Raises:
        NotAllowedToYou: none of the actor's roles may do this, in any status.
        NotAllowedNow: a role may, but the stage is not in a status for it.
    """
    kind, status = _deciding(action, plan, stage)
    verdict = judge(roles_of(actor), action, kind, status)
    if verdict == Verdict.NOT_YOU:
        who = " or ".join(sorted(role.label.lower() for role in roles_for(action, kind))) or "nobody"
        raise NotAllowedToYou(f"You may not {action.value.replace('_', ' ')} here; this is for: {who}.")
    if verdict == Verdict.NOT_NOW:
        wanted = action.value.replace("_", " ")
        raise NotAllowedNow(f"The {kind.label} stage {_standing(status, stage)}: {wanted} is not possible now.")


def _standing(status: StageStatus, stage: Stage | None) -> str:
    if stage is not None and status == StageStatus.APPROVED and stage.approved_at:
        return f"was approved by {stage.approved_by} on {stage.approved_at:%Y-%m-%d at %H:%M} UTC"
    if stage is not None and status == StageStatus.SUBMITTED and stage.submitted_at:
        return f"was submitted by {stage.submitted_by} on {stage.submitted_at:%Y-%m-%d at %H:%M} UTC"
    return f"is {status.label.lower()}"


def _deciding(action: Action, plan: Plan | None, stage: Stage | None) -> tuple[StageKind, StageStatus]:
    if stage is None and plan is not None:
        own = StageKind.DATA if action == Action.IMPORT else STAGE_OF_ACTION.get(action)
        stage = stage_of(plan, own) if own else present_stage(plan)
        if stage is None:
            return StageKind.EXECUTIVE, StageStatus.APPROVED
    if stage is None:
        return STAGE_OF_ACTION.get(action, StageKind.DATA), StageStatus.OPEN
    return StageKind(stage.kind), StageStatus(stage.status)


def is_allowed(*, actor: User, action: Action, plan: Plan | None = None, stage: Stage | None = None) -> bool:
    """Return whether `authorise` would let the actor pass; pages ask this to show or hide a button."""
    kind, status = _deciding(action, plan, stage)
    return judge(roles_of(actor), action, kind, status) == Verdict.ALLOWED


def refuse_own_work(*, actor: User, stage: Stage, ledgers: tuple[str, ...]) -> None:
    """Refuse an approver who submitted the stage or has an own entry in one of the ledgers of its plan.

    Raises:
        NotAllowedToYou: the actor would approve their own work.
        UnknownEntry: an app does not tell who wrote in its ledger.
    """
    if stage.submitted_by_id == actor.pk:
        raise NotAllowedToYou("You submitted this stage, so somebody else has to approve it.")
    for ledger in ledgers:
        if authorship(ledger)(stage.plan, actor):
            raise NotAllowedToYou(f"You have {ledger} entries in this plan, so somebody else has to approve it.")


def why_not_approve(*, actor: User, stage: Stage) -> str:
    """Return in words why this person may not approve the stage now, '' when they may; gates are not asked."""
    try:
        authorise(actor=actor, action=Action.APPROVE_STAGE, stage=stage)
        refuse_own_work(actor=actor, stage=stage, ledgers=FOREIGN_LEDGERS[StageKind(stage.kind)])
    except DomainError as refusal:
        return str(refusal)
    return ""
