"""Somebody's own forecast beside the plan: each check of a file, its differences, and what was said to them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from catalog.calc.months import month_date, month_index
from finance.calc.shadow import ShadowKind


class ShadowState(StrEnum):
    """Where a difference stands: open until somebody made it an adjustment, a proposal, or agreed to it."""

    OPEN = "open"
    ADJUSTED = "adjusted"
    PROPOSED = "proposed"
    AGREED = "agreed"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.capitalize()


class ShadowChange(StrEnum):
    """How a difference compares with the check before it."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.capitalize()


class ShadowCheck(models.Model):
    """One comparison of one file with the plan. Grain: plan × model × file × landing; append-only.

    `model_name` says whose forecast it is; a later file of the same name `replaces` the check before it. Cents of the
    reporting currency: theirs − plan = Σ deltas + lost + rounding, exactly. `content` is the file as it came; `landing_run` the
    number of the run whose dollars were compared (runs are forgotten, the number stays).
    """

    append_only = True

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="shadow_checks")
    model_name = models.CharField(max_length=80)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    figures = models.CharField(max_length=5, blank=True)
    landing_run = models.PositiveBigIntegerField()
    plan_revision = models.PositiveIntegerField()
    basis = models.CharField(max_length=60)
    is_money = models.BooleanField()
    rounded_to = models.CharField(max_length=60)
    first_month = models.DateField()
    last_month = models.DateField()
    rows = models.PositiveIntegerField()
    theirs_cents = models.BigIntegerField()
    plan_cents = models.BigIntegerField()
    lost_cents = models.BigIntegerField()
    rounding_cents = models.BigIntegerField()
    rounded_cells = models.PositiveIntegerField()
    lost = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(model_name=""), name="shadowcheck_has_name")]

    def __str__(self) -> str:
        return f"{self.model_name} · {self.file_name}"

    @property
    def gap_cents(self) -> int:
        """Their total less the plan's."""
        return self.theirs_cents - self.plan_cents


class ShadowDelta(models.Model):
    """One difference of a check: a row of their model over some months. Grain: check × position; append-only.

    What and where by ids (`what` item, family, category or '', `place` market, region, channel or ''); `family` and
    `market` as far as they follow, for the rights. Arrays from `first_month`: `theirs` and `figures` (the plan's) in
    cents or milli-units as the check is, `cents` the difference in dollars, None without a price.
    """

    append_only = True

    check_run = models.ForeignKey(ShadowCheck, on_delete=models.PROTECT, related_name="deltas")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=[(k.value, k.label) for k in ShadowKind])
    label = models.CharField(max_length=200)
    other = models.CharField(max_length=200, blank=True)
    what = models.CharField(max_length=10, blank=True)
    what_id = models.BigIntegerField()
    place = models.CharField(max_length=10, blank=True)
    place_id = models.BigIntegerField()
    family = models.ForeignKey("catalog.Family", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey("catalog.Market", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    first_month = models.DateField()
    theirs = ArrayField(models.BigIntegerField())
    figures = ArrayField(models.BigIntegerField())
    cents = ArrayField(models.BigIntegerField(null=True))
    money_cents = models.BigIntegerField()
    moved_cents = models.BigIntegerField()
    is_priced = models.BooleanField()
    explanation = models.CharField(max_length=300)
    change = models.CharField(max_length=8, choices=[(c.value, c.label) for c in ShadowChange])
    before = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="after")

    class Meta:
        ordering = ["check_run", "position"]
        constraints = [models.UniqueConstraint(fields=["check_run", "position"], name="shadowdelta_once")]

    def __str__(self) -> str:
        return f"{self.label} · {self.kind}"

    @property
    def theirs_sum(self) -> int:
        """Their figure over its months, cents or milli-units."""
        return sum(self.theirs)

    @property
    def plan_sum(self) -> int:
        """The plan's figure over its months, cents or milli-units."""
        return sum(self.figures)

    @property
    def is_mixed(self) -> bool:
        """Whether its months move dollars both ways, so that the sum hides some of them."""
        return self.moved_cents != abs(self.money_cents)

    @property
    def last_month(self) -> date:
        """First day of its last month."""
        return month_date(month_index(self.first_month) + len(self.theirs) - 1)


class ShadowAnswer(models.Model):
    """What was said to a difference: state and owner from then on. Grain: one act; append-only, the latest counts.

    Taken over from the check before (`is_carried`) where the difference is still the same.
    """

    append_only = True

    delta = models.ForeignKey(ShadowDelta, on_delete=models.PROTECT, related_name="answers")
    state = models.CharField(max_length=10, choices=[(s.value, s.label) for s in ShadowState])
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField()
    adjustment = models.ForeignKey(
        "finance.Adjustment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    proposal = models.ForeignKey(
        "demand.EditProposal", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_carried = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="shadowanswer_has_reason"),
            models.CheckConstraint(
                condition=(Q(state="adjusted") ^ Q(adjustment__isnull=True))
                & (Q(state="proposed") ^ Q(proposal__isnull=True)),
                name="shadowanswer_names_what_it_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delta_id} · {self.state}"
