"""Reference plans: numbers that a plan is compared with, above all the budget."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ReferencePlan(models.Model):
    """One reference plan of one fiscal year, e.g. `budget` 2014, with the control totals of what it came from.

    Totals are exact sums over its rows: cents of the reporting currency and milli-units (units only over rows that
    give them). Owned by finance. A budget is replaced by an import and has no `number`. A reforecast is set by a taken
    decision, bears its own number (FY2014-R1) and the first month of the plan that set it, and never changes.
    """

    BUDGET = "budget"
    REFORECAST = "reforecast"
    append_only_where = "OLD.code = 'reforecast'"

    code = models.CharField(max_length=20)
    fiscal_year = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=20, blank=True, default="")
    set_in = models.DateField(null=True, blank=True)
    title = models.CharField(max_length=120)
    row_count = models.PositiveIntegerField(default=0)
    units_milli = models.BigIntegerField(default=0)
    revenue_cents = models.BigIntegerField(default=0)
    cogs_cents = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["code", "fiscal_year"]
        constraints = [
            models.UniqueConstraint(fields=["code", "fiscal_year", "number"], name="referenceplan_one_per_number"),
            models.CheckConstraint(condition=~Q(code=""), name="referenceplan_has_code"),
            models.CheckConstraint(
                condition=Q(code="reforecast", set_in__isnull=False) & ~Q(number="")
                | ~Q(code="reforecast") & Q(number="", set_in__isnull=True),
                name="referenceplan_reforecast_is_numbered",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ReferenceRow(models.Model):
    """One row of a reference plan as the file gave it: a month, an item level, a market level, and its amounts.

    Item level: item, family, category or (all empty) every item. Market level: market, region, channel or (all
    empty) every market. Amounts are cents of the reporting currency; `units_milli` and `cogs_cents` may be unknown.
    `basis` is the file's own word for where the number comes from; rows of a reforecast say so and never change.
    """

    append_only_where = "OLD.basis = 'reforecast'"

    plan = models.ForeignKey(ReferencePlan, on_delete=models.CASCADE, related_name="rows")
    month = models.DateField()
    item = models.ForeignKey(
        "catalog.Item",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    family = models.ForeignKey(
        "catalog.Family",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    category = models.ForeignKey(
        "catalog.Category",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    market = models.ForeignKey(
        "catalog.Market",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    region = models.ForeignKey(
        "catalog.Region",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    channel = models.ForeignKey(
        "catalog.Channel",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    units_milli = models.BigIntegerField(null=True, blank=True)
    revenue_cents = models.BigIntegerField()
    cogs_cents = models.BigIntegerField(null=True, blank=True)
    basis = models.CharField(max_length=60, default="")

    class Meta:
        ordering = ["plan", "month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "plan",
                    "month",
                    "item",
                    "family",
                    "category",
                    "market",
                    "region",
                    "channel",
                ],
                nulls_distinct=False,
                name="referencerow_one_per_key",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="referencerow_month_is_first"),
            models.CheckConstraint(
                condition=Q(item__isnull=True, family__isnull=True)
                | Q(item__isnull=True, category__isnull=True)
                | Q(family__isnull=True, category__isnull=True),
                name="referencerow_one_item_level",
            ),
            models.CheckConstraint(
                condition=Q(market__isnull=True, region__isnull=True)
                | Q(market__isnull=True, channel__isnull=True)
                | Q(region__isnull=True, channel__isnull=True),
                name="referencerow_one_market_level",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.month:%Y-%m}: {self.revenue_cents} cents"
