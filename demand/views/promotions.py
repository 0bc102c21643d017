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
from cycles.policy import Action
from cycles.services.access import is_allowed
from cycles.views.answering import find_plan, page
from demand.services.ledger import EditResult, undo_edit
from demand.services.promotions import PromotionEvent, events_of, plan_event


@page
@require_GET
def promotions(request: HttpRequest, number: str) -> HttpResponse:
    """Show the events that touch the plan's months, and what each does there."""
    plan = find_plan(request, number)
    context = {
        "plan": plan,
        "events": events_of(plan, request.user),
        "may_edit": is_allowed(actor=request.user, action=Action.EDIT_DEMAND, plan=plan),
    }
    return render(request, "demand/promotions.html", context)


@page
@require_POST
def plan_one(request: HttpRequest, number: str) -> HttpResponse:
    """Put one event into the plan, units and prices together."""
    plan = find_plan(request, number)
    event = _named(request, plan)
    result = plan_event(
        plan_id=plan.pk, event=event.code, base_revision=_seen(request, plan), session=uuid4().hex, actor=request.user
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
        edit_id=event.edit.pk, base_revision=_seen(request, plan), session=event.edit.session, actor=request.user
    )
    words = _("%(event)s is out of the plan: its units and its prices.") % {"event": event.name}
    return _told(request, plan, result, words)


def _named(request: HttpRequest, plan: Plan) -> PromotionEvent:
    event = {row.code: row for row in events_of(plan, request.user)}.get(request.POST.get("event", ""))
    if event is None:
        raise Http404
    return event


def _seen(request: HttpRequest, plan: Plan) -> int:
    """The revision that the page showed; without one, the present."""
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() else plan.revision


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
