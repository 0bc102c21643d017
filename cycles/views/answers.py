"""Decisions and assumptions of a plan: listed, recorded, confirmed, taken."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cycles.forms import AnswerForm, AssumptionForm, DecisionForm, StageForm
from cycles.models import Assumption, Decision
from cycles.policy import Action
from cycles.selectors import visible_to
from cycles.services.access import is_allowed
from cycles.services.answers import (
    Question,
    confirm_assumption,
    record_assumption,
    record_decision,
    take_decision,
    withdraw_assumption,
)
from cycles.views.answering import find_plan, page

GENERAL = "executive.general"


@page
@require_http_methods(["GET", "POST"])
def decisions(request: HttpRequest, number: str) -> HttpResponse:
    """List the decisions of a plan; POST puts a question on the list."""
    plan = find_plan(request, number)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        question = Question(code=GENERAL, subject=asked["subject"], text=asked["question"])
        record_decision(plan=plan, question=question, actor=request.user)
        messages.success(request, _("The question is on the list."))
        return HttpResponseRedirect(reverse("cycles:decisions", args=[plan.number]))
    rows = plan.decisions.select_related("owner", "taken_by", "recorded_by").order_by("-state", "id")
    context = {
        "plan": plan, "form": form, "decisions": rows,
        "open_count": sum(row.state == "open" for row in rows),
        "may_record": is_allowed(actor=request.user, action=Action.RECORD_DECISION, plan=plan),
        "may_take": is_allowed(actor=request.user, action=Action.TAKE_DECISION, plan=plan),
    }  # fmt: skip
    return render(request, "cycles/decisions.html", context, status=422 if form.errors else 200)


@page
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Ask for the choice and the reason, and take the decision."""
    seen = Decision.objects.filter(plan__in=visible_to(request.user)).select_related("plan")
    decision = get_object_or_404(seen, pk=decision_id)
    back = reverse("cycles:decisions", args=[decision.plan.number])
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        take_decision(decision_id=decision.pk, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Decided."))
        return _go(request, back)
    return _ask(request, _("Decide: %(subject)s") % {"subject": decision.subject}, form, back, decision.question)


@page
@require_http_methods(["GET", "POST"])
def assumptions(request: HttpRequest, number: str) -> HttpResponse:
    """List what the plan takes for granted; POST records one more."""
    plan = find_plan(request, number)
    form = AssumptionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        record_assumption(plan=plan, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Recorded."))
        return HttpResponseRedirect(reverse("cycles:assumptions", args=[plan.number]))
    rows = plan.assumptions.select_related("recorded_by", "confirmed_by", "carried_from__plan")
    context = {
        "plan": plan, "form": form, "assumptions": rows,
        "to_confirm": sum(row.state == "to_confirm" for row in rows),
        "may_record": is_allowed(actor=request.user, action=Action.RECORD_ASSUMPTION, plan=plan),
    }  # fmt: skip
    return render(request, "cycles/assumptions.html", context, status=422 if form.errors else 200)


def _find_assumption(request: HttpRequest, assumption_id: int) -> Assumption:
    seen = Assumption.objects.filter(plan__in=visible_to(request.user)).select_related("plan")
    return get_object_or_404(seen, pk=assumption_id)


@page
@require_POST
def confirm(request: HttpRequest, assumption_id: int) -> HttpResponse:
    """Say that an assumption still holds."""
    assumption = _find_assumption(request, assumption_id)
    confirm_assumption(assumption_id=assumption.pk, actor=request.user)
    messages.success(request, _("Confirmed."))
    return _go(request, reverse("cycles:assumptions", args=[assumption.plan.number]))


@page
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, assumption_id: int) -> HttpResponse:
    """Ask why an assumption no longer holds, and withdraw it."""
    assumption = _find_assumption(request, assumption_id)
    back = reverse("cycles:assumptions", args=[assumption.plan.number])
    form = StageForm(request.POST if request.method == "POST" else None, needs_reason=True)
    if request.method == "POST" and form.is_valid():
        withdraw_assumption(assumption_id=assumption.pk, actor=request.user, reason=form.cleaned_data["text"])
        messages.success(request, _("Withdrawn."))
        return _go(request, back)
    return _ask(request, _("Withdraw the assumption"), form, back, assumption.text)


def _go(request: HttpRequest, target: str) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": target}) if request.htmx else HttpResponseRedirect(target)


def _ask(request: HttpRequest, heading: str, form: Form, back: str, text: str) -> HttpResponse:
    template = "cycles/_ask_dialog.html" if request.htmx else "cycles/ask.html"
    context = {"heading": heading, "form": form, "back": back, "text": text}
    return render(request, template, context, status=422 if form.errors else 200)
