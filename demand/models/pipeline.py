"""Deals that are not signed yet, as the CRM says them, and what the planner leaves out of the plan."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Opportunity(models.Model):
    """One deal of the CRM. Grain: one deal; the whole table is replaced by each file. Owned by sales.

    For an item, else a family, in one market. `units_milli` or `amount_cents` (reporting currency) if it is won, in
    `close_month`; `probability4` ten-thousandths. It moves no figure: a planner includes it in a plan by an edit.
    """

    code = models.CharField(max_length=60, unique=True)
    account = models.CharField(max_length=200)
    item = models.ForeignKey("catalog.Item", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    family = models.ForeignKey("catalog.Family", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    market = models.ForeignKey("catalog.Market", on_delete=models.CASCADE, related_name="+")
    units_milli = models.BigIntegerField(null=True, blank=True)
    amount_cents = models.BigIntegerField(null=True, blank=True)
    close_month = models.DateField()
    probability4 = models.PositiveIntegerField()
    stage = models.CharField(max_length=60, default="")
    owner = models.CharField(max_length=120, default="")

    class Meta:
        verbose_name_plural = "opportunities"
        ordering = ["close_month", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(item__isnull=False) ^ Q(family__isnull=False), name="opportunity_item_or_family"
            ),
            models.CheckConstraint(
                condition=Q(units_milli__gte=0) | Q(amount_cents__gte=0), name="opportunity_units_or_amount"
            ),
            models.CheckConstraint(condition=Q(probability4__lte=10_000), name="opportunity_probability_to_1"),
            models.CheckConstraint(condition=Q(close_month__day=1), name="opportunity_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.account}"


class OpportunityExclusion(models.Model):
    """A planner's word that a deal stays out of a plan. Grain: one word; append-only; including it later overrides it."""

    append_only = True

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    reason = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["plan", "code"])]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="opportunityexclusion_has_reason")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.code}"
