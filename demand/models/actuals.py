"""What was sold: one padded row per series, and the control totals of every loaded month."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class ActualSeries(models.Model):
    """Sales of one item in one market. Grain: item × market; arrays from `company.history_start` to the last month.

    All rows have one length. `units` milli-units (returns negative); `net_cents` what customers owe after discounts,
    `list_cents` the same units at list price, `cogs_cents` at standard cost, reporting currency. A month that was not
    loaded is 0; `ActualMonth` says which were. Owned by the import of sales.
    """

    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    market = models.ForeignKey(
        "catalog.Market", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    units = ArrayField(models.BigIntegerField())
    net_cents = ArrayField(models.BigIntegerField())
    list_cents = ArrayField(models.BigIntegerField())
    cogs_cents = ArrayField(models.BigIntegerField())

    class Meta:
        verbose_name_plural = "actual series"
        constraints = [models.UniqueConstraint(fields=["item", "market"], name="actualseries_once")]

    def __str__(self) -> str:
        return f"{self.item_id} · {self.market_id}"


class ActualMonth(models.Model):
    """Control totals of one loaded month, as the file gave them. Grain: month; replaced with the month.

    `rows` counts item × market cells; sums in milli-units and cents as in `ActualSeries`. Gates compare them with the
    stored series by SQL.
    """

    month = models.DateField(unique=True)
    batch = models.ForeignKey("catalog.ImportBatch", on_delete=models.PROTECT, related_name="+")
    rows = models.PositiveIntegerField()
    units = models.BigIntegerField()
    net_cents = models.BigIntegerField()
    list_cents = models.BigIntegerField()
    cogs_cents = models.BigIntegerField()

    class Meta:
        ordering = ["month"]
        constraints = [models.CheckConstraint(condition=Q(month__day=1), name="actualmonth_first_day")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class ActualRestatement(models.Model):
    """A cell of a month that was loaded before and came again with another value. Grain: batch × cell; append-only.

    Milli-units and cents, before and after. Restatements never touch plan cells.
    """

    append_only = True

    batch = models.ForeignKey("catalog.ImportBatch", on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey("catalog.Market", on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    units_before = models.BigIntegerField()
    units_after = models.BigIntegerField()
    net_cents_before = models.BigIntegerField()
    net_cents_after = models.BigIntegerField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "item", "market", "month"], name="actualrestatement_once")
        ]

    def __str__(self) -> str:
        return f"{self.item_id} · {self.market_id} · {self.month:%Y-%m}"
