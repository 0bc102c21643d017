"""Lots in which items are made."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ProductionLot(models.Model):
    """The lot of one made item, milli-units: where lots are kept in whole numbers, only its multiples are made in a month.

    Grain: item; owned by the supply planner; from the file.
    """

    item = models.OneToOneField("catalog.Item", on_delete=models.CASCADE, related_name="+")
    quantity = models.BigIntegerField(help_text="milli-units")

    class Meta:
        ordering = ["item"]
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="productionlot_positive")]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.quantity}"
