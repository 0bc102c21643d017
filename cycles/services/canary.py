"""The canary: a run that proves, end to end, that workers work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from cycles.models import Run, RunState
from cycles.policy import Role
from cycles.selectors import service_user
from cycles.services.leases import RunLease
from cycles.services.runs import request_run

KIND = "cycles.canary"
MINUTE = timedelta(minutes=1)


def request_canary(within: timedelta = MINUTE) -> Run:
    """Queue a canary for the present minute (or shorter span); asking again within it returns the same one."""
    now = datetime.now(tz=UTC)
    began = now - (now - datetime.min.replace(tzinfo=UTC)) % within
    return request_run(kind=KIND, plan=None, actor=service_user(Role.ADMIN), parameters={"from": began.isoformat()})


def request_canary_if_due(every: timedelta) -> Run | None:
    """Queue a canary when none was asked for within `every`; None when it is not due or nobody could own it."""
    if Run.objects.filter(kind=KIND, requested_at__gt=timezone.now() - every).exists():
        return None
    return request_canary(min(every, MINUTE))


def canary_age() -> timedelta | None:
    """Return how long ago the last canary came back, None if none ever did."""
    last = Run.objects.filter(kind=KIND, state=RunState.SUCCEEDED.value).order_by("-id").first()
    return timezone.now() - last.finished_at if last and last.finished_at else None


def run_canary(lease: RunLease) -> dict[str, Any]:
    """Execute the canary: report once, answer with the attempt."""
    lease.report(1, 1, "chirp")
    return {"attempt": lease.run.attempt}
