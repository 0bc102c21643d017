"""What `finance.landing` computes and replaces as a whole: dollars per series, bridge leaves, company months, cash.

Cents of the reporting currency throughout. Rows belong to the plan's latest landing run; a snapshot copies them.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

LEAF_MONTHS = 12


def cents_array() -> ArrayField:
    """A column of cents (or milli-units) per month."""
    return ArrayField(models.BigIntegerField())


class MoneySeries(models.Model):
    """Dollars of one item in one market over the plan's horizon. Grain: plan × item × market; arrays (plan.horizon,).

    `upside_cents` values the consensus, `revenue_cents` and `cogs_cents` what is shipped, at plan rates;
    `cost_to_serve_cents` is channel cost plus the item's premiums, shared by shipments. `net_price4` (local currency),
    `cost4` and `fx6` are the rates that were used, −1 where one is missing; `price_rule` is the weakest rule
    (`demand.calc.discounts.DiscountRule`) by which one of its prices came about.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    item = models.ForeignKey(
        "catalog.Item", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    market = models.ForeignKey(
        "catalog.Market", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    unconstrained_units = cents_array()
    shipped_units = cents_array()
    upside_cents = cents_array()
    revenue_cents = cents_array()
    cogs_cents = cents_array()
    cost_to_serve_cents = cents_array()
    net_price4 = cents_array()
    cost4 = cents_array()
    fx6 = cents_array()
    price_rule = models.IntegerField(default=0, db_default=0)

    class Meta:
        verbose_name_plural = "money series"
        constraints = [models.UniqueConstraint(fields=["plan", "item", "market"], name="moneyseries_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.item_id} · {self.market_id}"


class BridgeLeaf(models.Model):
    """One leaf of the bridge budget → landing. Grain: plan × item (none = residual of the family) × market.

    Arrays are the 12 months of `fiscal_year`. `qb_nano` are budget units in billionths (unrounded), `qu` and `qa` the
    unconstrained and the constrained milli-units (actuals in closed months). `rule` says how the budget came to the
    leaf; `flag` is '', 'new' or 'discontinued'; `whole_change` is 1 where the mix group had no budget units.
    The driver columns add to landing − budget in every month.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    fiscal_year = models.IntegerField()
    item = models.ForeignKey(
        "catalog.Item", null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    family = models.ForeignKey(
        "catalog.Family", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    market = models.ForeignKey(
        "catalog.Market", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    rule = models.IntegerField()
    flag = models.IntegerField(default=0)
    qb_nano = cents_array()
    qu = cents_array()
    qa = cents_array()
    budget_fx6 = cents_array()
    plan_fx6 = cents_array()
    budget_cents = cents_array()
    upside_cents = cents_array()
    landing_cents = cents_array()
    whole_change = cents_array()
    volume = cents_array()
    mix = cents_array()
    price = cents_array()
    fx = cents_array()
    new = cents_array()
    discontinued = cents_array()
    supply_constraint = cents_array()

    class Meta:
        verbose_name_plural = "bridge leaves"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "item", "family", "market"], nulls_distinct=False, name="bridgeleaf_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.item_id or self.family_id} · {self.market_id}"


class InventoryMoney(models.Model):
    """Stock of one item at one site in dollars. Grain: plan × item × site; arrays (plan.horizon,).

    closing − opening − receipts + consumption + COGS = revaluation, in every month, where opening is `opening_cents`
    and then the month before.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    item = models.ForeignKey(
        "catalog.Item", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    site = models.ForeignKey(
        "catalog.Site", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    closing_units = cents_array()
    opening_cents = cents_array()
    value_cents = cents_array()
    receipts_cents = cents_array()
    consumption_cents = cents_array()
    cogs_cents = cents_array()
    revaluation_cents = cents_array()
    cost_change_cents = cents_array()

    class Meta:
        verbose_name_plural = "inventory money"
        constraints = [models.UniqueConstraint(fields=["plan", "item", "site"], name="inventorymoney_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.item_id} · {self.site_id}"


class CompanyMonth(models.Model):
    """Result of the company in one month. Grain: plan × month, over the fiscal year and the horizon.

    Closed months hold actuals: there `upside` equals `revenue`, and what was not recorded is None, never 0.
    gross margin = revenue − COGS − variances + revaluation − cost-to-serve; operating margin = gross margin − fixed cost.
    `variance_cents` is what reaches the margin, `variance_incurred_cents` what arises in the month; under the policy
    "capitalised" the difference moves `capitalised_cents`, the balance at the month's end. `cost_change_cents` is the
    part of the revaluation that a change of standard explains. `revenue_budget_fx_cents` is the revenue at budget
    exchange rates. `fixed_cost_cents` is None where no line is given for the month.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.CASCADE, related_name="company_months")
    month = models.DateField()
    is_closed = models.BooleanField()
    upside_cents = models.BigIntegerField()
    revenue_cents = models.BigIntegerField()
    cogs_cents = models.BigIntegerField()
    variance_cents = models.BigIntegerField(null=True)
    revaluation_cents = models.BigIntegerField(null=True)
    overtime_cents = models.BigIntegerField(null=True)
    expedite_cents = models.BigIntegerField(null=True)
    subcontract_cents = models.BigIntegerField(null=True)
    freight_cents = models.BigIntegerField(null=True)
    inventory_cents = models.BigIntegerField(null=True)
    budget_revenue_cents = models.BigIntegerField(null=True)
    budget_cogs_cents = models.BigIntegerField(null=True)
    variance_incurred_cents = models.BigIntegerField(null=True)
    capitalised_cents = models.BigIntegerField(null=True)
    cost_change_cents = models.BigIntegerField(null=True)
    revenue_budget_fx_cents = models.BigIntegerField(null=True)
    fixed_cost_cents = models.BigIntegerField(null=True)
    budget_fixed_cost_cents = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["plan", "month"]
        constraints = [models.UniqueConstraint(fields=["plan", "month"], name="companymonth_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.month:%Y-%m}"

    @property
    def cost_to_serve_cents(self) -> int:
        """Overtime, expedite and subcontract premiums and freight; what is not recorded counts nothing."""
        lines = (self.overtime_cents, self.expedite_cents, self.subcontract_cents, self.freight_cents)
        return sum(line or 0 for line in lines)

    @property
    def margin_cents(self) -> int:
        """Gross margin of the month as far as its lines are recorded."""
        variances = (self.variance_cents or 0) - (self.revaluation_cents or 0)
        return self.revenue_cents - self.cogs_cents - variances - self.cost_to_serve_cents

    @property
    def operating_margin_cents(self) -> int | None:
        """Gross margin − fixed cost; None where no fixed cost is given for the month."""
        return None if self.fixed_cost_cents is None else self.margin_cents - self.fixed_cost_cents

    @property
    def rounding_cents(self) -> int | None:
        """The part of the revaluation that no change of standard explains."""
        if self.revaluation_cents is None or self.cost_change_cents is None:
            return None
        return self.revaluation_cents - self.cost_change_cents

    @property
    def book_inventory_cents(self) -> int | None:
        """Inventory at standard and the variances capitalised on it."""
        return None if self.inventory_cents is None else self.inventory_cents + (self.capitalised_cents or 0)

    @property
    def fx_effect_cents(self) -> int | None:
        """Revenue at plan (or actual) less revenue at budget exchange rates; None without budget rates."""
        return None if self.revenue_budget_fx_cents is None else self.revenue_cents - self.revenue_budget_fx_cents


class CashMonth(models.Model):
    """Operating cash flow of the company in one open month, both ways. Grain: plan × month of the horizon.

    direct = collections − payments − conversion − cost-to-serve − other variances − fixed costs paid; indirect = margin
    before revaluation − fixed cost + what of it is never paid − ΔAR − Δinventory + ΔAP + Δaccruals. The database refuses
    a row whose two ways differ. Δinventory is before revaluation and holds the variances capitalised and released.
    `accruals_cents` are fixed costs expensed and not yet paid less those paid ahead.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.CASCADE, related_name="cash_months")
    month = models.DateField()
    collections_cents = models.BigIntegerField()
    payments_cents = models.BigIntegerField()
    conversion_cents = models.BigIntegerField()
    cost_to_serve_cents = models.BigIntegerField()
    other_variances_cents = models.BigIntegerField()
    margin_before_revaluation_cents = models.BigIntegerField()
    receivables_cents = models.BigIntegerField()
    payables_cents = models.BigIntegerField()
    receivables_change_cents = models.BigIntegerField()
    inventory_change_cents = models.BigIntegerField()
    payables_change_cents = models.BigIntegerField()
    purchases_cents = models.BigIntegerField()
    direct_cents = models.BigIntegerField()
    indirect_cents = models.BigIntegerField()
    fixed_cost_cents = models.BigIntegerField(default=0, db_default=0)
    non_cash_cents = models.BigIntegerField(default=0, db_default=0)
    fixed_paid_cents = models.BigIntegerField(default=0, db_default=0)
    accruals_cents = models.BigIntegerField(default=0, db_default=0)
    accruals_change_cents = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ["plan", "month"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "month"], name="cashmonth_once"),
            models.CheckConstraint(
                condition=models.Q(direct_cents=models.F("indirect_cents")), name="cashmonth_both_ways_equal"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.month:%Y-%m}"

    @property
    def tie_difference_cents(self) -> int:
        """Direct less indirect flow, each added up again from its lines; 0 in a sound month."""
        paid = self.payments_cents + self.conversion_cents + self.cost_to_serve_cents + self.other_variances_cents
        moved = self.receivables_change_cents + self.inventory_change_cents - self.payables_change_cents
        result = self.margin_before_revaluation_cents - self.fixed_cost_cents + self.non_cash_cents
        indirect = result - moved + self.accruals_change_cents
        return self.collections_cents - paid - self.fixed_paid_cents - indirect


class MarketReceivable(models.Model):
    """What one market owes over the plan's horizon. Grain: plan × market; arrays (plan.horizon,), cents.

    receivables = receivables before (`opening_cents` first) + revenue − collections, counted from open invoices. `terms`
    are the days and shares used, in words; `is_default` where the company's days stood in.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    market = models.ForeignKey(
        "catalog.Market", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    terms = models.CharField(max_length=200)
    is_default = models.BooleanField()
    opening_cents = models.BigIntegerField()
    revenue_cents = cents_array()
    collections_cents = cents_array()
    receivables_cents = cents_array()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "market"], name="marketreceivable_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.market_id}"


class FixedCostMonth(models.Model):
    """One line of fixed cost in one month of a plan, as the landing found it. Grain: plan × line × month; cents.

    Over the fiscal year and the horizon. The lines of a month add to `CompanyMonth.fixed_cost_cents`.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.CASCADE, related_name="fixed_cost_months")
    line = models.CharField(max_length=80)
    month = models.DateField()
    amount_cents = models.BigIntegerField()
    budget_cents = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["plan", "line", "month"]
        constraints = [models.UniqueConstraint(fields=["plan", "line", "month"], name="fixedcostmonth_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.line} {self.month:%Y-%m}"
