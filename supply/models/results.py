"""What a supply run computes; replaced as a whole by every run. All arrays have the plan's horizon."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


def months() -> ArrayField:
    """An array column of one integer per month of the plan."""
    return ArrayField(models.BigIntegerField())


class SupplySeries(models.Model):
    """The supply of one item at one site: units in milli-units, money in cents of the reporting currency, per month.

    Made in total = `make` (regular time) + `overtime`. `buy` is everything bought, of which `expedite` inside the lead
    time and `subcontract` by a pin. `inventory` closes the month: before + make + overtime + buy −
    consumed − shipped = inventory, exactly and never negative. The cents are premiums over the normal cost.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    opening = models.BigIntegerField()
    make = months()
    overtime = months()
    buy = months()
    expedite = months()
    subcontract = months()
    consumed = months()
    shipped = months()
    inventory = months()
    overtime_cents = months()
    expedite_cents = months()
    subcontract_cents = months()
    freight_cents = months()

    class Meta:
        verbose_name_plural = "supply series"
        constraints = [models.UniqueConstraint(fields=["plan", "item", "site"], name="supplyseries_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.item_id} · {self.site_id}"


class ShipSeries(models.Model):
    """What one item ships into one market and what is short of the consensus, milli-units per month.

    ship + short = consensus of the demand revision that the run read; a negative consensus (returns) ships as it is.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    market = models.ForeignKey("catalog.Market", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    ship = months()
    short = months()

    class Meta:
        verbose_name_plural = "ship series"
        constraints = [models.UniqueConstraint(fields=["plan", "item", "market"], name="shipseries_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.item_id} · {self.market_id}"


class WorkCentreLoad(models.Model):
    """The load of one work centre in a plan, per month: milli-hours, and cents per hour for the prices.

    `needed` is the lot-for-lot load of the whole consensus (rough-cut), `planned` the load of the constrained plan,
    `available` the regular hours, `overtime` those worked on top. `price_low` and `price_high` are what one more and
    one less regular hour changes the cost by.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+")
    work_centre = models.ForeignKey("supply.WorkCentre", on_delete=models.PROTECT, related_name="+")
    needed = months()
    planned = months()
    available = months()
    overtime = months()
    overtime_limit = months()
    price_low = months()
    price_high = months()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "work_centre"], name="workcentreload_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.work_centre_id}"


class ShortageCause(models.TextChoices):
    """Why demand is not met."""

    CAPACITY = "capacity", "Work centre is full"
    LEAD_TIME = "lead_time", "Inside the purchase lead time"
    SUPPLIER = "supplier", "Supplier limit"
    NO_SOURCE = "no_source", "No source"
    COST = "cost", "Costs more than it earns"


class Shortage(models.Model):
    """What an item is short of in a month over all markets, milli-units, with the cause. Grain: plan × item × month.

    `lost_margin_cents` is the margin of the missing units, `cause` and `detail` say what stood in the way.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    quantity = models.BigIntegerField()
    lost_revenue_cents = models.BigIntegerField()
    lost_margin_cents = models.BigIntegerField()
    cause = models.CharField(max_length=20, choices=ShortageCause.choices)
    work_centre = models.ForeignKey(
        "supply.WorkCentre", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    detail = models.CharField(max_length=200, default="")

    class Meta:
        ordering = ["plan", "-lost_margin_cents", "month"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "item", "month"], name="shortage_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shortage_positive"),
            models.CheckConstraint(condition=Q(cause__in=ShortageCause.values), name="shortage_cause_known"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} in {self.month:%Y-%m}: {self.quantity}"
