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
    `target` is the stock that the plan wants at the end of the month: its safety stock, or the days of a stock rule.
    `expired` passes its shelf life in the month and stays in `inventory` until somebody scraps it. Both are empty in
    plans solved before they were kept.
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
    target = ArrayField(models.BigIntegerField(), null=True)
    expired = ArrayField(models.BigIntegerField(), null=True)

    class Meta:
        verbose_name_plural = "supply series"
        constraints = [models.UniqueConstraint(fields=["plan", "item", "site"], name="supplyseries_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.item_id} · {self.site_id}"


class ShipSeries(models.Model):
    """What one item ships into one market and what is short of the consensus, milli-units per month.

    ship + short = consensus of the demand revision that the run read; a negative consensus (returns) ships as it is.
    Where demand may wait, `short` is negative in a month that delivers what an earlier one owed, and `late` is what is
    open at the end of the month: lost in a month = short + late before − late. Empty in plans solved before it was kept.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    market = models.ForeignKey("catalog.Market", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    ship = months()
    short = months()
    late = ArrayField(models.BigIntegerField(), null=True)

    class Meta:
        verbose_name_plural = "ship series"
        constraints = [models.UniqueConstraint(fields=["plan", "item", "market"], name="shipseries_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.item_id} · {self.market_id}"


class ReroutedSeries(models.Model):
    """Units of one operation that go through an alternative work centre in place of the ordinary one, milli-units per
    month. Grain: plan × item × operation × work centre; the rest of what is made at its site goes the ordinary way.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    operation = models.PositiveIntegerField()
    work_centre = models.ForeignKey(
        "supply.WorkCentre", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    units = months()

    class Meta:
        verbose_name_plural = "rerouted series"
        constraints = [
            models.UniqueConstraint(fields=["plan", "item", "operation", "work_centre"], name="reroutedseries_once")
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.item_id} · {self.operation} at {self.work_centre_id}"


class WorkCentreLoad(models.Model):
    """The load of one work centre in a plan, per month: milli-hours, and cents per hour for the prices.

    `needed` is the lot-for-lot load of the whole consensus (rough-cut), `planned` the load of the constrained plan,
    `available` the regular hours, `overtime` those worked on top. `price_low` and `price_high` are what one more and
    one less regular hour changes the cost by; the price holds while the month has between `price_from` and `price_to` milli-hours
    (−1 = without end; both empty in plans solved before they were kept). `shift` are hours of extra shifts, in no plan
    part of `overtime`; empty before they were kept.
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
    price_from = ArrayField(models.BigIntegerField(), default=list)
    price_to = ArrayField(models.BigIntegerField(), default=list)
    shift = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "work_centre"], name="workcentreload_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.work_centre_id}"

    def beyond_regular(self, position: int) -> int:
        """Milli-hours of overtime and extra shifts in a month (number from 0)."""
        return int(self.overtime[position]) + (int(self.shift[position]) if self.shift else 0)


class StorageLoad(models.Model):
    """The room that the stock of a site takes at the end of each month, in thousandths of the unit of its limit.

    `outside` is what is kept elsewhere. `price_low` and `price_high` are what one unit of room more and one less changes
    the cost by, cents, 0 where there is room; it holds up to `price_to` (−1 = without end). Replaced with every run.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="+")
    room = months()
    used = months()
    outside = months()
    price_low = months()
    price_high = months()
    price_to = months()

    class Meta:
        ordering = ["site"]
        constraints = [models.UniqueConstraint(fields=["plan", "site"], name="storageload_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.site_id}"


class PinEffect(models.Model):
    """What a pin does to the published plan, found by solving it again without the pin. Replaced with every run.

    `cost_cents` of the reporting currency, positive = the pin costs; empty where no plan exists without it. `cover_days`
    of forward cover of its item at the end of its month, positive = more; empty for an extra shift or without demand.
    """

    plan = models.ForeignKey("cycles.Plan", on_delete=models.PROTECT, related_name="+")
    pin = models.OneToOneField("supply.Pin", on_delete=models.PROTECT, related_name="effect")
    cost_cents = models.BigIntegerField(null=True)
    cover_days = models.DecimalField(max_digits=9, decimal_places=1, null=True)

    class Meta:
        ordering = ["pin"]

    def __str__(self) -> str:
        return f"{self.pin_id}: {self.cost_cents}"

    @property
    def saved_cents(self) -> int:
        """What the pin saves, 0 when it costs."""
        return max(-(self.cost_cents or 0), 0)


class PlanBasis(models.Model):
    """The solver's optimal basis of the last published supply plan, to start the next solution from. One per plan.

    Compressed status codes of columns and rows; of use to the solver only, and replaced by every run.
    """

    plan = models.OneToOneField("cycles.Plan", on_delete=models.PROTECT, related_name="+")
    columns = models.BinaryField()
    rows = models.BinaryField()

    class Meta:
        verbose_name_plural = "plan bases"

    def __str__(self) -> str:
        return f"{self.plan_id}"


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
