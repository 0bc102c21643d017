"""Input and output of every operation, field by field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

MAX_ROWS = 50_000
USUAL_ROWS = 5_000
LARGEST_AMOUNT = Decimal(2**63 // 100)


class RowsQuery(serializers.Serializer[Any]):
    """Which rows, and how."""

    cursor = serializers.CharField(required=False, default="", max_length=200, help_text="`next_cursor` of a page")
    page_size = serializers.IntegerField(
        required=False,
        default=USUAL_ROWS,
        min_value=1,
        max_value=MAX_ROWS,
        help_text="about how many rows; the months of a series are never cut apart",
    )
    whole_units = serializers.BooleanField(
        required=False,
        default=False,
        help_text="round quantities to whole units, carrying the remainder to the next month",
    )


class Totals(serializers.Serializer[Any]):
    """Control totals of the lines."""

    series = serializers.CharField()
    rows = serializers.CharField()
    quantity = serializers.CharField()
    unconstrained_quantity = serializers.CharField()
    amount = serializers.CharField()


class SupplyTotals(serializers.Serializer[Any]):
    """Control totals of production and purchases."""

    series = serializers.CharField()
    rows = serializers.CharField()
    production_quantity = serializers.CharField()
    overtime_quantity = serializers.CharField()
    purchase_quantity = serializers.CharField()
    shipped_quantity = serializers.CharField()
    overtime_amount = serializers.CharField()
    freight_amount = serializers.CharField()


class PlanHeader(serializers.Serializer[Any]):
    """An approved plan."""

    plan_number = serializers.CharField()
    cycle = serializers.CharField()
    snapshot_hash = serializers.CharField()
    status = serializers.ChoiceField(choices=["approved", "superseded"])
    superseded_by = serializers.CharField(allow_null=True)
    first_month = serializers.DateField()
    horizon_months = serializers.IntegerField()
    revision = serializers.IntegerField()
    currency = serializers.CharField()
    approved_by = serializers.CharField()
    approved_at = serializers.DateTimeField()
    replaces = serializers.ChoiceField(choices=["whole_horizon"])
    totals = Totals()
    supply_totals = SupplyTotals()
    lines_url = serializers.CharField()
    supply_url = serializers.CharField()


class RowHead(serializers.Serializer[Any]):
    """What every row begins with."""

    plan_number = serializers.CharField()
    snapshot_hash = serializers.CharField()
    status = serializers.ChoiceField(choices=["approved"])
    period_start = serializers.DateField()
    period_end = serializers.DateField()
    bucket = serializers.ChoiceField(choices=["month"])
    item = serializers.CharField()


class Line(RowHead):
    """One item in one market in one month."""

    site = serializers.CharField(allow_blank=True, help_text="empty when several sites ship the item")
    market = serializers.CharField()
    quantity = serializers.CharField(help_text="approved constrained shipments")
    unconstrained_quantity = serializers.CharField()
    uom = serializers.CharField()
    amount = serializers.CharField(help_text="authoritative; never recompute it from the price")
    unit_price = serializers.CharField(allow_null=True, help_text="amount ÷ quantity, null without a quantity")
    currency = serializers.CharField()
    family = serializers.CharField()


class SupplyRow(RowHead):
    """One item at one site in one month."""

    site = serializers.CharField()
    production_quantity = serializers.CharField()
    overtime_quantity = serializers.CharField()
    purchase_quantity = serializers.CharField()
    subcontract_quantity = serializers.CharField()
    consumed_quantity = serializers.CharField()
    shipped_quantity = serializers.CharField()
    closing_stock_quantity = serializers.CharField(allow_null=True, help_text="null: a service is never stocked")
    uom = serializers.CharField()
    overtime_amount = serializers.CharField()
    expedite_amount = serializers.CharField()
    subcontract_amount = serializers.CharField()
    freight_amount = serializers.CharField()
    currency = serializers.CharField()


class PageHead(serializers.Serializer[Any]):
    """What every page says about the whole list."""

    plan_number = serializers.CharField()
    snapshot_hash = serializers.CharField()
    replaces = serializers.ChoiceField(choices=["whole_horizon"])
    next_cursor = serializers.CharField(allow_null=True)


class LinePage(PageHead):
    """A page of lines; the totals are those of the whole list."""

    totals = Totals()
    rows = Line(many=True)


class SupplyPage(PageHead):
    """A page of production and purchases; the totals are those of the whole list."""

    totals = SupplyTotals()
    rows = SupplyRow(many=True)


class Difference(serializers.Serializer[Any]):
    """An item that the ERP took differently."""

    item = serializers.CharField(max_length=40)
    reason = serializers.CharField(max_length=500)


class LoadedInput(serializers.Serializer[Any]):
    """What the ERP loaded."""

    loaded_rows = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    loaded_amount = serializers.DecimalField(
        max_digits=18, decimal_places=2, min_value=-LARGEST_AMOUNT, max_value=LARGEST_AMOUNT
    )
    reference = serializers.CharField(required=False, default="", allow_blank=True, max_length=80)
    differences = Difference(many=True, required=False, default=list)


class LoadedAnswer(serializers.Serializer[Any]):
    """How that compares with what was approved."""

    id = serializers.IntegerField()
    plan_number = serializers.CharField()
    snapshot_hash = serializers.CharField()
    loaded_rows = serializers.CharField()
    loaded_amount = serializers.CharField()
    approved_rows = serializers.CharField()
    approved_amount = serializers.CharField()
    agrees = serializers.BooleanField()


class Problem(serializers.Serializer[Any]):
    """Why a request was refused."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="stable; decide by this, not by the words")
    detail = serializers.CharField()
    faults = serializers.JSONField(required=False)
