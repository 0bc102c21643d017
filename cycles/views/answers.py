"""Decisions of a plan: listed, asked for, taken."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cycles.forms import AnswerForm, DecisionForm
from cycles.models import Decision
from cycles.policy import Action
from cycles.selectors import visible_to
from cycles.services.access import authorise, is_allowed
from cycles.services.answers import record_decision, take_decision
from cycles.views.answering import find_plan, page
from cycles.views.asking import ask, go_to

GENERAL = "executive.general"


@page
@require_GET
def decisions(request: HttpRequest, number: str) -> HttpResponse:
    """List the decisions of a plan with their priced options, open ones first."""
    plan = find_plan(request, number)
    rows = list(plan.decisions.select_related("owner", "taken_by", "recorded_by").order_by("state", "due_on", "id"))
    context = {
        "plan": plan, "decisions": rows, "today": timezone.localdate(),
        "open_count": sum(row.state == "open" for row in rows),
        "may_record": is_allowed(actor=request.user, action=Action.RECORD_DECISION, plan=plan),
        "may_take": is_allowed(actor=request.user, action=Action.TAKE_DECISION, plan=plan),
    }  # fmt: skip
    return render(request, "cycles/decisions.html", context)


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for the question, its options, who decides and until when, and put it on the list."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.RECORD_DECISION, plan=plan)
    back = reverse("cycles:decisions", args=[plan.number])
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        record_decision(plan=plan, question=form.asked(GENERAL), actor=request.user)
        messages.success(request, _("The question is on the list."))
        return go_to(request, back)
    return ask(request, heading=_("Ask for a decision"), form=form, back=back)


@page
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Ask for the choice and the reason, and take the decision."""
    seen = Decision.objects.filter(plan__in=visible_to(request.user)).select_related("plan")
    decision = get_object_or_404(seen, pk=decision_id)
    back = reverse("cycles:decisions", args=[decision.plan.number])
    form = AnswerForm(request.POST if request.method == "POST" else None, decision=decision)
    if request.method == "POST" and form.is_valid():
        take_decision(decision_id=decision.pk, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Decided."))
        return go_to(request, back)
    return ask(
        request,
        heading=_("Decide: %(subject)s") % {"subject": decision.subject},
        form=form,
        back=back,
        text=decision.question,
    )
