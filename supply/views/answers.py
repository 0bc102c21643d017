"""Dialogs of the supply page: pin, release, decide about overloads."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cycles.models import Plan
from cycles.selectors import scope_of
from cycles.views.answering import find_plan, page
from supply.forms import OverloadForm, PinForm, ReleaseForm
from supply.models import OverloadChoice, Pin, PinKind
from supply.selectors import is_seen, overloads_of
from supply.services.ledger import PinEntry, PinResult, record_pins
from supply.services.overloads import decide_open_overloads, decide_overload


@page
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for a quantity to be fixed, and record it."""
    plan = find_plan(request, number)
    form = PinForm(request.POST or None, plan=plan, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        result = record_pins(
            plan_id=plan.pk,
            entries=[form.entry()],
            reason=given["reason"],
            base_revision=given["base_revision"],
            actor=request.user,
        )
        return _answer(request, plan, form, result)
    return ask(request, plan, form, _("Fix a quantity"), _("The plan is solved again with exactly this."))


@page
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, number: str, pin_id: int) -> HttpResponse:
    """Ask why a pin is released, and record that."""
    plan = find_plan(request, number)
    held = get_object_or_404(Pin.objects.select_related("item", "work_centre"), pk=pin_id, plan=plan)
    if not is_seen(held, scope_of(request.user)):
        raise Http404
    form = ReleaseForm(request.POST or None, initial={"base_revision": plan.revision})
    if request.method == "POST" and form.is_valid():
        entry = PinEntry(PinKind(held.kind), held.month, None, held.item_id, held.site_id, held.work_centre_id)
        given = form.cleaned_data
        result = record_pins(
            plan_id=plan.pk,
            entries=[entry],
            reason=given["reason"],
            base_revision=given["base_revision"],
            actor=request.user,
        )
        return _answer(request, plan, form, result)
    text = f"{held.get_kind_display()} · {held.item or held.work_centre} · {held.month:%b %Y}"
    return ask(request, plan, form, _("Release a pin"), text)


@page
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, number: str, centre_id: int, month: str) -> HttpResponse:
    """Ask what is to happen with one overload, and record the decision."""
    plan = find_plan(request, number)
    subject = (centre_id, first_day(month))
    found = [row for row in overloads_of(plan) if (row.work_centre.pk, row.month) == subject]
    if not found:
        raise Http404
    form = OverloadForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        decide_overload(
            plan_id=plan.pk,
            subject=subject,
            choice=OverloadChoice(given["choice"]),
            reason=given["reason"],
            actor=request.user,
        )
        return go(request, plan, _("Decided."))
    return ask(request, plan, form, _("Decide about %(subject)s") % {"subject": found[0].subject}, _sentence(found[0]))


@page
@require_http_methods(["GET", "POST"])
def decide_all(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for one answer to every open overload, and record it for each."""
    plan = find_plan(request, number)
    form = OverloadForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        count = decide_open_overloads(
            plan_id=plan.pk, choice=OverloadChoice(given["choice"]), reason=given["reason"], actor=request.user
        )
        return go(request, plan, _("%(count)s overloads decided.") % {"count": count})
    count = sum(row.decision is None for row in overloads_of(plan))
    text = _("One answer for all %(count)s that are open.") % {"count": count}
    return ask(request, plan, form, _("Decide the open overloads"), text)


def first_day(month: str) -> date:
    """The first day of a month written YYYY-MM; anything else is a 404."""
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise Http404 from error


def _sentence(row: object) -> str:
    hours = _("%(load)s of the regular hours needed, %(overtime)s h overtime planned.")
    load, overtime = row.needed_fraction, row.overtime // 1000  # type: ignore[attr-defined]
    return hours % {"load": f"{load:.0%}", "overtime": overtime}


def _answer(request: HttpRequest, plan: Plan, form: Form, result: PinResult) -> HttpResponse:
    """Go back when it was recorded; else show who was faster, with their value."""
    if result.saved:
        return go(request, plan, _("Recorded; the supply plan is being solved again."))
    winner = result.refused[0].winner
    value = _("released") if winner.quantity is None else f"{winner.quantity / 1000:,.2f}"
    who = {"who": winner.author, "value": value, "when": f"{winner.created_at:%Y-%m-%d %H:%M}"}
    form.add_error(None, _("%(who)s set this to %(value)s at %(when)s while you were editing.") % who)
    return ask(request, plan, form, _("Somebody was faster"), str(winner), status=409)


def go(request: HttpRequest, plan: Plan, text: str) -> HttpResponse:
    """Say what was done and lead back to the page."""
    messages.success(request, text)
    target = reverse("supply:review", args=[plan.number])
    return HttpResponse(headers={"HX-Redirect": target}) if request.htmx else HttpResponseRedirect(target)


def ask(
    request: HttpRequest, plan: Plan, form: Form, heading: str, text: str, *, status: int | None = None
) -> HttpResponse:
    """Show a form as a dialog, or as a page without htmx; 422 when it was filled in wrongly."""
    template = "supply/_ask_dialog.html" if request.htmx else "supply/ask.html"
    back = reverse("supply:review", args=[plan.number])
    context = {"plan": plan, "heading": heading, "form": form, "back": back, "text": text}
    return render(request, template, context, status=status or (422 if form.errors else 200))
