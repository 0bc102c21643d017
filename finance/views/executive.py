"""The executive page: which one number, what may still move it, what is to be decided, and who may approve it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cycles.context import Shell
from cycles.models import Plan, SignOff
from cycles.policy import Action
from cycles.selectors import latest_snapshot, open_decisions, stage_of, waivers_of
from cycles.services.access import is_allowed, why_not_approve
from cycles.services.runs import is_stale
from cycles.views.answering import find_plan, page
from cycles.workflow import StageKind
from finance.selectors import headline, position_of, valid_adjustments
from finance.selectors.assumed import shifted_assumptions
from finance.selectors.changes import changes_of
from finance.selectors.exposure import exposures_of
from finance.selectors.refill import refill_of
from finance.selectors.scorecard import scorecard
from finance.views.bridges import bridge_context

SHOWN = 8  # lines of a list on the one sheet; what stands behind them is one line with its sum


@page
@require_GET
def executive(request: HttpRequest, number: str) -> HttpResponse:
    """One page: five numbers, the bridge, what may move it, the decisions, what was waived, and the approval."""
    plan = find_plan(request, number)
    position = position_of(plan)
    context: dict[str, Any] = {"plan": plan, "position": position, "today": timezone.localdate()}
    context |= approval_context(request, plan)
    if position is not None:
        in_units = Shell(request).shows_units
        waivers = sorted(waivers_of(plan), key=lambda row: -abs(row.money_cents or 0))
        exposures = exposures_of(plan)
        context |= {
            "headline": headline(plan, position),
            "scores": scorecard(plan, position, in_units=in_units),
            "refill": refill_of(plan),
            "is_stale": is_stale(position.run, plan),
            "decisions": plan.decisions.select_related("owner", "taken_by").order_by("state", "due_on", "id"),
            "open_decisions": open_decisions(plan).count(),
            "may_take": is_allowed(actor=request.user, action=Action.TAKE_DECISION, plan=plan),
            "exposures": exposures[:SHOWN],
            "other_exposures": exposures[SHOWN:],
            "other_expected": sum(row.expected_cents or 0 for row in exposures[SHOWN:]),
            "shifts": shifted_assumptions(plan),
            "changes": changes_of(plan, in_units=in_units),
            "waivers": waivers[:SHOWN],
            "waived_cents": sum(abs(row.money_cents or 0) for row in waivers),
            "other_waivers": waivers[SHOWN:],
            "other_waived": sum(abs(row.money_cents or 0) for row in waivers[SHOWN:]),
            "adjustments": valid_adjustments(plan),
        }
        context |= bridge_context(request, plan, position)
    return render(request, "finance/executive.html", context)


def approval_context(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    """The executive stage, the last snapshot, what was said at its approval, and why this person may not approve."""
    stage = stage_of(plan, StageKind.EXECUTIVE)
    said = SignOff.objects.filter(stage=stage, round=stage.round, action="approve").select_related("actor").first()
    return {
        "stage": stage,
        "snapshot": latest_snapshot(plan),
        "approval": said if stage.approved_by_id else None,
        "why_not": why_not_approve(actor=request.user, stage=stage),
    }
