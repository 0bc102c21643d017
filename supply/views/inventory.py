"""The inventory page: stock against target and budget, what is stranded, and the same as a file."""

from __future__ import annotations

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog.calc.inert_text import inert
from cycles.selectors import scope_of
from cycles.views.answering import find_plan, page
from supply.charts import band_figure
from supply.selectors import supply_state
from supply.services.frozen_stock import lost_demand_of
from supply.services.inventory import Inventory, inventory_of
from supply.services.plan_policy import policy_costs
from supply.services.stock_book import INVENTORY_POLICY, InventoryItem
from supply.services.stock_terms import rooms_of

SHOWN = 200
SHOWN_STRANDED = 50
STATUSES = ("below", "inside", "above", "no demand")


@page
@require_GET
def inventory(request: HttpRequest, number: str) -> HttpResponse:
    """Show the stock of the plan in units or value: target band, plan and budget by month, and every item."""
    plan = find_plan(request, number)
    scope = scope_of(request.user)
    shown = inventory_of(plan, scope)
    status = request.GET.get("status", "")
    items = [row for row in shown.items if status not in STATUSES or row.status == status]
    stranded = shown.stranded[:SHOWN_STRANDED]
    lost = lost_demand_of(plan, list(stranded))
    context = {
        "plan": plan,
        "state": supply_state(plan),
        "shown": shown,
        "items": items[:SHOWN],
        "item_count": len(items),
        "status": status,
        "statuses": [(name, shown.count(name)) for name in STATUSES],
        "stranded": [(row, lost.get(row.item_id)) for row in stranded],
        "has_before": plan.previous is not None,
        "chart": _chart(shown),
        "policy": INVENTORY_POLICY,
        "costs": policy_costs(plan),
        "rooms": rooms_of(plan) if scope.is_everything else [],
        "is_scoped": not scope.is_everything,
    }
    return render(request, "supply/inventory.html", context)


def _chart(shown: Inventory) -> dict[str, object] | None:
    months = shown.months[1:]
    if not months:
        return None
    return band_figure(months, unit=_("at standard cost"))


HEADER = (
    "item", "name", "family", "class", "service_level", "units", "value", "cover_days", "least_units", "most_units",
    "status", "safety_stock_planned", "safety_stock_certain_lead_time", "safety_stock_both_variable", "reorder_point",
    "excess_units", "excess_value", "obsolete_units", "obsolete_value", "expires_units", "shelf_life_days", "age_months",
)  # fmt: skip


@page
@require_GET
def inventory_csv(request: HttpRequest, number: str) -> HttpResponse:
    """Every item of the page as a file; blank = not known or no demand, never 0 for it."""
    plan = find_plan(request, number)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="inventory-{plan.number}.csv"'
    sheet = csv.writer(response)
    sheet.writerow(HEADER)
    for row in inventory_of(plan, scope_of(request.user)).items:
        sheet.writerow(_line(row))
    return response


def _line(row: InventoryItem) -> list[object]:
    def units(milli: int) -> str:
        return f"{milli / 1000:.2f}"

    def number(value: float | None) -> str:
        return "" if value is None else f"{value:.1f}"

    return [
        inert(row.code), inert(row.name), inert(row.family), row.abc_class, f"{row.service:.4f}", units(row.units),
        "" if row.cents is None else f"{row.cents / 100:.2f}", number(row.cover), units(row.least), units(row.most),
        row.status, units(row.rule_safety), units(row.certain), units(row.both), units(row.reorder_point),
        units(row.excess), f"{row.excess_cents / 100:.2f}", units(row.obsolete), f"{row.obsolete_cents / 100:.2f}",
        units(row.expires), "" if row.shelf_life is None else row.shelf_life, number(row.age),
    ]  # fmt: skip
