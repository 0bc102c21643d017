"""What the baseline makes of the past: cleansed months, named and taken back with a reason, and methods that drift."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cycles.errors import StatementUnfit
from cycles.models import Plan
from cycles.policy import Action
from cycles.services.access import authorise, is_allowed
from cycles.views.answering import find_plan, page
from demand.forms import CleansingForm, ProposalAnswerForm
from demand.selectors import drifting_forecasts, named_cleansings
from demand.services.cleansing import take_back_cleansing
from demand.services.cleansing_entry import name_cleansing


@page
@require_GET
def history(request: HttpRequest, number: str) -> HttpResponse:
    """List the months that the forecast does not take as they were sold, and the methods that drift."""
    plan = find_plan(request, number)
    rows = named_cleansings(plan, request.user)
    context = {
        "plan": plan,
        "rows": rows,
        "in_force": sum(not hasattr(row, "taken_back_by") for row in rows),
        "forecasts": drifting_forecasts(plan, request.user),
        "may_cleanse": is_allowed(actor=request.user, action=Action.RUN_BASELINE, plan=plan),
        "stage": plan.stages.get(kind="demand"),
    }
    return render(request, "demand/history.html", context)


@page
@require_http_methods(["GET", "POST"])
def name_month(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for a month, the value that stands in and the reason, and name it."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.RUN_BASELINE, plan=plan)
    form = CleansingForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            row = name_cleansing(plan=plan, words=form.words(), actor=request.user)
        except StatementUnfit as error:
            form.add_error(None, str(error))
        else:
            words = {
                "place": f"{row.family.code} · {row.market.code} · {row.month:%b %Y}",
                "units": f"{row.value / 1000:,.0f}",
            }
            text = _("%(place)s is read as %(units)s units. The baseline is being computed.") % words
            messages.success(request, text)
            return _to_history(request, plan)
    template = "demand/_name_month_dialog.html" if request.htmx else "demand/name_month.html"
    return render(request, template, {"plan": plan, "form": form}, status=422 if form.errors else 200)


@page
@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest, number: str, cleansing_id: int) -> HttpResponse:
    """Ask why a month counts as it was sold, and take its cleansing back."""
    plan = find_plan(request, number)
    row = next((row for row in named_cleansings(plan, request.user) if row.pk == cleansing_id), None)
    if row is None:
        raise Http404
    form = ProposalAnswerForm(request.POST or None, needs_reason=True)
    if request.method == "POST" and form.is_valid():
        take_back_cleansing(plan=plan, cleansing_id=row.pk, reason=form.cleaned_data["reason"], actor=request.user)
        messages.success(request, _("Taken back: the month counts as it was sold. The baseline is being computed."))
        return _to_history(request, plan)
    template = "demand/_take_back_dialog.html" if request.htmx else "demand/take_back.html"
    return render(request, template, {"plan": plan, "form": form, "row": row}, status=422 if form.errors else 200)


def _to_history(request: HttpRequest, plan: Plan) -> HttpResponse:
    back = reverse("demand:cleansings", args=[plan.number])
    return HttpResponse(headers={"HX-Redirect": back}) if request.htmx else HttpResponseRedirect(back)
