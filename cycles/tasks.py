"""Celery's entrances: execute one run, sweep for lost ones and forget expired ones, remind of due stages. Ids in, one service call."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from cycles.services import canary, retention, runs, stage_news


@shared_task(name="cycles.tasks.execute_run", ignore_result=True)
def execute_run(run_id: int) -> None:
    """Execute one run; harmless when it is done or in other hands."""
    runs.execute_run(run_id)


@shared_task(name="cycles.tasks.sweep_runs", ignore_result=True)
def sweep_runs() -> int:
    """Wake workers for lost runs, let the canary fly when it is due, and forget what is old enough."""
    canary.request_canary_if_due(timedelta(seconds=getattr(settings, "SOP_CANARY_SECONDS", 300)))
    woken = runs.sweep_runs()
    retention.forget_expired()
    return woken


@shared_task(name="cycles.tasks.remind_stages", ignore_result=True)
def remind_stages() -> int:
    """Tell people of stages that are due tomorrow or late; nobody twice."""
    return stage_news.remind_of_today()
