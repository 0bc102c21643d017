"""Promotions of a plan: which events there are, putting one in, and taking it back."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cycles.models import Plan
from cycles.views.answering import find_plan, page
from demand.models import EditKind
from demand.services.ledger import EditResult, undo_edit
from demand.services.promotions import PromotionEvent, events_of, plan_event
from demand.services.streams import standing_of
from demand.views.entering import seen_revision, stream_page


@page
@require_GET
def promotions(request: HttpRequest, number: str) -> HttpResponse:
    """Show the events that touch the plan's months, and what each does there."""
    plan = find_plan(request, number)
    events = events_of(plan, request.user)
    own = {event.edit.pk for event in events if event.edit}
    standing = standing_of(plan, EditKind.PROMOTION, user=request.user, own=own)
    context = {
        "events": [(event, standing.worth.get(event.edit.pk) if event.edit else None) for event in events],
        "standing": standing,
    }
    return render(request, "demand/promotions.html", stream_page(request, plan) | context)


@page
@require_POST
def plan_one(request: HttpRequest, number: str) -> HttpResponse:
    """Put one event into the plan, units and prices together."""
    plan = find_plan(request, number)
    event = _named(request, plan)
    result = plan_event(
        plan_id=plan.pk,
        event=event.code,
        base_revision=seen_revision(request, plan),
        session=uuid4().hex,
        actor=request.user,
    )
    return _told(
        request, plan, result, _("%(event)s is in the plan: its units and its prices.") % {"event": event.name}
    )


@page
@require_POST
def take_back(request: HttpRequest, number: str) -> HttpResponse:
    """Take back the edit that put an event into the plan; its prices go with it."""
    plan = find_plan(request, number)
    event = _named(request, plan)
    if event.edit is None:
        raise Http404
    result = undo_edit(
        edit_id=event.edit.pk,
        base_revision=seen_revision(request, plan),
        session=event.edit.session,
        actor=request.user,
    )
    words = _("%(event)s is out of the plan: its units and its prices.") % {"event": event.name}
    return _told(request, plan, result, words)


def _named(request: HttpRequest, plan: Plan) -> PromotionEvent:
    event = {row.code: row for row in events_of(plan, request.user)}.get(request.POST.get("event", ""))
    if event is None:
        raise Http404
    return event


def _told(request: HttpRequest, plan: Plan, result: EditResult, words: str) -> HttpResponse:
    if result.refused:
        first = result.refused[0]
        words = _("Nothing was changed: %(person)s wrote one of its cells on %(day)s. Look again.") % {
            "person": first.by, "day": f"{first.at:%Y-%m-%d %H:%M}",
        }  # fmt: skip
        messages.error(request, words)
    else:
        messages.success(request, words)
    return HttpResponseRedirect(reverse("demand:promotions", args=[plan.number]))
