"""The trace of a dollar: bar → family → item → market → cell → gestures and people, and from a gesture back up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from cycles.models import Plan
from cycles.selectors import scope_of
from cycles.views.answering import find_plan, page
from demand.models import Edit, EditKind
from finance.calc.bridge import Driver
from finance.frames.cell_trace import cell_trace, month_of
from finance.frames.drill import KEY_OF_LEVEL, NEXT_LEVEL, Drill, DrillRow, Level, Node, TrailStep, drill_bridge
from finance.frames.edit_effects import GestureEffect, gesture_effect, gesture_rows
from finance.selectors.headline import DRIVER_WORDS
from finance.subjects import bridge_key

MILLIONS_FROM = 1_000_000_000  # cents: a table of ten millions and more is read in millions
SHOWN_CELLS = 60
SHOWN_GESTURES = 200


@dataclass(frozen=True)
class Crumb:
    """One step of the way: where it leads, and its gap (or the driver in focus) in cents."""

    label: str
    url: str
    cents: int


@page
@require_GET
def drill(request: HttpRequest, number: str) -> HttpResponse:
    """The nodes under a node with every driver; the months of one series lead to its cells."""
    plan = find_plan(request, number)
    node, level, driver = node_of(request), level_of(request), driver_of(request)
    table = drill_bridge(plan, node, level, scope_of(request.user))
    table = table.ranked_by(driver) if driver else table
    context = {
        "plan": plan,
        "drill": table,
        "driver": driver,
        "bridge_key": bridge_key(node),
        "drivers": [(each, words.capitalize()) for each, words in DRIVER_WORDS.items()],
        "lines": [(row, url_below(plan, table, row, driver)) for row in table.rows],
        "crumbs": crumbs_of(plan, table.trail, driver),
        "others": [
            (other, drill_url(plan, node, other, driver))
            for other in Level
            if KEY_OF_LEVEL.get(other, "") not in node.filters
        ],
        "in_millions": abs(table.total.budget) >= MILLIONS_FROM or abs(table.total.landing) >= MILLIONS_FROM,
    }
    return render(request, "finance/_drill.html" if request.htmx else "finance/drill.html", context)


@page
@require_GET
def cell(request: HttpRequest, number: str) -> HttpResponse:
    """One item in one market in one month: its drivers, its baseline, the gestures upon it and their people."""
    plan = find_plan(request, number)
    month = month_of(request.GET.get("month", ""))
    node, driver = node_of(request), driver_of(request)
    if month is None or not node.is_series:
        raise Http404
    trace = cell_trace(plan, Node(item_id=node.item_id, market_id=node.market_id), month, scope_of(request.user))
    if trace is None:
        raise Http404
    context = {
        "plan": plan,
        "trace": trace,
        "driver": driver,
        "drivers": [(each, DRIVER_WORDS[each].capitalize(), cents) for each, cents in trace.drivers],
        "crumbs": crumbs_of(plan, trace.trail, driver),
    }
    return render(request, "finance/cell.html", context)


@page
@require_GET
def edits(request: HttpRequest, number: str) -> HttpResponse:
    """Every gesture of the plan by what it moved, of one stream or one person where the address says so."""
    plan = find_plan(request, number)
    asked = request.GET.get("stream", "")
    stream = asked if asked in list(EditKind) else ""
    person = request.GET.get("person", "")
    rows = gesture_rows(plan, scope_of(request.user), stream=stream, person=person)
    context = {
        "plan": plan,
        "stream": stream,
        "person": person,
        "streams": [("", "All"), *((kind.value, kind.label) for kind in EditKind)],
        "rows": rows[:SHOWN_GESTURES],
        "count": len(rows),
        "upside": sum(row.moved.upside for row in rows),
        "revenue": sum(row.moved.revenue for row in rows),
    }
    return render(request, "finance/edits.html", context)


@page
@require_GET
def edit(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    """What one gesture moved in revenue, COGS, margin and cash, and the way from it up to the company."""
    plan = find_plan(request, number)
    found = get_object_or_404(Edit.objects.select_related("author"), plan=plan, revision=revision)
    effect = gesture_effect(plan, found, scope_of(request.user))
    if effect is None:
        raise Http404
    context = {
        "plan": plan,
        "edit": found,
        "effect": effect,
        "cells": [(each, cell_url(plan, each.item_id, each.market_id, each.month_key)) for each in shown_cells(effect)],
        "further": len(effect.cells) - SHOWN_CELLS,
        "crumbs": crumbs_of(plan, effect.trail, None),
        "undone_by": Edit.objects.filter(undoes=found).first(),
    }
    return render(request, "finance/edit.html", context)


def shown_cells(effect: GestureEffect) -> tuple[Any, ...]:
    """The largest cells of a gesture."""
    return effect.cells[:SHOWN_CELLS]


def node_of(request: HttpRequest) -> Node:
    """The node in the address; what is no number counts as not chosen."""
    keys = {name: request.GET.get(name, "") for name in ("category", "family", "item", "market", "region", "channel")}
    return Node(**{f"{name}_id": int(text) for name, text in keys.items() if text.isdecimal()})


def level_of(request: HttpRequest) -> Level:
    """The level in the address, families by default."""
    text = request.GET.get("level", "")
    return Level(text) if text in list(Level) else Level.FAMILY


def driver_of(request: HttpRequest) -> Driver | None:
    """The driver in focus, None for all of them."""
    text = request.GET.get("driver", "")
    return Driver(text) if text in list(Driver) else None


def crumbs_of(plan: Plan, trail: tuple[TrailStep, ...], driver: Driver | None) -> list[Crumb]:
    """The trail as links, each with its gap, or its part of the driver in focus."""
    place = list(Driver).index(driver) if driver else None
    return [
        Crumb(
            step.label,
            drill_url(plan, step.node, step.below, driver),
            step.total.gap if place is None else step.total.drivers[place],
        )
        for step in trail
    ]


def drill_url(plan: Plan, node: Node, level: Level, driver: Driver | None) -> str:
    """The address of the rows of a level under a node, with the driver in focus."""
    chosen = [f"{column.removesuffix('_id')}={key}" for column, key in node.filters.items()]
    chosen += [f"level={level.value}", *([f"driver={driver.value}"] if driver else [])]
    return f"{reverse('finance:drill', args=[plan.number])}?{'&'.join(chosen)}"


def cell_url(plan: Plan, item_id: int, market_id: int, month: str) -> str:
    """The address of one cell."""
    return f"{reverse('finance:cell', args=[plan.number])}?item={item_id}&market={market_id}&month={month}"


def url_below(plan: Plan, table: Drill, row: DrillRow, driver: Driver | None) -> str:
    """Where a row of the drill leads: the rows below it, or the cell of a series' month; '' at the end."""
    node = table.node
    if table.level == Level.MONTH:
        if not (node.item_id and node.market_id):
            return ""
        return cell_url(plan, node.item_id, node.market_id, row.label) + (f"&driver={driver.value}" if driver else "")
    if row.key is None or table.level not in NEXT_LEVEL:
        return ""
    return drill_url(plan, node.within(table.level, row.key), _below(node, table.level), driver)


def _below(node: Node, level: Level) -> Level:
    """The level under a row, past what is already chosen: an item of a chosen market opens its months."""
    below = NEXT_LEVEL[level]
    while KEY_OF_LEVEL.get(below, "") in node.filters:
        below = NEXT_LEVEL[below]
    return below
