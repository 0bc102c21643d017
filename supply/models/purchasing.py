"""Where things come from: suppliers, their terms, and the lanes from sites to markets."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Supplier(models.Model):
    """One supplier. `payment_days` are the days until its invoices are paid; empty = the company's DPO."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    is_preferred = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    payment_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=~Q(code=""), name="supplier_has_code")]

    def __str__(self) -> str:
        return self.code


class PurchaseTerm(models.Model):
    """What one supplier asks for one item. Grain: item × supplier.

    `price` is per `uom`, the SUPPLIER's unit (case, carton, …), which may differ from the item's: it is then not used
    and the gate `supply.component_uom` says so. Order quantities are milli-units of that unit. `monthly_limit_milli`
    (item units) limits what one site can buy in a month; empty = no known limit.
    """

    item = models.ForeignKey("catalog.Item", on_delete=models.CASCADE, related_name="purchase_terms")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="terms")
    lead_time_days = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=18, decimal_places=4)
    currency = models.ForeignKey("catalog.Currency", on_delete=models.PROTECT, related_name="+")
    uom = models.CharField(max_length=10)
    minimum_order_milli = models.BigIntegerField(null=True, blank=True)
    maximum_order_milli = models.BigIntegerField(null=True, blank=True)
    on_order_milli = models.BigIntegerField(null=True, blank=True)
    monthly_limit_milli = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["item", "supplier"]
        constraints = [
            models.UniqueConstraint(fields=["item", "supplier"], name="purchaseterm_once"),
            models.CheckConstraint(condition=Q(price__gte=0), name="purchaseterm_price_not_negative"),
            models.CheckConstraint(
                condition=Q(monthly_limit_milli__isnull=True) | Q(monthly_limit_milli__gte=0),
                name="purchaseterm_limit_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} from {self.supplier_id}"


class Sourcing(models.Model):
    """One lane: a site that serves a market with an item, a family, or (both empty) everything.

    The narrowest rows win: item, else family, else all. `share` (fractions adding to 1 per market) splits the demand
    firmly; else every lane may be used, lower `priority` first. `freight` is reporting currency per unit. Without any
    row for a market the site MAIN serves it free of freight.
    """

    item = models.ForeignKey("catalog.Item", on_delete=models.CASCADE, null=True, blank=True, related_name="lanes")
    family = models.ForeignKey("catalog.Family", on_delete=models.CASCADE, null=True, blank=True, related_name="lanes")
    market = models.ForeignKey("catalog.Market", on_delete=models.CASCADE, related_name="lanes")
    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="lanes")
    share = models.DecimalField(max_digits=6, decimal_places=4, null=True, blank=True)
    priority = models.PositiveSmallIntegerField(default=1)
    freight = models.DecimalField(max_digits=18, decimal_places=4, default=0)

    class Meta:
        ordering = ["item", "family", "market", "priority", "site"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "family", "market", "site"], nulls_distinct=False, name="sourcing_lane_once"
            ),
            models.CheckConstraint(condition=Q(item__isnull=True) | Q(family__isnull=True), name="sourcing_one_level"),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__gte=0, share__lte=1), name="sourcing_share_is_fraction"
            ),
            models.CheckConstraint(condition=Q(freight__gte=0), name="sourcing_freight_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} → {self.market_id}"
