"""Rates per unit, each valid from a day to a day (both inclusive; empty end = still in force)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

VALID_RANGE = Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))


class ListPrice(models.Model):
    """One list price per unit, in `currency`, for an item everywhere, in one region, or in one market.

    The price of a month is the one in force on its last day, looked up item × market, else item × region, else item.
    Periods of one key never overlap (the import refuses it). Owned by finance; replaced by an import.
    """

    item = models.ForeignKey("catalog.Item", on_delete=models.CASCADE, related_name="list_prices")
    region = models.ForeignKey(
        "catalog.Region",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    market = models.ForeignKey(
        "catalog.Market",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    price = models.DecimalField(max_digits=18, decimal_places=4)
    currency = models.ForeignKey("catalog.Currency", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["item", "region", "market", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "region", "market", "valid_from"],
                nulls_distinct=False,
                name="listprice_one_per_start",
            ),
            models.CheckConstraint(
                condition=Q(region__isnull=True) | Q(market__isnull=True),
                name="listprice_region_or_market",
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="listprice_not_negative"),
            models.CheckConstraint(condition=VALID_RANGE, name="listprice_valid_range"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} from {self.valid_from}: {self.price}"


class StandardCost(models.Model):
    """One standard cost per unit in the reporting currency: total, and its material and conversion parts where known.

    The cost of a month is the one in force on its last day. Periods of one item never overlap (the import refuses
    it). Owned by finance; replaced by an import.
    """

    item = models.ForeignKey("catalog.Item", on_delete=models.CASCADE, related_name="standard_costs")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    total = models.DecimalField(max_digits=18, decimal_places=4)
    material = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    conversion = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)

    class Meta:
        ordering = ["item", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["item", "valid_from"], name="standardcost_one_per_start"),
            models.CheckConstraint(condition=Q(total__gte=0), name="standardcost_not_negative"),
            models.CheckConstraint(
                condition=Q(material__isnull=True, conversion__isnull=True)
                | Q(
                    material__gte=0,
                    conversion__gte=0,
                    total=F("material") + F("conversion"),
                ),
                name="standardcost_parts_add_up",
            ),
            models.CheckConstraint(condition=VALID_RANGE, name="standardcost_valid_range"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} from {self.valid_from}: {self.total}"


class PriceAction(models.Model):
    """One line of an event that moves price and units together: a promotion, a price rise. Grain: event × place × item.

    For one item, else one family, in one market, over a span of months (both inclusive). `fraction` comes off the usual
    net price (0.10 is 10 % less; negative is a price rise). `lift_milli` are the units that the whole line adds in each
    month. An event with a lift moves prices only in plans in which an edit names it, so that both effects stand or fall
    together; an event without one is a mere price change and is in force at once. Owned by finance; replaced by an import.
    One that a planner entered in the portal (`is_entered`) is kept by imports; only such a one may take units back (`lift_milli`
    below 0: the dip after a promotion).
    """

    event = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    market = models.ForeignKey("catalog.Market", on_delete=models.CASCADE, related_name="+")
    family = models.ForeignKey("catalog.Family", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    item = models.ForeignKey("catalog.Item", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    first_month = models.DateField()
    last_month = models.DateField()
    fraction = models.DecimalField(max_digits=5, decimal_places=4)
    lift_milli = models.BigIntegerField(default=0)
    is_entered = models.BooleanField(default=False)

    class Meta:
        ordering = ["event", "market", "family", "item", "first_month"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "market", "family", "item", "first_month"],
                nulls_distinct=False,
                name="priceaction_once",
            ),
            models.CheckConstraint(condition=~Q(event=""), name="priceaction_has_event"),
            models.CheckConstraint(
                condition=Q(family__isnull=True) ^ Q(item__isnull=True), name="priceaction_family_or_item"
            ),
            models.CheckConstraint(condition=Q(fraction__gt=-1, fraction__lt=1), name="priceaction_is_a_fraction"),
            models.CheckConstraint(
                condition=Q(lift_milli__gte=0) | Q(is_entered=True), name="priceaction_lift_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(first_month__day=1, last_month__day=1, last_month__gte=F("first_month")),
                name="priceaction_month_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.first_month:%Y-%m}"


class PlannedDiscount(models.Model):
    """One planned discount off list, as a fraction, for a market in a span of months (both inclusive).

    For one item, else one family, else the whole market: the narrowest wins. Spans of one key never overlap (the
    import refuses it). Owned by finance; where none is given the discount is taken from closed months.
    """

    market = models.ForeignKey("catalog.Market", on_delete=models.CASCADE, related_name="planned_discounts")
    family = models.ForeignKey(
        "catalog.Family",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    item = models.ForeignKey(
        "catalog.Item",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    first_month = models.DateField()
    last_month = models.DateField(null=True, blank=True)
    fraction = models.DecimalField(max_digits=5, decimal_places=4)

    class Meta:
        ordering = ["market", "family", "item", "first_month"]
        constraints = [
            models.UniqueConstraint(
                fields=["market", "family", "item", "first_month"],
                nulls_distinct=False,
                name="planneddiscount_one_per_start",
            ),
            models.CheckConstraint(
                condition=Q(family__isnull=True) | Q(item__isnull=True),
                name="planneddiscount_family_or_item",
            ),
            models.CheckConstraint(
                condition=Q(fraction__gte=0, fraction__lte=1),
                name="planneddiscount_is_a_fraction",
            ),
            models.CheckConstraint(
                condition=Q(first_month__day=1),
                name="planneddiscount_first_month_is_first",
            ),
            models.CheckConstraint(
                condition=Q(last_month__isnull=True) | Q(last_month__day=1, last_month__gte=F("first_month")),
                name="planneddiscount_month_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.market_id} from {self.first_month:%Y-%m}: {self.fraction}"
