"""The pre-S&OP page: headline, five numbers, the bridge with its drill, gaps, actions, adjustments, sign-off."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cycles.context import Shell
from cycles.models import ACTIVE_STATES, Plan, Run
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import is_allowed
from cycles.services.runs import is_stale
from cycles.views.answering import find_plan, page
from finance.charts import UNITS, Line, lines_by_month
from finance.frames.drill import KEY_OF_LEVEL, NEXT_LEVEL, Drill, DrillRow, Level, Node, drill_bridge, edits_behind
from finance.frames.units import YearInUnits
from finance.models import ActionState, CompanyMonth
from finance.selectors import actions_of, cards_of, family_gaps, headline, position_of, valid_adjustments
from finance.selectors.changes import changes_of
from finance.selectors.headline import DRIVER_WORDS
from finance.selectors.position import KIND, Position
from finance.selectors.refill import refill_of
from finance.subjects import bridge_key
from finance.views.bridges import bridge_context

MILLIONS_FROM = 1_000_000_000  # cents: a table of ten millions and more is read in millions


@page
@require_GET
def reconciliation(request: HttpRequest, number: str) -> HttpResponse:
    """Why do plan and budget differ? The whole answer on one page."""
    plan = find_plan(request, number)
    position = position_of(plan)
    active = Run.objects.filter(plan=plan, kind=KIND, state__in=ACTIVE_STATES).order_by("-id").first()
    context: dict[str, Any] = {"plan": plan, "position": position, "active_run": active}
    if position is not None:
        actions = list(actions_of(plan))
        context |= {
            "headline": headline(plan, position),
            "cards": cards_of(plan, position),
            "is_stale": is_stale(position.run, plan),
            "gaps": family_gaps(plan),
            "actions": actions,
            "today": timezone.localdate(),
            "open_revenue": sum(row.revenue_cents for row in actions if ActionState(row.state).is_open),
            "open_margin": sum(row.margin_cents for row in actions if ActionState(row.state).is_open),
            "adjustments": valid_adjustments(plan),
            "changes": changes_of(plan, in_units=Shell(request).shows_units),
            "refill": refill_of(plan),
            "sign_offs": plan.stages.select_related("submitted_by", "approved_by").order_by("position"),
            "may_adjust": is_allowed(actor=request.user, action=Action.ADJUST, plan=plan),
            "may_act": is_allowed(actor=request.user, action=Action.NAME_ACTION, plan=plan),
            "may_decide": is_allowed(actor=request.user, action=Action.RECORD_DECISION, plan=plan),
        }
        context |= bridge_context(request, plan, position)
        year = context["year"]
        context["months_figure"] = units_figure(position, year) if year else months_figure(plan, position)
    return render(request, "finance/reconciliation.html", context)


@page
@require_GET
def drill(request: HttpRequest, number: str) -> HttpResponse:
    """The nodes under a node with every driver; at the months of one series, the edits behind it."""
    plan = find_plan(request, number)
    node, level = node_of(request), level_of(request)
    table = drill_bridge(plan, node, level, scope_of(request.user))
    context = {
        "plan": plan,
        "drill": table,
        "bridge_key": bridge_key(node),
        "drivers": [words.capitalize() for words in DRIVER_WORDS.values()],
        "lines": [(row, _query_below(table, row)) for row in table.rows],
        "steps": [(label, query_of(step, below)) for label, step, below in table.path],
        "others": [
            (other, query_of(node, other)) for other in Level if KEY_OF_LEVEL.get(other, "") not in node.filters
        ],
        "in_millions": abs(table.total.budget) >= MILLIONS_FROM or abs(table.total.landing) >= MILLIONS_FROM,
        "edits": edits_behind(plan, node.item_id, node.market_id) if node.item_id and node.market_id else [],
    }
    return render(request, "finance/_drill.html" if request.htmx else "finance/drill.html", context)


def months_figure(plan: Plan, position: Position) -> dict[str, Any]:
    """Actual and plan revenue, budget, and the last cycle's plan, by month."""
    months = position.months
    lines = [
        Line("Budget", [row.budget_revenue_cents for row in months], "var(--ink-3)", "dash", 1.5),
        Line("Unconstrained", [row.upside_cents for row in months], "var(--accent)", "dot", 1.5),
        Line("Plan", [row.revenue_cents for row in months], "var(--accent)", width=2.5),
    ]
    if plan.previous is not None:
        rows = CompanyMonth.objects.filter(plan=plan.previous).values_list("month", "revenue_cents")
        before = dict(rows)
        lines.insert(1, Line("Last cycle", [before.get(row.month) for row in months], "var(--previous)"))
    return lines_by_month([row.month for row in months], sum(row.is_closed for row in months), lines)


def units_figure(position: Position, year: YearInUnits) -> dict[str, Any]:
    """Units landed, wanted and budgeted by month of the fiscal year; beyond it there is no budget to stand beside."""
    closed = sum(row.is_closed for row in position.year_months)
    lines = [
        Line("Budget", [line.budget for line in year.by_month], "var(--ink-3)", "dash", 1.5),
        Line("Unconstrained", [line.wanted for line in year.by_month], "var(--accent)", "dot", 1.5),
        Line("Plan", [line.landed for line in year.by_month], "var(--accent)", width=2.5),
    ]
    return lines_by_month(year.months, closed, lines, scale=UNITS)


def node_of(request: HttpRequest) -> Node:
    """The node in the address; what is no number counts as not chosen."""
    keys = {name: request.GET.get(name, "") for name in ("category", "family", "item", "market", "region")}
    return Node(**{f"{name}_id": int(text) for name, text in keys.items() if text.isdecimal()})


def level_of(request: HttpRequest) -> Level:
    """The level in the address, families by default."""
    text = request.GET.get("level", "")
    return Level(text) if text in list(Level) else Level.FAMILY


def query_of(node: Node, level: Level) -> str:
    """The query that leads to the rows of a level under a node."""
    chosen = [f"{column.removesuffix('_id')}={key}" for column, key in node.filters.items()]
    return "&".join([*chosen, f"level={level.value}"])


def _query_below(table: Drill, row: DrillRow) -> str:
    if row.key is None or table.level not in NEXT_LEVEL:
        return ""
    return query_of(table.node.within(table.level, row.key), NEXT_LEVEL[table.level])
