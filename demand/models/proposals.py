"""What somebody outside demand proposes to change in the plan, and what the demand planner says to it."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class ProposalState(StrEnum):
    """What became of a proposal."""

    ACCEPTED = "accepted"
    DECLINED = "declined"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.capitalize()


class EditProposal(models.Model):
    """A change of the plan that a demand planner may accept. Grain: one proposal; append-only, moves no figure itself.

    `units` signed milli-units per month from `first_month`, on an item or a family in `market_ids` (empty = all).
    `origin` says in words where it comes from, `path` leads there.
    """

    append_only = True

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="edit_proposals")
    item = models.ForeignKey("catalog.Item", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    family = models.ForeignKey("catalog.Family", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    market_ids = ArrayField(models.BigIntegerField(), default=list)
    label = models.CharField(max_length=200)
    first_month = models.DateField()
    units = ArrayField(models.BigIntegerField())
    money_cents = models.BigIntegerField()
    reason = models.TextField()
    origin = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="editproposal_has_reason"),
            models.CheckConstraint(condition=Q(first_month__day=1), name="editproposal_first_day"),
            models.CheckConstraint(
                condition=Q(item__isnull=False) ^ Q(family__isnull=False), name="editproposal_item_or_family"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class ProposalAnswer(models.Model):
    """The demand planner's word on one proposal. Grain: proposal; append-only. An accepted one names its edit."""

    append_only = True

    proposal = models.OneToOneField(EditProposal, on_delete=models.PROTECT, related_name="answer")
    state = models.CharField(max_length=10, choices=[(s.value, s.label) for s in ProposalState])
    edit = models.OneToOneField("demand.Edit", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="accepted", edit__isnull=False)
                | (Q(state="declined", edit__isnull=True) & ~Q(reason="")),
                name="proposalanswer_edit_or_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} · {self.state}"


class CarriedAcceptance(models.Model):
    """A planner's yes to a carried edit. Grain: carried edit; append-only. A no is the edit that takes it back."""

    append_only = True

    edit = models.OneToOneField("demand.Edit", on_delete=models.PROTECT, related_name="acceptance")
    reason = models.TextField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.edit_id} accepted"
