"""The pages of what finance says to a gap: the ledger of adjustments, and actions with decisions and promises."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cycles.models import Plan
from cycles.policy import Action as Act
from cycles.services.access import is_allowed
from cycles.views.answering import find_plan, page
from finance.forms import ActionFilter, LedgerFilter
from finance.frames.promises import CONVENTION, history_of, promise_ledger
from finance.models import Action, ActionState
from finance.selectors.adjustments import LedgerEntry, ledger_of, nets_by_year
from finance.selectors.answers import actions_of, answer_rule, family_gaps
from finance.selectors.position import Position, position_of
from finance.selectors.reference import CurrentReference, references_of
from finance.services.reforecast import next_number


@page
@require_GET
def adjustments(request: HttpRequest, number: str) -> HttpResponse:
    """The ledger of named adjustments: what holds, what ends, what it nets to, and what was said about each."""
    plan = find_plan(request, number)
    form = LedgerFilter(request.GET)
    entries = ledger_of(plan)
    asked = form.cleaned_data if form.is_valid() else {}
    years, nets = nets_by_year(entries)
    context = {
        "plan": plan,
        "position": position_of(plan),
        "form": form,
        "is_narrowed": any(asked.values()),
        "entries": [entry for entry in entries if _is_wanted(entry, asked)],
        "known": len(entries),
        "held": sum(entry.holds for entry in entries),
        "ending": [entry for entry in entries if entry.state == "ends"],
        "nets": nets,
        "years": years,
        "may_adjust": is_allowed(actor=request.user, action=Act.ADJUST, plan=plan),
    }
    return render(request, "finance/adjustments.html", context)


@page
@require_GET
def actions(request: HttpRequest, number: str) -> HttpResponse:
    """Decisions with their priced options, references, actions by month, and what was promised against what came."""
    plan = find_plan(request, number)
    position = position_of(plan)
    decisions = list(
        plan.decisions.select_related("owner", "taken_by", "recorded_by").order_by("state", "due_on", "id")
    )
    context: dict[str, Any] = {
        "plan": plan,
        "position": position,
        "decisions": decisions,
        "open_count": sum(row.state == "open" for row in decisions),
        "today": timezone.localdate(),
        "owners": promise_ledger(plan),
        "convention": CONVENTION,
        "may_act": is_allowed(actor=request.user, action=Act.NAME_ACTION, plan=plan),
        "may_record": is_allowed(actor=request.user, action=Act.RECORD_DECISION, plan=plan),
        "may_take": is_allowed(actor=request.user, action=Act.TAKE_DECISION, plan=plan),
        **_listed(request, plan),
        **references_shown(plan, position),
    }
    return render(request, "finance/actions.html", context)


def references_shown(plan: Plan, position: Position | None) -> dict[str, Any]:
    """Each reference of the year with the landing's gap to it, which one gates use, and the rule of the gate."""
    if position is None:
        return {"references": [], "next_number": ""}
    rows = [(row, position.finance_landing - row.revenue_cents) for row in references_of(plan)]
    last: CurrentReference | None = rows[-1][0] if rows else None
    return {
        "references": rows,
        "current_reference": last,
        "next_number": next_number(plan),
        "rule": answer_rule(plan),
        "unanswered": [gap for gap in family_gaps(plan) if not gap.answer],
    }


def _listed(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    form = ActionFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    every = list(actions_of(plan))
    history = history_of(plan)
    shown = [row for row in every if _is_asked(row, asked)]
    still_open = [row for row in every if ActionState(row.state).is_open]
    return {
        "form": form,
        "is_narrowed": any(asked.values()),
        "rows": [(row, history.get(row.pk, [])) for row in shown],
        "known": len(every),
        "open_actions": len(still_open),
        "expected": sum(row.expected_cents for row in still_open),
    }


def _is_wanted(entry: LedgerEntry, asked: dict[str, Any]) -> bool:
    state, row = asked.get("state", ""), entry.row
    in_state = {"": entry.holds, "ends": entry.state == "ends", "ended": not entry.holds, "all": True}[state]
    words = f"{row.title} {row.reason} {row.evidence} {row.scope_label} {row.answerable}".lower()
    return (
        in_state
        and asked.get("kind", "") in ("", row.kind)
        and asked.get("measure", "") in ("", row.measure)
        and asked.get("q", "").lower() in words
    )


def _is_asked(row: Action, asked: dict[str, Any]) -> bool:
    is_open, owner = ActionState(row.state).is_open, asked.get("owner")
    in_state = {"": is_open, "closed": not is_open, "all": True}[asked.get("state", "")]
    words = f"{row.title} {row.scope_label} {row.owner}".lower()
    return in_state and (owner is None or row.owner_id == owner.pk) and asked.get("q", "").lower() in words
