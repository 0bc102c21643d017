"""The demand review: the page around the grid, the panel beside it, and the baseline run."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog.calc.reason_codes import reason_codes
from catalog.models import Company
from cycles.models import ACTIVE_STATES, Run
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import is_allowed
from cycles.services.runs import is_stale, latest_result, request_run_by_hand
from cycles.views.answering import find_plan, page
from cycles.workflow import StageKind
from demand.forms import TYPED_KINDS
from demand.selectors import edit_count, has_series, open_proposals
from demand.services.baseline import KIND
from demand.services.exception_list import open_exceptions
from demand.services.review import year_ahead


@page
@require_GET
def review(request: HttpRequest, number: str) -> HttpResponse:
    """Show the grid, or the next step where there is no baseline yet."""
    plan = find_plan(request, number)
    result = latest_result(plan, KIND)
    context = {
        "plan": plan,
        "has_series": has_series(plan),
        "is_behind": result is not None and is_stale(result, plan),
        "edit_count": edit_count(plan),
        "proposal_count": open_proposals(plan, request.user).count(),
        "kinds": TYPED_KINDS,
        "reason_codes": reason_codes(Company.objects.current().reason_codes),
        "keys_of": "demand/_keys.html",
        "stage": plan.stages.select_related("approved_by", "submitted_by").get(kind=StageKind.DEMAND.value),
        "active_run": Run.objects.filter(plan=plan, kind=KIND, state__in=ACTIVE_STATES).order_by("-id").first(),
        "last_run": Run.objects.filter(plan=plan, kind=KIND).order_by("-id").first(),
        "may_edit": is_allowed(actor=request.user, action=Action.EDIT_DEMAND, plan=plan),
        "may_run": is_allowed(actor=request.user, action=Action.RUN_BASELINE, plan=plan),
    }
    return render(request, "demand/review.html", context)


@page
@require_GET
def headline(request: HttpRequest, number: str) -> HttpResponse:
    """Say the year ahead in one sentence, and what still waits."""
    plan = find_plan(request, number)
    context = {
        "plan": plan,
        "year": year_ahead(plan, user=request.user),
        "open_count": len(open_exceptions(plan, scope=scope_of(request.user))),
    }
    return render(request, "demand/_headline.html", context)


@page
@require_POST
def run(request: HttpRequest, number: str) -> HttpResponse:
    """Queue the baseline at the present revisions."""
    plan = find_plan(request, number)
    request_run_by_hand(kind=KIND, plan=plan, actor=request.user)
    messages.success(request, _("The baseline is being computed."))
    return HttpResponseRedirect(reverse("demand:review", args=[plan.number]))
