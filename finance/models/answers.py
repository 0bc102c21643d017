"""What finance says to a gap: named adjustments (a ledger) and actions with value, owner and due date."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from catalog.calc.months import month_date, month_index


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
    """The line of the landing that an adjustment moves, signed as the line is (more cost, more stock: positive).

    `margin` is margin that no other line carries (a variance, a rebate). `inventory` is a stock: the amount of a month
    stays in the balance from then on.
    """

    REVENUE = "revenue"
    COGS = "cogs"
    COST_TO_SERVE = "cost_to_serve"
    MARGIN = "margin"
    INVENTORY = "inventory"
    CASH = "cash"

    @property
    def label(self) -> str:
        """The name people read."""
        words = {"cogs": "COGS", "cost_to_serve": "Cost to serve", "margin": "Margin, other lines"}
        return words.get(self.value, self.value.capitalize())


class ActionDriver(StrEnum):
    """The cause of the gap that an action works on: a driver of the bridge, cost, or working capital."""

    VOLUME = "volume"
    MIX = "mix"
    PRICE = "price"
    FX = "fx"
    NEW = "new"
    DISCONTINUED = "discontinued"
    CONSTRAINT = "supply_constraint"
    COST = "cost"
    WORKING_CAPITAL = "working_capital"

    @property
    def label(self) -> str:
        """The name people read."""
        words = {"fx": "Exchange rates", "new": "New products", "discontinued": "Discontinued products"}
        return words.get(self.value, self.value.replace("_", " ").capitalize())


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


def _months() -> ArrayField:
    """A column of cents per month, none at first."""
    return ArrayField(models.BigIntegerField(), default=list, blank=True)


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
    `owner` answers for the money (none: the author); `evidence` is a link, a document's number or a note. A carried row
    is written by who opens the cycle and keeps who named it first (`named_by`).
    """

    append_only = True

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="adjustments")
    kind = models.CharField(max_length=12, choices=[(k.value, k.label) for k in AdjustmentKind])
    measure = models.CharField(max_length=14, choices=[(m.value, m.label) for m in Measure])
    title = models.CharField(max_length=120)
    reason = models.TextField()
    evidence = models.CharField(max_length=400, blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
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

    @property
    def answerable(self) -> models.Model:
        """Who answers for the money: its owner, else who named it."""
        return self.owner or self.namer

    @property
    def namer(self) -> models.Model:
        """Who named it first, also where it was carried."""
        return self.named_by or self.author

    @property
    def is_linked(self) -> bool:
        """Whether the evidence is an address that can be opened."""
        return self.evidence.startswith(("https://", "http://"))


class Action(ScopeNode):
    """Something that somebody will do about the gap, with its money, owner and due date. Grain: plan × action.

    Money is expected, not in the plan; cents, favourable positive. The `…_months` arrays run from `first_month` and are
    the promise as it was given; `base_…_months` are the landing of the scope in those months when it was promised
    (empty: there was none); none of them ever changes. `revenue_cents`, `margin_cents`, `cash_cents` are what is still
    to come of it in the plan's fiscal year. `probability` in percent. Changed only by `finance.services.actions`: the
    state moves, each move a row of `ActionMove` and of the audit; carried to the next cycle while open.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="actions")
    title = models.CharField(max_length=160)
    driver = models.CharField(max_length=20, blank=True, default="", choices=[(d.value, d.label) for d in ActionDriver])
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    probability = models.PositiveSmallIntegerField(default=100)
    first_month = models.DateField(null=True, blank=True)
    revenue_months = _months()
    margin_months = _months()
    cash_months = _months()
    base_revenue_months = _months()
    base_margin_months = _months()
    revenue_cents = models.BigIntegerField()
    margin_cents = models.BigIntegerField()
    cash_cents = models.BigIntegerField(default=0)
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
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="action_has_title"),
            models.CheckConstraint(condition=Q(probability__gte=1, probability__lte=100), name="action_probability"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def promised(self) -> list[tuple[date, int, int, int]]:
        """(month, revenue, margin, cash) as promised; months without money are left out."""
        if self.first_month is None:
            return []
        first = month_index(self.first_month)
        rows = zip(self.revenue_months, self.margin_months, self.cash_months, strict=True)
        return [(month_date(first + place), *row) for place, row in enumerate(rows) if any(row)]

    @property
    def expected_cents(self) -> int:
        """Revenue still to come in the year × probability, cents, towards zero."""
        size = abs(self.revenue_cents) * self.probability // 100
        return -size if self.revenue_cents < 0 else size


class ActionMove(models.Model):
    """One step in the life of an action: proposed, agreed, done, dropped. Grain: one move; append-only."""

    append_only = True

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="moves")
    before = models.CharField(max_length=10, blank=True, default="")
    after = models.CharField(max_length=10, choices=[(s.value, s.label) for s in ActionState])
    note = models.TextField(blank=True, default="")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.action_id}: {self.before} → {self.after}"
