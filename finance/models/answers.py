"""What finance says to a gap: named adjustments (a ledger) and actions with value, owner and due date."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class AdjustmentKind(StrEnum):
    """Why finance carries another number. Timing moves money between months and nets to zero over them."""

    RISK = "risk"
    TIMING = "timing"
    UNMODELLED = "unmodelled"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.capitalize()


class Measure(StrEnum):
    """The line of the landing that an adjustment moves."""

    REVENUE = "revenue"
    COGS = "cogs"
    COST_TO_SERVE = "cost_to_serve"
    CASH = "cash"

    @property
    def label(self) -> str:
        """The name people read."""
        return {"cogs": "COGS", "cost_to_serve": "Cost to serve"}.get(self.value, self.value.capitalize())


class ActionState(StrEnum):
    """Where an action stands. Only open ones (proposed, agreed) answer a gap."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DONE = "done"
    DROPPED = "dropped"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.capitalize()

    @property
    def is_open(self) -> bool:
        """Whether the action is still to bring its money."""
        return self in (ActionState.PROPOSED, ActionState.AGREED)


class ScopeNode(models.Model):
    """A node of the hierarchy: nothing set is the company; category, family and market narrow it."""

    category = models.ForeignKey("catalog.Category", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    family = models.ForeignKey("catalog.Family", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey("catalog.Market", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    @property
    def scope_label(self) -> str:
        """The node in words."""
        item = self.family or self.category
        place = f" · {self.market.code}" if self.market else ""
        return f"{item.name if item else 'Company'}{place}"


class Adjustment(ScopeNode):
    """One entry of the finance ledger. Grain: one naming or withdrawal; append-only.

    `cents` per month from `first_month`, reporting currency, favourable to the measure's amount as it is signed (more
    revenue, more cost: positive). Stands at its scope node and above, never below. It holds while it is not superseded
    or withdrawn and `expires_on` (a month, inclusive) has not closed. `revision` is the plan's after the entry.
    """

    append_only = True

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="adjustments")
    kind = models.CharField(max_length=12, choices=[(k.value, k.label) for k in AdjustmentKind])
    measure = models.CharField(max_length=14, choices=[(m.value, m.label) for m in Measure])
    title = models.CharField(max_length=120)
    reason = models.TextField()
    first_month = models.DateField()
    cents = ArrayField(models.BigIntegerField())
    expires_on = models.DateField()
    revision = models.PositiveIntegerField()
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    is_withdrawal = models.BooleanField(default=False)
    is_carried = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(title="") & ~Q(reason=""), name="adjustment_is_named"),
            models.CheckConstraint(
                condition=Q(is_withdrawal=False) | Q(supersedes__isnull=False), name="adjustment_withdraws_something"
            ),
            models.CheckConstraint(
                condition=Q(first_month__day=1, expires_on__day=1), name="adjustment_months_are_first"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def total_cents(self) -> int:
        """Sum over its months."""
        return sum(self.cents)


class Action(ScopeNode):
    """Something that somebody will do about the gap, with its money, owner and due date. Grain: plan × action.

    Money is expected, not in the plan: cents of the fiscal year, favourable positive. Changed only by
    `finance.services.actions`, each change with an audit row; carried to the next cycle while open.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="actions")
    title = models.CharField(max_length=160)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    revenue_cents = models.BigIntegerField()
    margin_cents = models.BigIntegerField()
    state = models.CharField(
        max_length=10, choices=[(s.value, s.label) for s in ActionState], default=ActionState.PROPOSED.value
    )
    carried_from = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="carried_to"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["plan", "due_on", "id"]
        constraints = [models.CheckConstraint(condition=~Q(title=""), name="action_has_title")]

    def __str__(self) -> str:
        return self.title
