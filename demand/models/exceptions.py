"""Exceptions of a demand plan: their kinds, and what planners answered."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import Q


class ExceptionKind(StrEnum):
    """What stands out; the value is the code that answers are kept under."""

    OUTSIDE_BAND = "demand.outside_band"
    CYCLE_CHANGE = "demand.cycle_change"
    BIAS = "demand.bias"
    ZERO_AFTER_SALES = "demand.zero_after_sales"
    BASELINE_MOVED = "demand.baseline_moved"
    EDIT_ENDED = "demand.edit_ended"
    JUMP = "demand.jump"

    @property
    def label(self) -> str:
        """The name people read."""
        return {
            "demand.outside_band": "Outside the band",
            "demand.cycle_change": "Changed since last cycle",
            "demand.bias": "Bias",
            "demand.zero_after_sales": "Zero after sales",
            "demand.baseline_moved": "Baseline moved under an edit",
            "demand.edit_ended": "Edit dropped",
            "demand.jump": "Jump against last year",
        }[self.value]


class AnswerKind(StrEnum):
    """How a planner answers an exception."""

    ACCEPT = "accept"
    CHANGE = "change"
    ASK = "ask"

    @property
    def label(self) -> str:
        """The name people read."""
        return {"accept": "Right as it is", "change": "Change the plan", "ask": "Ask someone"}[self.value]


class ExceptionAnswer(models.Model):
    """A planner's word on an exception. Grain: one answering; append-only; the last one per code and subject counts.

    `accept` holds while the dollars at stake stay on their side of 0 and within a tenth of `money_cents` (null: dollars
    that cannot be said, because a price is missing). `change` says that the plan will be edited: it holds from the first
    edit of the exception's cells above `revision` on, with that edit's reason. `ask` puts a question to `asked` in a
    conversation; the exception stays open until it is accepted or changed.
    """

    append_only = True

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    how = models.CharField(
        max_length=6, choices=[(k.value, k.label) for k in AnswerKind], default="accept", db_default="accept"
    )
    revision = models.PositiveIntegerField(default=0, db_default=0)
    money_cents = models.BigIntegerField(null=True)
    reason = models.TextField()
    asked = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["plan", "code", "subject"])]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="exceptionanswer_has_reason"),
            models.CheckConstraint(
                condition=Q(how="ask", asked__isnull=False) | Q(how__in=["accept", "change"], asked__isnull=True),
                name="exceptionanswer_asks_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.subject}"
