"""What is sold, where it is sold, and where it is made."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Category(models.Model):
    """One product category, the top of the item hierarchy. Owned by finance; rows come from the products file."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=~Q(code=""), name="category_has_code")]

    def __str__(self) -> str:
        return self.code


class Family(models.Model):
    """One product family: the level of planning, of mix and of the rights. Belongs to exactly one category."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="families")

    class Meta:
        verbose_name_plural = "families"
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=~Q(code=""), name="family_has_code")]

    def __str__(self) -> str:
        return self.code


class Item(models.Model):
    """One stock-keeping unit: sold, made or bought. Owned by the demand planner; rows come from the products file.

    A component has no family. `launch_date` and `end_date` bound its life (both inclusive; empty = open).
    `plan_decimals` are the decimals of its unit in planning (EA: 2), so the planning quantum is
    10 ** (3 - plan_decimals) milli-units. `uom` never changes once the item has history. `undated_cost` (reporting
    currency per unit) is the standard cost the products file states; it counts only for an item that has no
    `StandardCost` at all. `like_item` is the item whose sales a new one begins like, where it is not the one that it
    succeeds. A service (hours, appointments) is made or bought in the month in which it is delivered and
    can never be stocked.
    """

    class Source(models.TextChoices):
        """Whether the item is made or bought."""

        MAKE = "make", "Make"
        BUY = "buy", "Buy"

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, null=True, blank=True, related_name="items")
    uom = models.CharField(max_length=10, default="EA")
    plan_decimals = models.PositiveSmallIntegerField(default=2)
    make_or_buy = models.CharField(max_length=4, choices=Source.choices, default=Source.MAKE)
    is_sold = models.BooleanField(default=True)
    is_finished = models.BooleanField(default=True)
    is_service = models.BooleanField(default=False)
    launch_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="predecessors",
    )
    like_item = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    lead_time_days = models.PositiveIntegerField(default=0)
    safety_stock_milli = models.BigIntegerField(default=0)
    undated_cost = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="item_has_code"),
            models.CheckConstraint(condition=~Q(uom=""), name="item_has_uom"),
            models.CheckConstraint(condition=Q(plan_decimals__lte=3), name="item_plan_decimals_to_3"),
            models.CheckConstraint(condition=Q(make_or_buy__in=["make", "buy"]), name="item_make_or_buy"),
            models.CheckConstraint(
                condition=Q(end_date__isnull=True) | Q(launch_date__isnull=True) | Q(end_date__gte=F("launch_date")),
                name="item_ends_after_launch",
            ),
            models.CheckConstraint(
                condition=Q(safety_stock_milli__gte=0),
                name="item_safety_stock_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(is_service=False) | Q(safety_stock_milli=0), name="item_service_has_no_safety_stock"
            ),
            models.CheckConstraint(
                condition=Q(undated_cost__isnull=True) | Q(undated_cost__gte=0),
                name="item_cost_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(successor=F("id")),
                name="item_is_not_its_own_successor",
            ),
            models.CheckConstraint(
                condition=Q(like_item__isnull=True) | ~Q(like_item=F("id")), name="item_is_not_like_itself"
            ),
            models.CheckConstraint(
                condition=Q(is_sold=False) | Q(family__isnull=False),
                name="item_sold_has_family",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Region(models.Model):
    """One sales region (the `market` of the files). `currency` is the currency its SALES amounts and prices are in."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    area = models.CharField(max_length=120, default="")
    country = models.CharField(max_length=120, default="")
    currency = models.ForeignKey("catalog.Currency", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=~Q(code=""), name="region_has_code")]

    def __str__(self) -> str:
        return self.code


class Channel(models.Model):
    """One way of selling (direct, dealers, …)."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=~Q(code=""), name="channel_has_code")]

    def __str__(self) -> str:
        return self.code


class Market(models.Model):
    """One region × channel, code `US-NW/RESELLER`: the place in which a series is planned. Made from both files."""

    code = models.CharField(max_length=41, unique=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="markets")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="markets")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["region", "channel"], name="market_one_per_region_and_channel"),
            models.CheckConstraint(condition=~Q(code=""), name="market_has_code"),
        ]

    def __str__(self) -> str:
        return self.code


class Site(models.Model):
    """One place that makes, buys or stocks. `MAIN` always exists and is used where a company names no other."""

    MAIN = "MAIN"

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=~Q(code=""), name="site_has_code")]

    def __str__(self) -> str:
        return self.code
