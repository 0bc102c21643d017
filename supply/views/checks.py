"""Checks before solving and requirements for purchasing: the pages, and the same as files."""

from __future__ import annotations

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.calc.inert_text import inert
from cycles.selectors import scope_of
from cycles.views.answering import find_plan, page
from supply.selectors import supply_state
from supply.services.checks import GROUPS, CheckRow, checks_of
from supply.services.frozen_requirements import requirements_shown
from supply.services.requirements import Requirement

SHOWN = 200
VIEWS = ("late", "orders", "all")


@page
@require_GET
def checks(request: HttpRequest, number: str) -> HttpResponse:
    """Show what stands in the way of the plan in its present inputs; `?of=` one group of checks."""
    plan = find_plan(request, number)
    scope = scope_of(request.user)
    shown = checks_of(plan, scope)
    group = request.GET.get("of", "")
    rows = shown.of(group)
    context = {
        "plan": plan,
        "shown": shown,
        "rows": rows[:SHOWN],
        "row_count": len(rows),
        "of": group if group in GROUPS else "",
        "groups": [(name, len(shown.of(name))) for name in GROUPS],
        "is_scoped": not scope.is_everything,
    }
    return render(request, "supply/checks.html", context)


CHECK_HEADER = (
    "check", "subject", "name", "first_month", "last_month", "lacking", "unit", "revenue_waiting", "unpriced_units",
    "expedite_premium", "remedy",
)  # fmt: skip


@page
@require_GET
def checks_csv(request: HttpRequest, number: str) -> HttpResponse:
    """Every finding as a file; a blank revenue = no price is known, never 0 for it."""
    plan = find_plan(request, number)
    response = _file(f"checks-{plan.number}.csv")
    sheet = csv.writer(response)
    sheet.writerow(CHECK_HEADER)
    for row in checks_of(plan, scope_of(request.user)).rows:
        sheet.writerow(_check_line(row))
    return response


def _check_line(row: CheckRow) -> list[object]:
    return [
        str(row.kind), inert(row.subject), inert(row.name), f"{row.first:%Y-%m}", f"{row.last:%Y-%m}",
        _units(row.quantity), row.unit, _money(row.revenue_cents), _units(row.unpriced),
        _money(row.premium_cents) if row.premium_cents else "", str(row.remedy),
    ]  # fmt: skip


@page
@require_GET
def requirements(request: HttpRequest, number: str) -> HttpResponse:
    """Show what is to be ordered by when: `?rows=late`, the `orders`, or `all`; `?supplier=` one of them."""
    plan = find_plan(request, number)
    scope = scope_of(request.user)
    found = requirements_shown(plan, scope)
    view = request.GET.get("rows", "orders")
    supplier = request.GET.get("supplier")
    rows = {"late": [row for row in found.rows if row.is_late], "all": found.rows}.get(view, found.orders)
    if supplier is not None:
        rows = [row for row in rows if row.supplier == supplier]
    context = {
        "plan": plan,
        "state": supply_state(plan),
        "shown": found,
        "rows": rows[:SHOWN],
        "row_count": len(rows),
        "rows_cents": sum(row.cents or 0 for row in rows),
        "view": view if view in VIEWS else "orders",
        "supplier": supplier,
        "late_count": sum(row.is_late for row in found.rows),
        "is_scoped": not scope.is_everything,
    }
    return render(request, "supply/requirements.html", context)


REQUIREMENT_HEADER = (
    "item", "name", "month", "needed", "stock_before", "on_order_now", "order", "expedited", "uom", "order_by",
    "lead_days", "supplier", "supplier_name", "value", "valued_at", "needed_for", "more_parents",
)  # fmt: skip


@page
@require_GET
def requirements_csv(request: HttpRequest, number: str) -> HttpResponse:
    """Every requirement as a file; blank = not known, never 0 for it."""
    plan = find_plan(request, number)
    response = _file(f"requirements-{plan.number}.csv")
    sheet = csv.writer(response)
    sheet.writerow(REQUIREMENT_HEADER)
    for row in requirements_shown(plan, scope_of(request.user)).rows:
        sheet.writerow(_requirement_line(row))
    return response


def _requirement_line(row: Requirement) -> list[object]:
    parents = "; ".join(f"{parent.code or 'delivered'} {_units(parent.milli)}" for parent in row.parents)
    return [
        inert(row.item.code), inert(row.item.name), f"{row.month:%Y-%m}", _units(row.needed), _units(row.before),
        "" if row.on_order is None else _units(row.on_order), _units(row.order), _units(row.expedited), row.item.uom,
        row.order_by or "", row.lead_days, inert(row.supplier), inert(row.supplier_name), _money(row.cents), row.basis,
        inert(parents), row.more,
    ]  # fmt: skip


def _file(name: str) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _units(milli: int) -> str:
    return f"{milli / 1000:.2f}"


def _money(cents: int | None) -> str:
    return "" if cents is None else f"{cents / 100:.2f}"
