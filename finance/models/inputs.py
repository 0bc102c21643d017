"""What finance brings in by file: planned variances, opening balances, channel costs, customer terms, fixed costs."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q

from finance.calc.cogs import CashLine


class VarianceKind(StrEnum):
    """Named reasons why actual cost is planned to differ from standard."""

    PURCHASE_PRICE = "purchase_price"
    EFFICIENCY = "efficiency"
    ABSORPTION = "absorption"
    SCRAP = "scrap"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.replace("_", " ").capitalize()


class PlannedVariance(models.Model):
    """One planned variance of a family (none = the company) in a month. Owned by finance; replaced by an import.

    Either `amount_cents` (reporting currency, a cost is positive) or `percent6`, millionths of the standard made.
    `cash_line` names what pays it: supplier invoices on terms, or conversion in the month. The company's `variance_policy` says whether it
    is expensed when incurred, or capitalised and released with sales.
    """

    family = models.ForeignKey("catalog.Family", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    month = models.DateField()
    kind = models.CharField(max_length=20, choices=[(k.value, k.label) for k in VarianceKind])
    amount_cents = models.BigIntegerField(null=True, blank=True)
    percent6 = models.BigIntegerField(null=True, blank=True)
    cash_line = models.CharField(max_length=12, choices=[(line.value, line.value) for line in CashLine])

    class Meta:
        ordering = ["month", "family", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["family", "month", "kind"], nulls_distinct=False, name="plannedvariance_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_cents__isnull=True) ^ Q(percent6__isnull=True), name="plannedvariance_amount_or_rate"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="plannedvariance_month_is_first"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.month:%Y-%m}"


class OpeningBalance(models.Model):
    """Open receivables, payables or capitalised variances at the end of a closed month, in cents. Owned by finance;
    replaced by an import.

    A plan uses the row of the month before its first. Without one the opening comes from the terms run over the last
    closed months (capitalised variances are 0), and the page says so.
    """

    KINDS = [("receivables", "Receivables"), ("payables", "Payables"), ("variances", "Capitalised variances")]

    kind = models.CharField(max_length=12, choices=KINDS)
    month = models.DateField()
    amount_cents = models.BigIntegerField()

    class Meta:
        ordering = ["month", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "month"], name="openingbalance_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="openingbalance_month_is_first"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.month:%Y-%m}"


class ChannelCost(models.Model):
    """Freight and channel cost per unit shipped to a market from a month on, reporting currency. Owned by finance.

    For one family, else (none) for every family of the market. Replaced by an import.
    """

    market = models.ForeignKey("catalog.Market", on_delete=models.CASCADE, related_name="+")
    family = models.ForeignKey("catalog.Family", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    first_month = models.DateField()
    cost_per_unit = models.DecimalField(max_digits=18, decimal_places=4)

    class Meta:
        ordering = ["market", "family", "first_month"]
        constraints = [
            models.UniqueConstraint(
                fields=["market", "family", "first_month"], nulls_distinct=False, name="channelcost_once"
            ),
            models.CheckConstraint(condition=Q(cost_per_unit__gte=0), name="channelcost_not_negative"),
            models.CheckConstraint(condition=Q(first_month__day=1), name="channelcost_month_is_first"),
        ]

    def __str__(self) -> str:
        return f"{self.market_id} from {self.first_month:%Y-%m}: {self.cost_per_unit}"


class CustomerTerm(models.Model):
    """A part of the payment profile of a region's customers: `share` of every invoice is due after `days`.

    For one channel, else (none) for every channel of the region; the narrower rows win as a whole. The shares of one
    key add to 1 (the import refuses anything else). Owned by finance; replaced by an import. A market without rows takes
    the company's days.
    """

    region = models.ForeignKey("catalog.Region", on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey("catalog.Channel", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    days = models.PositiveSmallIntegerField()
    share = models.DecimalField(max_digits=5, decimal_places=4, default=1)

    class Meta:
        ordering = ["region", "channel", "days"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "channel", "days"], nulls_distinct=False, name="customerterm_once"
            ),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="customerterm_share_is_fraction"),
            models.CheckConstraint(condition=Q(days__lte=365), name="customerterm_to_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id}: {self.share} after {self.days} days"


class FixedCost(models.Model):
    """One line of fixed cost in one month, reporting currency; booked in a closed month, planned in an open one.

    `budget_cents` is what the budget gives the line, None where it says nothing. `cash_month` is the month of payment
    (None: the month itself); a cost that is never paid (depreciation) has `is_paid` false. Owned by finance; replaced
    by an import.
    """

    line = models.CharField(max_length=80)
    month = models.DateField()
    amount_cents = models.BigIntegerField()
    budget_cents = models.BigIntegerField(null=True, blank=True)
    is_paid = models.BooleanField(default=True)
    cash_month = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["line", "month"]
        constraints = [
            models.UniqueConstraint(fields=["line", "month"], name="fixedcost_once"),
            models.CheckConstraint(condition=~Q(line=""), name="fixedcost_has_line"),
            models.CheckConstraint(condition=Q(month__day=1), name="fixedcost_month_is_first"),
            models.CheckConstraint(
                condition=Q(cash_month__isnull=True) | Q(cash_month__day=1, is_paid=True),
                name="fixedcost_cash_month_of_a_paid_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.month:%Y-%m}"
