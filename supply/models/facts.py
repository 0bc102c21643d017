"""What happened: stock on hand and production."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class StockOnHand(models.Model):
    """Stock of one item at one site at the end of one day, milli-units. The file's locations are added up per site.

    A plan opens with the latest rows dated before its first month; when there are none, with the earliest later ones,
    and the gate `supply.opening_stock` names that assumption.
    """

    item = models.ForeignKey("catalog.Item", on_delete=models.CASCADE, related_name="stock")
    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="stock")
    as_of = models.DateField()
    quantity = models.BigIntegerField(help_text="milli-units")

    class Meta:
        verbose_name_plural = "stock on hand"
        ordering = ["as_of", "item", "site"]
        constraints = [
            models.UniqueConstraint(fields=["item", "site", "as_of"], name="stockonhand_once"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="stockonhand_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} at {self.site_id} on {self.as_of}: {self.quantity}"


class ProductionActual(models.Model):
    """Production of one item in one closed month at one site. Units are milli-units, hours milli-hours, cents."""

    item = models.ForeignKey("catalog.Item", on_delete=models.CASCADE, related_name="production")
    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="production")
    month = models.DateField()
    good_milli = models.BigIntegerField()
    scrapped_milli = models.BigIntegerField(default=0)
    hours_milli = models.BigIntegerField(default=0)
    conversion_cents = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["month", "item", "site"]
        constraints = [
            models.UniqueConstraint(fields=["item", "site", "month"], name="productionactual_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="productionactual_month_is_first"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} in {self.month:%Y-%m}: {self.good_milli}"
