"""The company, its currencies and its exchange rates."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import F, Q

from catalog.calc.reason_codes import DEFAULT_REASON_CODES


class Currency(models.Model):
    """One ISO 4217 currency. Owned by the administrator; rows are added when a file or the set-up names them.

    `decimals` is the number of minor digits (2 for USD, 0 for JPY); it decides how an amount is shown. Amounts are
    always stored in hundredths of the reporting currency.
    """

    code = models.CharField(max_length=3, primary_key=True)
    decimals = models.PositiveSmallIntegerField(default=2)

    class Meta:
        verbose_name_plural = "currencies"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z]{3}$"), name="currency_code_is_iso"),
            models.CheckConstraint(condition=Q(decimals__lte=4), name="currency_decimals_to_4"),
        ]

    def __str__(self) -> str:
        return self.code


class CompanyQuerySet(models.QuerySet["Company"]):
    """Reads of the one company row."""

    def current(self) -> Company:
        """The company.

        Raises:
            ObjectDoesNotExist: before `set_up_company` has run.
        """
        company = self.select_related("currency").first()
        if company is None:
            raise ObjectDoesNotExist("The company is not set up yet; import a pack or run the set-up first.")
        return company


class Company(models.Model):
    """The one company of this installation and its policies. Exactly one row, key 1; owned by the administrator.

    Amounts are cents of `currency` (the reporting currency). Policies change what later calculations do, never a
    snapshot. `fiscal_year_start_month` names fiscal year N by the year in which it ends.
    """

    class MixLevel(models.TextChoices):
        """The level at which the bridge separates volume from mix (FORMULAS §2)."""

        FAMILY = "family", "Family"
        ITEM = "item", "Item"

    class VariancePolicy(models.TextChoices):
        """When planned variances reach the margin (FORMULAS §1)."""

        EXPENSED = "expensed", "Expensed when incurred"
        CAPITALISED = "capitalised", "Capitalised and released with sales"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(max_length=120)
    currency = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+")
    fiscal_year_start_month = models.PositiveSmallIntegerField(default=1)
    history_start = models.DateField(help_text="First month of actuals that is kept; first of month.")
    mix_level = models.CharField(max_length=10, choices=MixLevel.choices, default=MixLevel.FAMILY)
    unanswered_amount_cents = models.BigIntegerField(
        default=50_000_000,
        help_text="A gap above this and the fraction needs an answer; cents.",
    )
    unanswered_fraction = models.DecimalField(max_digits=6, decimal_places=4, default="0.0500")
    dso_days = models.PositiveSmallIntegerField(default=30)
    dpo_days = models.PositiveSmallIntegerField(default=30)
    default_horizon = models.PositiveSmallIntegerField(default=24)
    discount_window_months = models.PositiveSmallIntegerField(default=12)
    allow_average_price = models.BooleanField(default=False)
    variance_policy = models.CharField(
        max_length=12, choices=VariancePolicy.choices, default=VariancePolicy.EXPENSED, db_default="expensed"
    )
    price_gap_fraction = models.DecimalField(max_digits=6, decimal_places=4, default="0.2000", db_default="0.2000")
    cost_jump_fraction = models.DecimalField(max_digits=6, decimal_places=4, default="0.2000", db_default="0.2000")
    finding_amount_cents = models.BigIntegerField(
        default=1_000_000,
        db_default=1_000_000,
        help_text="Rate findings with fewer dollars at risk are not listed; cents.",
    )
    exception_amount_cents = models.BigIntegerField(
        default=10_000_000,
        db_default=10_000_000,
        help_text="A demand exception above this needs an answer; cents.",
    )
    exception_change_fraction = models.DecimalField(
        max_digits=6, decimal_places=4, default="0.2500", db_default="0.2500"
    )
    exception_bias_fraction = models.DecimalField(max_digits=6, decimal_places=4, default="0.1000", db_default="0.1000")
    abc_a_fraction = models.DecimalField(max_digits=6, decimal_places=4, default="0.8000", db_default="0.8000")
    abc_b_fraction = models.DecimalField(max_digits=6, decimal_places=4, default="0.9500", db_default="0.9500")
    xyz_x_fraction = models.DecimalField(max_digits=6, decimal_places=4, default="0.5000", db_default="0.5000")
    xyz_y_fraction = models.DecimalField(max_digits=6, decimal_places=4, default="1.0000", db_default="1.0000")
    reason_codes = models.TextField(
        default=DEFAULT_REASON_CODES,
        db_default=DEFAULT_REASON_CODES,
        help_text="What a gesture of the demand ledger can be put down to; separated by commas.",
    )

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "company"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="company_is_single"),
            models.CheckConstraint(
                condition=Q(fiscal_year_start_month__gte=1, fiscal_year_start_month__lte=12),
                name="company_fiscal_start_is_a_month",
            ),
            models.CheckConstraint(
                condition=Q(history_start__day=1),
                name="company_history_starts_on_the_first",
            ),
            models.CheckConstraint(
                condition=Q(mix_level__in=["family", "item"]),
                name="company_mix_level_known",
            ),
            models.CheckConstraint(
                condition=Q(unanswered_amount_cents__gte=0),
                name="company_threshold_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(unanswered_fraction__gte=0, unanswered_fraction__lte=1),
                name="company_threshold_is_a_fraction",
            ),
            models.CheckConstraint(
                condition=Q(default_horizon__gte=6, default_horizon__lte=36),
                name="company_horizon_6_to_36",
            ),
            models.CheckConstraint(
                condition=Q(discount_window_months__gte=1, discount_window_months__lte=36),
                name="company_discount_window_1_to_36",
            ),
            models.CheckConstraint(
                condition=Q(variance_policy__in=["expensed", "capitalised"]), name="company_variance_policy_known"
            ),
            models.CheckConstraint(
                condition=Q(price_gap_fraction__gte=0, cost_jump_fraction__gte=0, finding_amount_cents__gte=0),
                name="company_finding_limits_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    exception_amount_cents__gte=0, exception_change_fraction__gte=0, exception_bias_fraction__gte=0
                ),
                name="company_exception_limits_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    abc_a_fraction__gt=0,
                    abc_a_fraction__lte=F("abc_b_fraction"),
                    abc_b_fraction__lte=1,
                    xyz_x_fraction__gt=0,
                    xyz_x_fraction__lte=F("xyz_y_fraction"),
                ),
                name="company_class_limits_in_order",
            ),
            models.CheckConstraint(
                condition=Q(dso_days__lte=365, dpo_days__lte=365),
                name="company_terms_to_a_year",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FxRate(models.Model):
    """One exchange rate of a month: reporting currency per ONE unit of `currency`. Owned by finance.

    `plan` values the plan, `budget` the budget, `actual` the month average that actuals were booked at. The
    reporting currency itself has no rows (its rate is 1). Replaced by an import; frozen only inside a snapshot.
    """

    class Kind(models.TextChoices):
        """What the rate values."""

        PLAN = "plan", "Plan"
        BUDGET = "budget", "Budget"
        ACTUAL = "actual", "Actual"

    currency = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="rates")
    month = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    rate = models.DecimalField(max_digits=18, decimal_places=6)

    class Meta:
        ordering = ["currency", "kind", "month"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "kind", "month"], name="fxrate_one_per_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="fxrate_month_is_first"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="fxrate_is_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=["plan", "budget", "actual"]),
                name="fxrate_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency_id} {self.kind} {self.month:%Y-%m}: {self.rate}"
