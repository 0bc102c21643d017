"""The shadow-model check: hand in a file, walk its differences, answer each. Each POST is one service call."""

from __future__ import annotations

import csv
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from catalog.calc.inert_text import inert
from catalog.registry import FileRefused
from cycles.models import Plan
from cycles.policy import Action
from cycles.services.access import authorise, is_allowed
from cycles.views.answering import find_plan, page
from finance.calc.shadow import ShadowKind
from finance.models import ShadowChange, ShadowDelta, ShadowState
from finance.selectors.position import position_of
from finance.selectors.shadow import (
    FILTERED,
    change_counts,
    checks_of,
    delta_lines,
    gone_since,
    latest_checks,
    narrowed,
    totals_of,
    visible_deltas,
)
from finance.services.shadow.answering import (
    adjust_delta,
    agree_delta,
    assign_delta,
    open_cents,
    open_units,
    propose_delta,
    reopen_delta,
)
from finance.services.shadow.recording import TheirModel, record_check
from finance.shadow_forms import ReasonForm, ShadowAdjustForm, ShadowAssignForm, ShadowFileForm

CENTS = 100


@page
@require_GET
def checks(request: HttpRequest, number: str) -> HttpResponse:
    """Show the latest check, or the one that the address names, with its differences."""
    plan = find_plan(request, number)
    found = checks_of(plan)
    asked = request.GET.get("check", "")
    check = get_object_or_404(found, pk=int(asked)) if asked.isdecimal() else found.first()
    context: dict[str, Any] = {
        "plan": plan,
        "check": check,
        "models": latest_checks(plan),
        "has_landing": position_of(plan) is not None,
        "may_check": is_allowed(actor=request.user, action=Action.CHECK_MODEL, plan=plan),
        "may_adjust": is_allowed(actor=request.user, action=Action.ADJUST, plan=plan),
        "keys_of": "finance/_shadow_keys.html",
    }
    if check is not None:
        lines = delta_lines(check, request.user)
        wanted = {name: request.GET.get(name, "") for name in FILTERED}
        context |= {
            "lines": narrowed(lines, wanted),
            "totals": totals_of(check, lines, request.user),
            "changes": change_counts(lines),
            "gone": gone_since(check, request.user),
            "wanted": wanted,
            "choices": _choices(),
            "is_narrowed": any(wanted.values()),
            "is_latest": not hasattr(check, "replaced_by"),
        }
    return render(request, "finance/shadow.html", context)


