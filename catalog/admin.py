"""The ground in Django's admin: to look things up. Files change it, not forms."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from catalog.models import (
    Category,
    Channel,
    Company,
    Family,
    FxRate,
    ImportBatch,
    Item,
    ListPrice,
    Market,
    PlannedDiscount,
    ReferencePlan,
    Region,
    Site,
    StandardCost,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows rows and changes none: every change is an import, so that it has a file, a person and a time."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds a row by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes a row by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes a row by hand."""
        return False


@admin.register(Company, Category, Family, Region, Channel, Market, Site, ReferencePlan, PlannedDiscount)
class PlainAdmin(ReadOnlyAdmin):
    """Tables that are short enough to read."""


@admin.register(Item)
class ItemAdmin(ReadOnlyAdmin):
    """Items by code and name."""

    list_display = ("code", "name", "family", "uom", "make_or_buy", "is_sold", "launch_date", "end_date")
    list_filter = ("make_or_buy", "is_sold", "family")
    search_fields = ("code", "name")
    list_select_related = ("family",)


@admin.register(ListPrice)
class ListPriceAdmin(ReadOnlyAdmin):
    """Prices by item."""

    list_display = ("item", "region", "market", "valid_from", "valid_to", "price", "currency")
    search_fields = ("item__code",)
    list_select_related = ("item", "region", "market", "currency")


@admin.register(StandardCost)
class StandardCostAdmin(ReadOnlyAdmin):
    """Costs by item."""

    list_display = ("item", "valid_from", "valid_to", "total", "material", "conversion")
    search_fields = ("item__code",)
    list_select_related = ("item",)


@admin.register(FxRate)
class FxRateAdmin(ReadOnlyAdmin):
    """Exchange rates by currency."""

    list_display = ("currency", "month", "kind", "rate")
    list_filter = ("currency", "kind")


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    """Files handed in, without their content."""

    list_display = ("id", "dataset", "file_name", "status", "row_count", "staged_by", "staged_at")
    list_filter = ("dataset", "status")
    exclude = ("content",)
