"""What the cycle does when something happened: service users after a migration, news of stages and runs."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_migrate
from django.dispatch import receiver

from cycles.models import Plan, RunState, User
from cycles.services.holding import request_checks
from cycles.services.people import ensure_service_users
from cycles.services.run_news import STOPPED, tell_run_stopped
from cycles.services.stage_news import moved_stage, tell_stage_moved
from cycles.signals import run_moved, stage_changed
from cycles.workflow import StageKind, StageStatus


@receiver(post_migrate, dispatch_uid="cycles.service_users")
def set_up_service_users(sender: Any, using: str, **_: Any) -> None:
    """Create the service users once the cycle's tables are there."""
    if getattr(sender, "name", "") == "cycles":
        ensure_service_users(using)


@receiver(stage_changed, dispatch_uid="cycles.stage_news")
def tell_of_stage(
    plan_id: int, stage: StageKind, before: StageStatus, after: StageStatus, actor: User, **_: Any
) -> None:
    """Tell those whom the move concerns, in its transaction."""
    tell_stage_moved(stage=moved_stage(plan_id, stage), move=(before, after), actor=actor)


@receiver(run_moved, dispatch_uid="cycles.run_news")
def tell_of_run(run_id: int, state: RunState, **_: Any) -> None:
    """Tell the person who asked for a run when it stopped without a result."""
    if state in STOPPED:
        tell_run_stopped(run_id)


@receiver(stage_changed, dispatch_uid="cycles.assumptions_against_actuals")
def hold_assumptions(sender: Any, plan_id: int, stage: StageKind, after: StageStatus, actor: User, **_: Any) -> None:
    """Queue the comparison of measured assumptions with the actuals when the data stage is approved."""
    if stage == StageKind.DATA and after == StageStatus.APPROVED:
        request_checks(plan=Plan.objects.get(pk=plan_id), actor=actor)
