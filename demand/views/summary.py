"""The demand review: the upside against its references, who moved it, who owes what; and the words that are kept there."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog.models import Family
from cycles.charts import MONEY, UNITS, Step, waterfall
from cycles.context import Shell
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.selectors import Scope, scope_of, stage_of
from cycles.services.access import is_allowed
from cycles.views.answering import find_plan, page
from cycles.workflow import StageKind, StageStatus
from demand.models import EditKind
from demand.selectors import has_series
from demand.services.owed import owed_in
from demand.services.review_words import confirm_family, remind
from demand.services.upside import (
    By,
    Priced,
    Walk,
    WalkStep,
    inside_named,
    period_named,
    periods_of,
    priced_plan,
    sides_of,
    table_of,
    walk_of,
)


@page
@require_GET
def summary(request: HttpRequest, number: str) -> HttpResponse:
    """Show the review, or the next step where there is no baseline yet."""
    plan = find_plan(request, number)
    context: dict[str, Any] = {"plan": plan, "has_series": has_series(plan)}
    if context["has_series"]:
        priced, scope = _priced(request, plan), scope_of(request.user)
        context |= _figures(request, priced, scope) | _bridge(request, priced, scope)
    return render(request, "demand/summary.html", context)


@page
@require_GET
def table(request: HttpRequest, number: str) -> HttpResponse:
    """The table alone, for the choice of its lines."""
    plan = find_plan(request, number)
    figures = _figures(request, _priced(request, plan), scope_of(request.user))
    return render(request, "demand/_summary_table.html", {"plan": plan} | figures)


@page
@require_GET
def bridge(request: HttpRequest, number: str) -> HttpResponse:
    """The bridge alone, by stream or by person."""
    plan = find_plan(request, number)
    steps = _bridge(request, _priced(request, plan), scope_of(request.user))
    return render(request, "demand/_summary_bridge.html", {"plan": plan} | steps)


@page
@require_GET
def drill(request: HttpRequest, number: str) -> HttpResponse:
    """The gestures behind a bar: a card of the review by htmx, a page without."""
    plan = find_plan(request, number)
    priced = _priced(request, plan)
    stream = request.GET.get("stream", "")
    stream = stream if stream in list(EditKind) else ""
    person = User.objects.filter(username=request.GET.get("person", "")).first()
    walk = walk_of(priced, scope_of(request.user))
    effects = walk.edits(stream=stream, person=person.username if person else "")
    context = {
        "plan": plan,
        "period": priced.period,
        "stream": EditKind(stream) if stream else None,
        "person": person,
        "effects": effects,
        "units": sum(row.units for row in effects),
        "cents": sum(row.cents for row in effects),
    }
    return render(request, "demand/_summary_drill.html" if request.htmx else "demand/summary_drill.html", context)


@page
@require_GET
def owed(request: HttpRequest, number: str) -> HttpResponse:
    """Who still owes what; comes after the page, because exceptions take longest."""
    plan = find_plan(request, number)
    return render(request, "demand/_owed.html", {"plan": plan} | _owed(request, plan))


@page
@require_POST
def confirm(request: HttpRequest, number: str, family_id: int) -> HttpResponse:
    """Keep the word that a family stands as it is."""
    plan = find_plan(request, number)
    family = get_object_or_404(Family, pk=family_id)
    if not scope_of(request.user).meets(frozenset({family.pk}), None):
        get_object_or_404(Family, pk=0)
    confirm_family(plan=plan, family_id=family.pk, actor=request.user)
    return _told(request, plan, _("%(family)s stands as it is.") % {"family": family.code})


@page
@require_POST
def remind_person(request: HttpRequest, number: str, person_id: int) -> HttpResponse:
    """Send somebody a notification of what they still owe."""
    plan = find_plan(request, number)
    person = get_object_or_404(User, pk=person_id, is_service=False)
    told = remind(plan=plan, person=person, actor=request.user)
    words = _("%(person)s is reminded.") if told else _("%(person)s was reminded today, or wants no reminders.")
    return _told(request, plan, words % {"person": person})


def _figures(request: HttpRequest, priced: Priced, scope: Scope) -> dict[str, Any]:
    """The upside, its references and the table of the address."""
    period, in_units = priced.period, Shell(request).shows_units
    asked = request.GET.get("by", "")
    by = By(asked) if asked in list(By) else By.FAMILY
    sides = sides_of(priced, scope)
    inside = inside_named(request.GET.get("in", ""))
    lines = table_of(sides, by, in_units=in_units)
    whys = [(side.name, side.missing or side.units_missing) for side in sides.references]
    return {
        "period": period,
        "frozen": priced.rates.frozen,
        "periods": periods_of(priced.plan),
        "by": by,
        "ways": list(By),
        "sides": sides,
        "table": table_of(sides, by, in_units=in_units, inside=inside) if inside else lines,
        "total": lines.total,
        "inside": inside,
        "closed": sides.closed_units if in_units else sides.closed_cents,
        "missing": [
            (name, why)
            for (name, why), side in zip(whys, sides.references, strict=True)
            if side.total(in_units=in_units) is None
        ],
        "query": f"period={period.key}&show={'units' if in_units else 'value'}",
    }


def _bridge(request: HttpRequest, priced: Priced, scope: Scope) -> dict[str, Any]:
    """The walk from baseline to consensus with its figure and the level after each step."""
    period, in_units = priced.period, Shell(request).shows_units
    is_by_person = request.GET.get("who") == "person"
    walk = walk_of(priced, scope)
    steps = walk.by_person() if is_by_person else walk.by_stream()
    bars = [Step(step.label, step.units if in_units else step.cents, step.is_total, step.key) for step in steps]
    return {
        "period": period,
        "who": "person" if is_by_person else "stream",
        "steps": _levels(steps),
        "moved": _moved(walk, in_units=in_units),
        "figure": waterfall(bars, scale=UNITS if in_units else MONEY),
        "query": f"period={period.key}&show={'units' if in_units else 'value'}",
    }


def _levels(steps: list[WalkStep]) -> list[tuple[WalkStep, int, int]]:
    """Each step with the milli-units and cents that it leads to."""
    rows, units, cents = [], 0, 0
    for step in steps:
        units, cents = (step.units, step.cents) if step.is_total else (units + step.units, cents + step.cents)
        rows.append((step, units, cents))
    return rows


def _moved(walk: Walk, *, in_units: bool) -> int:
    place = 0 if in_units else 1
    return walk.consensus[place] - walk.baseline[place]


def _owed(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    is_open = stage_of(plan, StageKind.DEMAND).status == StageStatus.OPEN
    return {
        "owed": owed_in(plan, scope=scope_of(request.user)),
        "is_open": is_open,
        "may_confirm": is_allowed(actor=request.user, action=Action.EDIT_DEMAND, plan=plan),
        "may_remind": is_open and is_allowed(actor=request.user, action=Action.ASSIGN_STAGE, plan=plan),
    }


def _priced(request: HttpRequest, plan: Plan) -> Priced:
    """The plan over the period of the address."""
    return priced_plan(plan, period_named(plan, request.GET.get("period", "")))


def _told(request: HttpRequest, plan: Plan, words: str) -> HttpResponse:
    """What was done, in the card that asked, or on the page."""
    if request.htmx:
        answer = render(request, "demand/_owed.html", {"plan": plan} | _owed(request, plan))
        answer["HX-Trigger"] = json.dumps({"toast": {"text": words, "tone": "success"}})
        return answer
    messages.success(request, words)
    return HttpResponseRedirect(reverse("demand:summary", args=[plan.number]) + "#owed")