@page
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, number: str) -> HttpResponse:
    """Take a file, compare it, and lead to its differences; a file that cannot be read says why, row by row."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.CHECK_MODEL, plan=plan)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ShadowFileForm(*sent, initial={"model_name": request.GET.get("model", "")})
    faults = []
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        file = asked["file"]
        model = TheirModel(asked["model_name"], file.name or "file", file.read(), asked["figures"])
        try:
            check = record_check(plan=plan, model=model, actor=request.user)
        except FileRefused as refused:
            faults = refused.faults
        else:
            return HttpResponseRedirect(f"{reverse('finance:shadow', args=[plan.number])}?check={check.pk}")
    status = 422 if form.errors or faults else 200
    return render(request, "finance/shadow_upload.html", {"plan": plan, "form": form, "faults": faults}, status=status)


@page
@require_GET
def download(request: HttpRequest, number: str, check_id: int) -> HttpResponse:
    """The differences of a check as a CSV file, with what was said to each."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.EXPORT, plan=plan)
    check = get_object_or_404(checks_of(plan), pk=check_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="shadow-check-{plan.number}-{check.pk}.csv"'
    writer = csv.writer(response)
    writer.writerow(["row", "kind", "first_month", "last_month", "dollars", "explanation", "state", "who", "reason"])
    for line in delta_lines(check, request.user):
        delta, answer = line.delta, line.answer
        dollars = f"{delta.money_cents / CENTS:.2f}" if delta.is_priced else ""
        said = [inert(str(answer.author)), inert(answer.reason)] if answer else ["", ""]
        span = [f"{delta.first_month:%Y-%m}", f"{delta.last_month:%Y-%m}"]
        writer.writerow([inert(delta.label), delta.kind, *span, dollars, delta.explanation, line.state.value, *said])
    return response


@page
@require_http_methods(["GET", "POST"])
def agree(request: HttpRequest, number: str, delta_id: int) -> HttpResponse:
    """Agree to a difference with a reason."""
    plan, delta = _found(request, number, delta_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        agree_delta(delta_id=delta.pk, reason=form.cleaned_data["reason"], actor=request.user)
        return _done(request, delta, plan, _("Agreed, with your reason."))
    return _ask(request, plan, form, {"delta": delta, "verb": _("Agree")})


@page
@require_http_methods(["GET", "POST"])
def adjust(request: HttpRequest, number: str, delta_id: int) -> HttpResponse:
    """Name an adjustment with the dollars of a difference."""
    plan, delta = _found(request, number, delta_id)
    start = {"title": f"{delta.check_run.model_name}: {delta.label}"[:120], "expires_on": delta.last_month}
    form = ShadowAdjustForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        adjust_delta(delta_id=delta.pk, actor=request.user, **form.cleaned_data)
        return _done(request, delta, plan, _("The adjustment is named."))
    first, cents = open_cents(delta, plan)
    return _ask(request, plan, form, {"delta": delta, "verb": _("Adjust"), "first": first, "cents": sum(cents)})


@page
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, number: str, delta_id: int) -> HttpResponse:
    """Propose a difference to the demand planners."""
    plan, delta = _found(request, number, delta_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        propose_delta(delta_id=delta.pk, reason=form.cleaned_data["reason"], actor=request.user)
        return _done(request, delta, plan, _("Proposed to the demand planners."))
    first, units = open_units(delta, plan) if delta.what in ("item", "family") else (plan.first_month, (0,))
    return _ask(request, plan, form, {"delta": delta, "verb": _("Propose"), "first": first, "units": sum(units)})


@page
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, number: str, delta_id: int) -> HttpResponse:
    """Give a difference to its owner."""
    plan, delta = _found(request, number, delta_id)
    form = ShadowAssignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        assign_delta(delta_id=delta.pk, actor=request.user, **form.cleaned_data)
        return _done(request, delta, plan, _("The owner is named."))
    return _ask(request, plan, form, {"delta": delta, "verb": _("Assign")})


@page
@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, number: str, delta_id: int) -> HttpResponse:
    """Open an answered difference again."""
    plan, delta = _found(request, number, delta_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reopen_delta(delta_id=delta.pk, reason=form.cleaned_data["reason"], actor=request.user)
        return _done(request, delta, plan, _("The difference is open again."))
    return _ask(request, plan, form, {"delta": delta, "verb": _("Open again")})


def _choices() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The filters: name, label, values with their words."""
    return [
        ("kind", _("Looks like"), [(kind.value, kind.label) for kind in ShadowKind]),
        ("state", _("State"), [(state.value, state.label) for state in ShadowState]),
        ("change", _("Since the file before"), [(change.value, change.label) for change in ShadowChange]),
    ]


def _found(request: HttpRequest, number: str, delta_id: int) -> tuple[Plan, ShadowDelta]:
    plan = find_plan(request, number)
    delta = get_object_or_404(visible_deltas(plan, request.user), pk=delta_id)
    authorise(actor=request.user, action=Action.CHECK_MODEL, plan=plan)
    return plan, delta


def _done(request: HttpRequest, delta: ShadowDelta, plan: Plan, text: str) -> HttpResponse:
    messages.success(request, text)
    back = f"{reverse('finance:shadow', args=[plan.number])}?check={delta.check_run_id}#delta-{delta.pk}"
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": back})
    return HttpResponseRedirect(back)


def _ask(request: HttpRequest, plan: Plan, form: Form, words: dict[str, Any]) -> HttpResponse:
    context = {"plan": plan, "form": form} | words
    template = "finance/_shadow_dialog.html" if request.htmx else "finance/shadow_answer.html"
    return render(request, template, context, status=422 if form.errors else 200)
