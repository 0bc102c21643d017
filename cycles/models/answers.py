"""What people decide: decisions of a plan."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from cycles.models.planning import Plan


class DecisionState(StrEnum):
    """Whether a decision is still to be taken."""

    OPEN = "open"
    TAKEN = "taken"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.capitalize()


class Decision(models.Model):
    """A question with priced options and, once taken, its answer. Grain: plan × code × subject.

    `code` and `subject` name what it answers (a finding's gate code and subject, or 'executive.general').
    `options` is a list of {title, revenue_cents, margin_cents, inventory_cents, cash_cents, service_points, note,
    recommended}, unknown ones absent; service in hundredths of a percentage point of the fill rate.
    `money_cents` is the money decided about, signed as gap = landing − budget.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="decisions")
    code = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    question = models.TextField()
    options = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    money_cents = models.BigIntegerField(null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="owned_decisions"
    )
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.label) for s in DecisionState], default=DecisionState.OPEN.value
    )
    choice = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["plan_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "code", "subject"], name="decision_once"),
            models.CheckConstraint(name="decision_has_question", condition=~Q(question="")),
            models.CheckConstraint(
                name="decision_taken_whole",
                condition=~Q(state="taken")
                | (Q(taken_by__isnull=False, taken_at__isnull=False) & ~Q(choice="") & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.subject}"
