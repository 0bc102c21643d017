"""What demand queues when something happened elsewhere: approved data ask for a baseline."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from cycles.models import Plan, User
from cycles.signals import stage_changed
from cycles.workflow import StageKind, StageStatus
from demand.services.baseline import request_baseline


@receiver(stage_changed, dispatch_uid="demand.data_approved")
def forecast_demand(sender: Any, plan_id: int, stage: StageKind, after: StageStatus, actor: User, **_: Any) -> None:
    """Queue the baseline when the data stage is approved."""
    if stage == StageKind.DATA and after == StageStatus.APPROVED:
        request_baseline(plan=Plan.objects.get(pk=plan_id), actor=actor)
