"""Calculations as pages see them: progress that refreshes itself, and a second try."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cycles.models import ACTIVE_STATES, Run
from cycles.selectors import runs_visible_to
from cycles.services.runs import queue_again
from cycles.views.answering import find_plan, page


@page
@require_GET
def active_runs(request: HttpRequest, number: str) -> HttpResponse:
    """Tell the top bar what is being calculated; sends `planMoved` when something ended or the revision grew."""
    plan = find_plan(request, number)
    running = list(Run.objects.filter(plan=plan, state__in=ACTIVE_STATES).order_by("id"))
    response = render(request, "components/_active_runs.html", {"runs": running, "plan": plan})
    known = {int(part) for part in request.GET.get("running", "").split(",") if part.isdigit()}
    ended = known - {run.pk for run in running}
    if ended or request.GET.get("revision") != str(plan.revision):
        kinds = list(Run.objects.filter(pk__in=ended).values_list("kind", flat=True))
        response["HX-Trigger"] = json.dumps({"planMoved": {"revision": plan.revision, "ended": kinds}})
    return response


@page
@require_GET
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show the progress of one run; with ?then=reload the page is loaded anew once it has ended."""
    found = get_object_or_404(runs_visible_to(request.user), pk=run_id)
    then = request.GET.get("then", "")
    response = render(request, "components/_run_progress.html", {"run": found, "then": then})
    if then == "reload" and not found.is_active:
        response["HX-Refresh"] = "true"
    return response


@page
@require_POST
def run_again(request: HttpRequest, run_id: int) -> HttpResponse:
    """Queue a failed or parked run again and go back to where one came from."""
    found = get_object_or_404(runs_visible_to(request.user), pk=run_id)
    queue_again(run_id=found.pk, actor=request.user)
    messages.success(request, _("Queued again."))
    back = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if is_ours else "/")
