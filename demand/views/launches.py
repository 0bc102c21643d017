"""New products of a plan: the launches in it, entering one with a look at it first, and taking one back."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cycles.models import Plan
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.views.answering import find_plan, page
from demand.models import Edit, EditKind
from demand.services.launches import launch_item, launches_of, preview_launch, take_launch_back
from demand.services.ledger import EditInvalid, EditResult, SeriesUnknown
from demand.services.streams import standing_of
from demand.stream_forms import LaunchForm
from demand.views.entering import seen_revision, stream_page


@page
@require_GET
def launches(request: HttpRequest, number: str) -> HttpResponse:
    """List the launches that hold in the plan with their curves."""
    plan = find_plan(request, number)
    found = launches_of(plan, request.user)
    own = {edit.pk for edit, _item in found}
    standing = standing_of(plan, EditKind.NEW_PRODUCT, user=request.user, own=own)
    context = {
        "rows": [(edit, item, edit.gesture["launch"], standing.worth.get(edit.pk)) for edit, item in found],
        "standing": standing,
    }
    return render(request, "demand/launches.html", stream_page(request, plan) | context)


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for a launch, show what it would do, and enter it."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.EDIT_DEMAND, plan=plan)
    form = LaunchForm(request.POST or None, user=request.user)
    preview = None
    if request.method == "POST" and form.is_valid():
        try:
            if "enter" in request.POST and _entered(request, plan, form):
                messages.success(request, _("%(item)s is in the plan.") % {"item": form.cleaned_data["item"]})
                return HttpResponseRedirect(reverse("demand:launches", args=[plan.number]))
            preview = None if form.errors else preview_launch(plan, form.words(), request.user)
        except (EditInvalid, SeriesUnknown) as error:
            form.add_error(None, str(error))
    context = stream_page(request, plan) | {
        "form": form,
        "preview": preview,
        "back": reverse("demand:launches", args=[plan.number]),
    }
    return render(request, "demand/launch.html", context, status=422 if form.errors else 200)


@page
@require_POST
def take_back(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    """Take a launch back, with what it took from another item."""
    plan = find_plan(request, number)
    if revision not in {edit.revision for edit, _item in launches_of(plan, request.user)}:
        raise Http404
    result = _taken_back(request, plan, revision)
    if result.refused:
        messages.error(request, f"{result.refused[0].reason} {result.refused[0].remedy}")
    else:
        messages.success(request, _("The launch is out of the plan."))
    return HttpResponseRedirect(reverse("demand:launches", args=[plan.number]))


def _entered(request: HttpRequest, plan: Plan, form: LaunchForm) -> Edit | None:
    """Enter it at the revision that was looked at; what lost is told with the person."""
    result = launch_item(
        plan_id=plan.pk,
        words=form.words(),
        base_revision=seen_revision(request, plan),
        session=uuid4().hex,
        actor=request.user,
    )
    for refusal in result.refused[:3]:
        form.add_error(None, f"{refusal.reason} {refusal.remedy}")
    if result.edit is None and not result.refused:
        form.add_error(None, _("The plan says this already."))
    return result.edit


def _taken_back(request: HttpRequest, plan: Plan, revision: int) -> EditResult:
    seen = seen_revision(request, plan)
    return take_launch_back(plan=plan, revision=revision, base_revision=seen, session=uuid4().hex, actor=request.user)
