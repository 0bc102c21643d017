"""The month: its cycle, its working plan and the five stages."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cycles.workflow import StageKind, StageStatus


class Cycle(models.Model):
    """One monthly round of planning. Grain: calendar month (first day). Never deleted."""

    month = models.DateField(unique=True)
    opened_at = models.DateTimeField(auto_now_add=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["month"]
        constraints = [models.CheckConstraint(name="cycle_month_first_day", condition=Q(month__day=1))]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Plan(models.Model):
    """The working plan of a cycle. Grain: one per cycle. Immutable in its months; its revisions only grow.

    `first_month` is the first OPEN month; everything before it is closed, and actuals are read only up to the month
    before it. `revision` counts ledger entries; `<ledger>_revision` is the revision of that ledger's last entry.
    """

    cycle = models.OneToOneField(Cycle, on_delete=models.PROTECT, related_name="plan")
    number = models.CharField(max_length=20, unique=True)
    first_month = models.DateField()
    horizon = models.PositiveSmallIntegerField(default=24)
    revision = models.PositiveIntegerField(default=0)
    demand_revision = models.PositiveIntegerField(default=0)
    supply_revision = models.PositiveIntegerField(default=0)
    finance_revision = models.PositiveIntegerField(default=0)
    rates_revision = models.PositiveIntegerField(default=0)
    baseline_version = models.PositiveIntegerField(default=0)
    previous = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="next")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["first_month"]
        constraints = [
            models.CheckConstraint(name="plan_first_month_first_day", condition=Q(first_month__day=1)),
            models.CheckConstraint(name="plan_horizon_6_to_36", condition=Q(horizon__gte=6, horizon__lte=36)),
            models.CheckConstraint(
                name="plan_ledgers_behind_revision",
                condition=Q(demand_revision__lte=F("revision"))
                & Q(supply_revision__lte=F("revision"))
                & Q(finance_revision__lte=F("revision"))
                & Q(rates_revision__lte=F("revision")),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def first_month_index(self) -> int:
        """The first open month as an index (year × 12 + month − 1)."""
        return self.first_month.year * 12 + self.first_month.month - 1


class Stage(models.Model):
    """One of the five steps of a plan. Grain: plan × kind. Changed only by `cycles.services.stages`.

    `round` grows whenever earlier sign-offs cease to hold (returned, reopened, reset): a sign-off with a lower round
    is superseded.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="stages")
    kind = models.CharField(max_length=20, choices=[(k.value, k.label) for k in StageKind])
    position = models.PositiveSmallIntegerField()
    status = models.CharField(
        max_length=20, choices=[(s.value, s.label) for s in StageStatus], default=StageStatus.NOT_STARTED.value
    )
    round = models.PositiveIntegerField(default=1)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="owned_stages"
    )
    due_on = models.DateField()
    opened_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["plan_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "kind"], name="stage_once"),
            models.UniqueConstraint(fields=["plan", "position"], name="stage_position_once"),
            models.CheckConstraint(name="stage_kind_known", condition=Q(kind__in=[k.value for k in StageKind])),
            models.CheckConstraint(name="stage_status_known", condition=Q(status__in=[s.value for s in StageStatus])),
            models.CheckConstraint(
                name="stage_submitted_has_submitter",
                condition=Q(status__in=["not_started", "open"])
                | Q(submitted_by__isnull=False, submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="stage_approved_iff_approver",
                condition=(Q(status="approved") & Q(approved_by__isnull=False, approved_at__isnull=False))
                | (~Q(status="approved") & Q(approved_by__isnull=True, approved_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="stage_approver_is_not_submitter",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("submitted_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.kind}"

    @property
    def title(self) -> str:
        """The stage's name as people read it."""
        return StageKind(self.kind).label
