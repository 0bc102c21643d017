"""The bridge as a part of the pre-S&OP and the executive page: what it is between, in what measure, by what."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cycles.context import Shell
from cycles.models import Plan
from cycles.selectors import scope_of
from cycles.views.answering import find_plan, page
from finance.charts import UNITS, Step, waterfall
from finance.frames.streams import stream_bridge
from finance.frames.units import YearInUnits, load_year_in_units
from finance.selectors import open_actions, position_of
from finance.selectors.bridges import BridgeStep, cash_steps, margin_steps, revenue_steps
from finance.selectors.position import Position

BRIDGES = ("revenue", "margin", "cash", "streams")
SHOWN_FAMILIES = 8


@page
@require_GET
def bridge(request: HttpRequest, number: str) -> HttpResponse:
    """One of the three bridges alone, for the tabs over the chart."""
    plan = find_plan(request, number)
    position = position_of(plan)
    context: dict[str, Any] = {"plan": plan, "position": position}
    if position is not None:
        context |= bridge_context(request, plan, position)
    return render(request, "finance/_bridge.html", context)


def bridge_context(request: HttpRequest, plan: Plan, position: Position) -> dict[str, Any]:
    """Steps, figure and table of the bridge that the address asks for; in units, the families that move them."""
    if Shell(request).shows_units:
        year = load_year_in_units(plan, scope_of(request.user))
        steps = unit_steps(year)
        return {"bridge": "units", "year": year, "steps": steps, "figure": waterfall(steps, scale=UNITS)}
    kind = request.GET.get("bridge", "revenue")
    kind = kind if kind in BRIDGES else "revenue"
    money = steps_of(kind, plan, position)
    outlook = sum(row.revenue_cents for row in open_actions(plan)) if kind == "revenue" else 0
    figure = waterfall([Step(step.label, step.cents, step.is_total, step.key) for step in money], outlook)
    return {"bridge": kind, "bridges": BRIDGES, "year": None, "steps": money, "figure": figure}


def unit_steps(year: YearInUnits) -> list[Step]:
    """Budget → the families that move most → all others → landing, milli-units; the steps add up exactly."""
    shown = [line for line in year.families[:SHOWN_FAMILIES] if line.gap]
    rest = year.total.gap - sum(line.gap for line in shown)
    steps = [Step("Budget", year.total.budget, is_total=True)]
    steps += [Step(line.name, line.gap, key=line.name) for line in shown]
    if rest:
        steps.append(Step("Other families", rest))
    return [*steps, Step("Landing", year.total.landed, is_total=True)]


def steps_of(kind: str, plan: Plan, position: Position) -> list[BridgeStep]:
    """The steps of one of the bridges."""
    if kind == "streams":
        return stream_bridge(plan, position)
    return {"revenue": revenue_steps, "margin": margin_steps, "cash": cash_steps}[kind](position)
