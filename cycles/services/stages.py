"""The moves of a stage: submit, approve, return, reopen. One lock, one table, one audit row each."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from cycles.errors import NotAllowedNow, ReasonMissing
from cycles.failpoints import failpoint
from cycles.models import Plan, SignOff, Stage, User
from cycles.policy import FOREIGN_LEDGERS, Action
from cycles.selectors import stage_of
from cycles.services.access import authorise, refuse_own_work
from cycles.services.audit import record_audit
from cycles.services.findings import pass_gates
from cycles.services.plans import lock_plan
from cycles.services.snapshots import freeze_snapshot
from cycles.signals import stage_changed
from cycles.workflow import SUPERSEDING, StageAction, StageKind, StageStatus, next_status, stage_after, stages_after

_AUDIT_CODE = {
    StageAction.OPEN: "cycles.stage.opened",
    StageAction.SUBMIT: "cycles.stage.submitted",
    StageAction.APPROVE: "cycles.stage.approved",
    StageAction.RETURN: "cycles.stage.returned",
    StageAction.REOPEN: "cycles.stage.reopened",
    StageAction.RESET: "cycles.stage.reset",
}
_NOBODY: dict[str, Any] = {"submitted_by": None, "submitted_at": None, "approved_by": None, "approved_at": None}


def submit_stage(*, stage_id: int, actor: User, comment: str = "") -> Stage:
    """open → submitted, by a submitter of the stage, when every gate passes or is waived.

    Records the findings, a sign-off and an audit row. A second call is refused: the stage is submitted.

    Raises:
        NotAllowedToYou, NotAllowedNow: by the rights table.
        GateBlocked: with the findings that hold the stage back.
    """
    with transaction.atomic():
        stage = lock_stage(stage_id)
        authorise(actor=actor, action=Action.SUBMIT_STAGE, stage=stage)
        pass_gates(stage, StageAction.SUBMIT)
        return _move(stage, StageAction.SUBMIT, actor, comment)


def approve_stage(*, stage_id: int, actor: User, comment: str = "") -> Stage:
    """submitted → approved, by an approver who neither submitted it nor edited what it covers; gates are asked again.

    Opens the next stage; the executive approval freezes the snapshot in this transaction. Records findings, a sign-off
    and an audit row. The second of two approvals is told by whom and when the first was given.

    Raises:
        NotAllowedToYou: by the rights table, or it is the actor's own work.
        NotAllowedNow: the stage is not submitted (any more).
        GateBlocked: with the findings that hold the stage back.
        SectionMissing: the snapshot could not be whole.
    """
    with transaction.atomic():
        stage = lock_stage(stage_id)
        kind = StageKind(stage.kind)
        authorise(actor=actor, action=Action.APPROVE_STAGE, stage=stage)
        refuse_own_work(actor=actor, stage=stage, ledgers=FOREIGN_LEDGERS[kind])
        pass_gates(stage, StageAction.APPROVE)
        _move(stage, StageAction.APPROVE, actor, comment)
        failpoint("stage.half_approved")
        following = stage_after(kind)
        if following is None:
            freeze_snapshot(plan=stage.plan, actor=actor)
        else:
            open_stage(stage=lock_stage(stage_of(stage.plan, following).pk), actor=actor)
        return stage


def return_stage(*, stage_id: int, actor: User, reason: str) -> Stage:
    """submitted → open, by an approver, with a reason; the submission is superseded.

    Raises:
        ReasonMissing, NotAllowedToYou, NotAllowedNow.
    """
    with transaction.atomic():
        stage = lock_stage(stage_id)
        authorise(actor=actor, action=Action.RETURN_STAGE, stage=stage)
        return _move(stage, StageAction.RETURN, actor, _reason(reason))


def reopen_stage(*, stage_id: int, actor: User, reason: str) -> Stage:
    """approved → open, by an approver, with a reason; every later stage that had started goes back to not started.

    Sign-offs stay in the log as superseded; edits, pins and adjustments stay. The last snapshot stays the approved one
    until the amendment is approved.

    Raises:
        ReasonMissing, NotAllowedToYou.
        NotAllowedNow: not approved, or the next cycle has been opened from this plan.
    """
    with transaction.atomic():
        stage = lock_stage(stage_id)
        authorise(actor=actor, action=Action.REOPEN_STAGE, stage=stage)
        if Plan.objects.filter(previous=stage.plan).exists():
            raise NotAllowedNow("The next cycle was opened from this plan; changes belong there.")
        why = _reason(reason)
        for later in stages_after(StageKind(stage.kind)):
            later_stage = lock_stage(stage_of(stage.plan, later).pk)
            if later_stage.status != StageStatus.NOT_STARTED:
                _move(later_stage, StageAction.RESET, actor, why)
        return _move(stage, StageAction.REOPEN, actor, why)


def assign_stage(*, stage_id: int, actor: User, owner: User | None) -> Stage:
    """Give a stage an owner (or none), in any status; audited. The same owner again changes nothing.

    Raises:
        NotAllowedToYou: by the rights table.
    """
    with transaction.atomic():
        stage = lock_stage(stage_id)
        authorise(actor=actor, action=Action.ASSIGN_STAGE, stage=stage)
        if stage.owner == owner:
            return stage
        before, stage.owner = stage.owner, owner
        stage.save(update_fields=["owner"])
        record_audit(
            actor=actor,
            code="cycles.stage.assigned",
            plan=stage.plan,
            subject=stage.kind,
            before={"owner": before.username if before else None},
            after={"owner": owner.username if owner else None},
        )
        return stage


def open_stage(*, stage: Stage, actor: User) -> Stage:
    """not_started → open; called when the stage before is approved, or the cycle opens. The caller holds the lock."""
    return _move(stage, StageAction.OPEN, actor, "")


def lock_stage(stage_id: int) -> Stage:
    """Lock the stage's plan, then return the stage as it is now, with that plan.

    Raises:
        Stage.DoesNotExist: no such stage.
    """
    plan = lock_plan(Stage.objects.values_list("plan_id", flat=True).get(pk=stage_id))
    stage = Stage.objects.select_related("submitted_by", "approved_by", "owner").get(pk=stage_id)
    stage.plan = plan
    return stage


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing("This step needs a reason, so that others know what to change.")
    return reason.strip()


def _move(stage: Stage, action: StageAction, actor: User, comment: str) -> Stage:
    """Apply one row of the transition table: conditional save, sign-off, audit row, signal."""
    before = StageStatus(stage.status)
    after = next_status(before, action)
    changes = {"status": after.value, **_stamps(action, actor)}
    given_in = stage.round
    if action in SUPERSEDING:
        changes["round"] = stage.round + 1
    if not _save_if_unchanged(stage, changes):
        raise NotAllowedNow(f"The {stage.title} stage has just been changed by somebody else; look again.")
    for field, value in changes.items():
        setattr(stage, field, value)
    if action != StageAction.OPEN:
        SignOff.objects.create(
            stage=stage, round=given_in, action=action.value, actor=actor, comment=comment, revision=stage.plan.revision
        )
    record_audit(
        actor=actor,
        code=_AUDIT_CODE[action],
        plan=stage.plan,
        subject=stage.kind,
        before={"status": before.value},
        after={"status": after.value, "round": stage.round},
        reason=comment,
    )
    stage_changed.send(
        sender=Stage, plan_id=stage.plan_id, stage=StageKind(stage.kind), before=before, after=after, actor=actor
    )
    return stage


def _save_if_unchanged(stage: Stage, changes: dict[str, Any]) -> bool:
    return Stage.objects.filter(pk=stage.pk, status=stage.status, round=stage.round).update(**changes) == 1


def _stamps(action: StageAction, actor: User) -> dict[str, Any]:
    now = timezone.now()
    stamps: dict[StageAction, dict[str, Any]] = {
        StageAction.OPEN: {"opened_at": now},
        StageAction.SUBMIT: {"submitted_by": actor, "submitted_at": now},
        StageAction.APPROVE: {"approved_by": actor, "approved_at": now},
        StageAction.RETURN: _NOBODY,
        StageAction.REOPEN: {**_NOBODY, "opened_at": now},
        StageAction.RESET: {**_NOBODY, "opened_at": None},
    }
    return stamps[action]
