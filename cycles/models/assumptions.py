"""What people assume, and what the actual months said to it."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cycles.calc.holding import Tolerance, Verdict
from cycles.models.planning import Plan


class AssumptionState(StrEnum):
    """Whether an assumption was looked at in this cycle."""

    TO_CONFIRM = "to_confirm"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.replace("_", " ").capitalize()


class Assumption(models.Model):
    """Something the plan takes for granted. Grain: plan × code. Carried to the next cycle, there to be re-confirmed.

    A measured one names a registered `metric`, where it speaks of (family, market, currency; none = the company), the
    months first … last (first days, inclusive), the `expected` value in the metric's unit and how far the actual may
    be off: `tolerance` in that unit, or in percent of the expected value. `expires_on` is a day: in a plan that
    begins after it the assumption has to be given a new day or withdrawn.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="assumptions")
    code = models.CharField(max_length=80)
    text = models.TextField()
    source = models.CharField(max_length=200, blank=True)
    money_cents = models.BigIntegerField(null=True, blank=True)
    metric = models.CharField(max_length=60, blank=True, default="")
    family = models.ForeignKey("catalog.Family", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey("catalog.Market", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3, blank=True, default="")
    first_month = models.DateField(null=True, blank=True)
    last_month = models.DateField(null=True, blank=True)
    expected = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    tolerance = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    tolerance_kind = models.CharField(
        max_length=10, choices=[(t.value, t.label) for t in Tolerance], default=Tolerance.PERCENT.value
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="owned_assumptions"
    )
    expires_on = models.DateField(null=True, blank=True)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.label) for s in AssumptionState], default=AssumptionState.TO_CONFIRM.value
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    carried_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["plan_id", "code"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "code"], name="assumption_once"),
            models.CheckConstraint(name="assumption_has_text", condition=~Q(text="")),
            models.CheckConstraint(
                name="assumption_confirmed_by_somebody",
                condition=~Q(state="confirmed") | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="assumption_measured_whole",
                condition=Q(metric="")
                | Q(
                    first_month__isnull=False,
                    last_month__isnull=False,
                    expected__isnull=False,
                    tolerance__isnull=False,
                    tolerance__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="assumption_months_in_order",
                condition=Q(first_month__isnull=True)
                | Q(first_month__day=1, last_month__day=1, first_month__lte=F("last_month")),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_measured(self) -> bool:
        """Whether the actual months can answer it."""
        return bool(self.metric)

    @property
    def is_expired(self) -> bool:
        """Whether the plan begins after the day until which it was said to hold."""
        return self.expires_on is not None and self.expires_on < self.plan.first_month


class AssumptionCheck(models.Model):
    """What the actual months said to a measured assumption. Grain: assumption × reading; append-only.

    Written when the data of a plan are approved; actuals that were restated give another row, the earlier ones stay.
    `plan` is the one whose approved data were read. Values in the metric's unit, `deviation` = actual − expected,
    `allowed` the size up to which it holds; `money_cents` prices the deviation, favourable positive, None where the
    facts cannot. `source` says what was read.
    """

    append_only = True

    assumption = models.ForeignKey(Assumption, on_delete=models.PROTECT, related_name="checks")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=8, choices=[(v.value, v.label) for v in Verdict])
    expected = models.DecimalField(max_digits=20, decimal_places=4)
    actual = models.DecimalField(max_digits=20, decimal_places=4)
    deviation = models.DecimalField(max_digits=20, decimal_places=4)
    allowed = models.DecimalField(max_digits=20, decimal_places=4)
    money_cents = models.BigIntegerField(null=True)
    source = models.CharField(max_length=200)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="assumptioncheck_adds_up", condition=Q(deviation=F("actual") - F("expected"), allowed__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assumption_id}: {self.verdict}"

    @property
    def is_broken(self) -> bool:
        """Whether the actual lies outside the tolerance."""
        return self.verdict == Verdict.BROKEN

    @property
    def deviation_fraction(self) -> Decimal | None:
        """Deviation ÷ |expected|; None where nothing was expected."""
        return self.deviation / abs(self.expected) if self.expected else None
