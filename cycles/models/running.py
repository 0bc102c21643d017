"""Runs: the database's queue of calculations. Celery only wakes workers; this table is the truth."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from cycles.models.planning import Plan


class RunState(StrEnum):
    """Where a run stands. `failed`: a rule refused it; `parked`: it died three times and waits for a person."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    PARKED = "parked"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.capitalize()


ACTIVE_STATES = (RunState.QUEUED.value, RunState.RUNNING.value)
_CURRENT_STATES = (*ACTIVE_STATES, RunState.SUCCEEDED.value)


class Run(models.Model):
    """One execution of a calculation. Grain: one request. Kept 90 days; changed only by `cycles.services.runs`.

    `input_hash` covers kind, plan, revisions, parameters and version and is unique among queued, running and succeeded
    runs: asking twice gives the same run. `token` grows with every claim; only its holder may publish.
    """

    kind = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="runs")
    revision = models.PositiveIntegerField(default=0)
    inputs = models.JSONField(default=dict, help_text="revision of each ledger and id of each result it read")
    parameters = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    input_hash = models.CharField(max_length=64)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.label) for s in RunState], default=RunState.QUEUED.value
    )
    attempt = models.PositiveSmallIntegerField(default=0)
    token = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    result = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["state", "lease_until"]),
            models.Index(fields=["plan", "kind", "state"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["input_hash"], condition=Q(state__in=_CURRENT_STATES), name="run_once_per_input"
            ),
            models.CheckConstraint(name="run_state_known", condition=Q(state__in=[s.value for s in RunState])),
            models.CheckConstraint(
                name="run_running_has_lease", condition=~Q(state="running") | Q(lease_until__isnull=False)
            ),
            models.CheckConstraint(name="run_three_attempts", condition=Q(attempt__lte=3)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def is_active(self) -> bool:
        """Whether the run is still to end."""
        return self.state in ACTIVE_STATES

    @property
    def percent(self) -> int:
        """Progress in whole percent, 100 once succeeded."""
        if self.state == RunState.SUCCEEDED:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0
