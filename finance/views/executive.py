"""The executive page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cycles.context import Shell
from cycles.policy import Action
from cycles.selectors import latest_snapshot, open_decisions, scope_of, waivers_of
from cycles.services.access import is_allowed
from cycles.services.runs import is_stale
from cycles.views.answering import find_plan, page
from finance.charts import Step, waterfall
from finance.frames.units import load_year_in_units
from finance.selectors import cards_of, family_gaps, headline, open_actions, position_of, valid_adjustments
from finance.selectors.bridges import revenue_steps


@page
@require_GET
def executive(request: HttpRequest, number: str) -> HttpResponse:
    """One page: five numbers, the decisions, what was waived for how much, and the approval."""
    plan = find_plan(request, number)
    position = position_of(plan)
    waivers = list(waivers_of(plan))
    context: dict[str, Any] = {
        "plan": plan,
        "position": position,
        "decisions": plan.decisions.select_related("owner", "taken_by").order_by("-state", "id"),
        "open_decisions": open_decisions(plan).count(),
        "may_take": is_allowed(actor=request.user, action=Action.TAKE_DECISION, plan=plan),
        "waivers": waivers,
        "waived_cents": sum(abs(row.money_cents or 0) for row in waivers),
        "snapshot": latest_snapshot(plan),
        "actions": open_actions(plan),
        "adjustments": valid_adjustments(plan),
    }
    if position is not None:
        year = load_year_in_units(plan, scope_of(request.user)) if Shell(request).shows_units else None
        steps = revenue_steps(position)
        context |= {
            "headline": headline(plan, position),
            "cards": cards_of(plan, position),
            "gaps": family_gaps(plan),
            "is_stale": is_stale(position.run, plan),
            "year": year,
            "steps": steps,
            "figure": waterfall([Step(step.label, step.cents, step.is_total, step.key) for step in steps]),
        }
    return render(request, "finance/executive.html", context)
