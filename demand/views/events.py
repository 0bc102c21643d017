"""A promotion that a person enters: words, a look at units and dollars, one gesture; and its removal."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cycles.models import Plan
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.views.answering import find_plan, page
from demand.services.event_entry import EventPreview, enter_event, preview_event, remove_event
from demand.services.ledger import EditInvalid, EditResult, SeriesUnknown
from demand.stream_forms import EventForm
from demand.views.entering import seen_revision, stream_page


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for an event, show what it would do, and enter it."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.EDIT_DEMAND, plan=plan)
    form = EventForm(request.POST or None, user=request.user)
    preview = None
    if request.method == "POST" and form.is_valid():
        try:
            if "enter" in request.POST and _entered(request, plan, form).edit is not None:
                messages.success(request, _("%(event)s is in the plan.") % {"event": form.cleaned_data["name"]})
                return HttpResponseRedirect(reverse("demand:promotions", args=[plan.number]))
            preview = _seen(request, plan, form)
        except (EditInvalid, SeriesUnknown) as error:
            form.add_error(None, str(error))
    context = stream_page(request, plan) | {
        "form": form,
        "preview": preview,
        "back": reverse("demand:promotions", args=[plan.number]),
    }
    return render(request, "demand/event.html", context, status=422 if form.errors else 200)


def _entered(request: HttpRequest, plan: Plan, form: EventForm) -> EditResult:
    """Enter it at the revision that was looked at; what lost is told with the person."""
    seen = seen_revision(request, plan)
    result = enter_event(
        plan_id=plan.pk, words=form.words(), base_revision=seen, session=uuid4().hex, actor=request.user
    )
    for refusal in result.refused:
        form.add_error(None, f"{refusal.reason} {refusal.remedy}")
    return result


def _seen(request: HttpRequest, plan: Plan, form: EventForm) -> EventPreview | None:
    if form.errors:
        return None
    return preview_event(plan, form.words(), request.user)


@page
@require_POST
def remove(request: HttpRequest, number: str) -> HttpResponse:
    """Remove an entered event that no plan names."""
    plan = find_plan(request, number)
    try:
        remove_event(plan=plan, event=request.POST.get("event", ""), actor=request.user)
    except EditInvalid as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The event is removed."))
    return HttpResponseRedirect(reverse("demand:promotions", args=[plan.number]))
