"""What the cycle does when something happened: service users after a migration, checks of assumptions after the data."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_migrate
from django.dispatch import receiver

from cycles.models import Plan, User
from cycles.services.holding import request_checks
from cycles.services.people import ensure_service_users
from cycles.signals import stage_changed
from cycles.workflow import StageKind, StageStatus


@receiver(post_migrate, dispatch_uid="cycles.service_users")
def set_up_service_users(sender: Any, using: str, **_: Any) -> None:
    """Create the service users once the cycle's tables are there."""
    if getattr(sender, "name", "") == "cycles":
        ensure_service_users(using)


@receiver(stage_changed, dispatch_uid="cycles.assumptions_against_actuals")
def hold_assumptions(sender: Any, plan_id: int, stage: StageKind, after: StageStatus, actor: User, **_: Any) -> None:
    """Queue the comparison of measured assumptions with the actuals when the data stage is approved."""
    if stage == StageKind.DATA and after == StageStatus.APPROVED:
        request_checks(plan=Plan.objects.get(pk=plan_id), actor=actor)
