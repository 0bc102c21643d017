"""What a company wants its stock to be: rules per item, family or class, and the budget of the stock's value."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class StockRule(models.Model):
    """How much stock is wanted. Grain: an item, a family, a class (A, B, C), or everything; the narrowest value wins.

    An empty field says nothing: the next wider rule, else the policy printed on the page, counts. `service_level` is the
    chance of no shortage in an order cycle. `lead_deviation_days` is how much the lead time varies (standard deviation).
    `least_days` and `most_days` of coming demand are the target band. `storage_cost` is the reporting currency per unit
    and month. `storage_per_unit` is the room that a unit takes of its site's storage limit (pallets, for example).
    Owned by the supply planner; from the file.
    """

    item = models.ForeignKey("catalog.Item", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    family = models.ForeignKey("catalog.Family", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    abc_class = models.CharField(max_length=1, default="", blank=True)
    service_level = models.DecimalField(max_digits=6, decimal_places=4, null=True, blank=True)
    lead_deviation_days = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    least_days = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    most_days = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    shelf_life_days = models.PositiveIntegerField(null=True, blank=True)
    storage_cost = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    storage_per_unit = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)

    class Meta:
        ordering = ["item", "family", "abc_class"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "family", "abc_class"], nulls_distinct=False, name="stockrule_once"
            ),
            models.CheckConstraint(condition=Q(abc_class__in=["", "A", "B", "C"]), name="stockrule_class_known"),
            models.CheckConstraint(
                condition=Q(service_level__isnull=True) | Q(service_level__gt=0, service_level__lt=1),
                name="stockrule_service_is_fraction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id or self.family_id or self.abc_class or 'all'}"


class StockBudget(models.Model):
    """The budgeted value of the stock at the end of a month, cents. Grain: family (empty = the whole company) × month."""

    family = models.ForeignKey("catalog.Family", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    month = models.DateField()
    cents = models.BigIntegerField()

    class Meta:
        ordering = ["month", "family"]
        constraints = [
            models.UniqueConstraint(fields=["family", "month"], nulls_distinct=False, name="stockbudget_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="stockbudget_month_is_first"),
            models.CheckConstraint(condition=Q(cents__gte=0), name="stockbudget_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.family_id or 'all'} {self.month:%Y-%m}: {self.cents}"


class StorageLimit(models.Model):
    """The room of a site at the end of a month, in the unit of `storage_per_unit`. Grain: site.

    What does not fit is kept outside at `outside_cost`, reporting currency per unit of room and month; empty = there is
    no room outside, and a plan that needs it does not exist. Owned by the supply planner; from the file.
    """

    site = models.OneToOneField("catalog.Site", on_delete=models.CASCADE, related_name="+")
    room = models.DecimalField(max_digits=18, decimal_places=2)
    outside_cost = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)

    class Meta:
        ordering = ["site"]
        constraints = [
            models.CheckConstraint(condition=Q(room__gte=0), name="storagelimit_not_negative"),
            models.CheckConstraint(
                condition=Q(outside_cost__isnull=True) | Q(outside_cost__gt=0), name="storagelimit_outside_costs"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id}: {self.room}"
