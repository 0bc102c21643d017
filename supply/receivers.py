"""What supply queues when something happened elsewhere: an approved demand asks for a supply plan."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from cycles.models import Plan, User
from cycles.signals import run_succeeded, stage_changed
from cycles.workflow import StageKind, StageStatus
from supply.selectors import KIND
from supply.services.options import price_again
from supply.services.plan import request_supply_plan


@receiver(stage_changed, dispatch_uid="supply.demand_approved")
def plan_supply(sender: Any, plan_id: int, stage: StageKind, after: StageStatus, actor: User, **_: Any) -> None:
    """Queue the supply plan when the demand stage is approved."""
    if stage == StageKind.DEMAND and after == StageStatus.APPROVED:
        request_supply_plan(plan=Plan.objects.get(pk=plan_id), actor=actor)


@receiver(run_succeeded, dispatch_uid="supply.plan_solved")
def price_shortages(sender: Any, kind: str, plan_id: int | None, actor: User, **_: Any) -> None:
    """Queue the pricing of the shortages of a plan that was solved anew, where somebody works with it."""
    if kind == KIND and plan_id is not None:
        price_again(plan=Plan.objects.get(pk=plan_id), actor=actor)
