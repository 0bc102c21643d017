"""Company policy of the supply plan, and what others would make for it: settings, who is served first, subcontract terms."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class SupplySetting(models.Model):
    """One setting of the supply plan by name, as its file says it; a setting without a row has its default.

    Names, limits and defaults: ``supply.calc.supply_policy``. Owned by the supply planner.
    """

    name = models.CharField(max_length=40, unique=True)
    value = models.CharField(max_length=40)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"


class MarketPriority(models.Model):
    """Rank of a market where short supply goes by priority: 1 is served first. A market without a row comes last."""

    market = models.OneToOneField("catalog.Market", on_delete=models.CASCADE, related_name="+")
    priority = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["priority", "market"]

    def __str__(self) -> str:
        return f"{self.market_id}: {self.priority}"


class SubcontractTerm(models.Model):
    """What somebody else asks to make one item for a site, material included. Grain: item × site.

    `unit_cost` is reporting currency per unit; `monthly_limit_milli` the most milli-units a month, empty = no limit. The
    plan uses it where it is cheaper than what is lost; a pin on subcontract comes on top.
    """

    item = models.ForeignKey("catalog.Item", on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="+")
    unit_cost = models.DecimalField(max_digits=18, decimal_places=4)
    monthly_limit_milli = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["item", "site"]
        constraints = [
            models.UniqueConstraint(fields=["item", "site"], name="subcontractterm_once"),
            models.CheckConstraint(condition=Q(unit_cost__gt=0), name="subcontractterm_costs"),
            models.CheckConstraint(
                condition=Q(monthly_limit_milli__isnull=True) | Q(monthly_limit_milli__gte=0),
                name="subcontractterm_limit_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} for {self.site_id}: {self.unit_cost}"
