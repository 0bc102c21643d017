"""The pre-S&OP page: headline, five numbers, the bridge with its drill, gaps, actions, adjustments, sign-off."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cycles.charts import UNITS
from cycles.context import Shell
from cycles.models import ACTIVE_STATES, Plan, Run
from cycles.policy import Action
from cycles.selectors import open_decisions
from cycles.services.access import is_allowed
from cycles.services.runs import is_stale
from cycles.views.answering import find_plan, page
from finance.charts import Line, lines_by_month
from finance.frames.units import YearInUnits
from finance.models import ActionState, CompanyMonth
from finance.selectors import actions_of, cards_of, family_gaps, headline, position_of, valid_adjustments
from finance.selectors.answers import answer_rule
from finance.selectors.changes import changes_of
from finance.selectors.position import KIND, Position
from finance.selectors.reference import current_reference
from finance.selectors.refill import refill_of
from finance.selectors.region_gaps import region_gaps
from finance.views.bridges import bridge_context


@page
@require_GET
def reconciliation(request: HttpRequest, number: str) -> HttpResponse:
    """Why do plan and budget differ? The whole answer on one page."""
    plan = find_plan(request, number)
    position = position_of(plan)
    active = Run.objects.filter(plan=plan, kind=KIND, state__in=ACTIVE_STATES).order_by("-id").first()
    context: dict[str, Any] = {"plan": plan, "position": position, "active_run": active}
    if position is not None:
        in_units = Shell(request).shows_units
        context |= {
            "headline": headline(plan, position),
            "cards": cards_of(plan, position),
            "is_stale": is_stale(position.run, plan),
            "regions": region_gaps(plan),
            "adjustments": valid_adjustments(plan),
            "changes": changes_of(plan, in_units=in_units),
            "refill": refill_of(plan),
            "sign_offs": plan.stages.select_related("submitted_by", "approved_by").order_by("position"),
            "may_adjust": is_allowed(actor=request.user, action=Action.ADJUST, plan=plan),
            "may_act": is_allowed(actor=request.user, action=Action.NAME_ACTION, plan=plan),
        }
        context |= answers_context(request, plan, position)
        context |= bridge_context(request, plan, position)
        year = context["year"]
        context["months_figure"] = units_figure(position, year) if year else months_figure(plan, position)
    return render(request, "finance/reconciliation.html", context)


def answers_context(request: HttpRequest, plan: Plan, position: Position) -> dict[str, Any]:
    """Gaps to the current reference, the actions against them with what is open of them, and the decisions."""
    actions = list(actions_of(plan))
    still_open = [row for row in actions if ActionState(row.state).is_open]
    reference = current_reference(plan)
    return {
        "gaps": family_gaps(plan),
        "rule": answer_rule(plan),
        "reference": reference,
        "reference_gap": position.finance_landing - reference.revenue_cents if reference else None,
        "actions": actions,
        "today": timezone.localdate(),
        "open_revenue": sum(row.revenue_cents for row in still_open),
        "open_margin": sum(row.margin_cents for row in still_open),
        "open_cash": sum(row.cash_cents for row in still_open),
        "open_expected": sum(row.expected_cents for row in still_open),
        "decisions": plan.decisions.select_related("owner", "taken_by").order_by("state", "due_on", "id"),
        "open_decisions": open_decisions(plan).count(),
        "may_decide": is_allowed(actor=request.user, action=Action.RECORD_DECISION, plan=plan),
        "may_take": is_allowed(actor=request.user, action=Action.TAKE_DECISION, plan=plan),
    }


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
