"""What finance queues when something happened elsewhere: a landing after an approved supply plan or a moved plan."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from cycles.models import Plan, User
from cycles.services.runs import request_run, request_run_now
from cycles.signals import plan_revised, run_succeeded, stage_changed
from cycles.workflow import StageKind, StageStatus
from finance.selectors.position import KIND

MOVING_LEDGERS = ("demand", "supply", "rates")
READ_RESULTS = ("demand.baseline", "supply.plan")


@receiver(stage_changed, dispatch_uid="finance.supply_approved")
def land_after_supply(sender: Any, plan_id: int, stage: StageKind, after: StageStatus, actor: User, **_: Any) -> None:
    """Queue the landing when the supply stage is approved."""
    if stage == StageKind.SUPPLY and after == StageStatus.APPROVED:
        request_run(kind=KIND, plan=Plan.objects.get(pk=plan_id), actor=actor)


@receiver(plan_revised, dispatch_uid="finance.plan_revised")
def land_after_revision(sender: Any, plan: Plan, ledger: str, actor: User | None, **_: Any) -> None:
    """Queue the landing when demand, supply or rates moved and there is a baseline; newer requests replace older."""
    if actor is not None and ledger in MOVING_LEDGERS and plan.baseline_version > 0:
        request_run_now(kind=KIND, plan=plan, actor=actor)


@receiver(run_succeeded, dispatch_uid="finance.result_published")
def land_after_result(sender: Any, kind: str, plan_id: int | None, actor: User, **_: Any) -> None:
    """Queue the landing when a baseline or a supply plan was published, so that pages never lag behind."""
    if kind in READ_RESULTS and plan_id is not None:
        request_run(kind=KIND, plan=Plan.objects.get(pk=plan_id), actor=actor)
