"""Forgetting what is kept for some days only; the sweep calls it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from cycles.models import ACTIVE_STATES, Run, RunState, Snapshot
from cycles.registry.retention import retentions

RUN_DAYS = 90
BITE = 1000

log = logging.getLogger(__name__)


def forget_expired() -> dict[str, int]:
    """Let go what has been kept long enough, a bounded bite per kind of rows; a second call goes on.

    Returns:
        How many rows went, by name of the retention; those of which none went are left out.
    """
    now = timezone.now()
    gone = {entry.name: entry.forget(now - timedelta(days=entry.days)) for entry in retentions()}
    gone = {name: count for name, count in gone.items() if count}
    if gone:
        log.info("Forgotten after their time: %s", ", ".join(f"{count} {name}" for name, count in gone.items()))
    return gone


def forget_runs(before: datetime) -> int:
    """Delete at most `BITE` runs that ended before a moment.

    Kept: what is still to end, the latest result of each calculation of each plan (pages, gates and later runs refer
    to it), and every run that a snapshot names as the origin of its figures.
    """
    expired = Run.objects.filter(finished_at__lt=before).exclude(state__in=ACTIVE_STATES)
    if not expired.exists():
        return 0
    kept = Q(pk__in=_latest_results()) | Q(pk__in=_named_by_snapshots())
    bite = expired.exclude(kept).order_by("pk").values_list("pk", flat=True)[:BITE]
    return Run.objects.filter(pk__in=list(bite)).delete()[0]


def _latest_results() -> list[int]:
    results = Run.objects.filter(state=RunState.SUCCEEDED.value).order_by("plan_id", "kind", "-pk")
    return list(results.distinct("plan_id", "kind").values_list("pk", flat=True))


def _named_by_snapshots() -> set[int]:
    headers = Snapshot.objects.values_list("header", flat=True)
    runs = {section.get("run") for header in headers for section in header.get("sections", {}).values()}
    return {int(run) for run in runs if run is not None}
