"""What the last plan hands on: accepted one by one or all, or declined with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cycles.policy import Action
from cycles.services.access import authorise
from cycles.views.answering import find_plan, page
from demand.services.carried_offers import OfferState, accept_offers, decline_offer, offers_of
from demand.services.ledger import EditInvalid
from demand.stream_forms import WordForm
from demand.views.entering import stream_page


@page
@require_GET
def carried(request: HttpRequest, number: str) -> HttpResponse:
    """List the carried edits with their units and dollars, and what became of each."""
    plan = find_plan(request, number)
    offers = offers_of(plan, request.user)
    waiting = [offer for offer in offers if offer.state is OfferState.OPEN]
    standing = [offer for offer in offers if offer.state is not OfferState.DECLINED]
    context = {
        "offers": offers,
        "waiting": waiting,
        "units": sum(offer.units for offer in standing),
        "cents": sum(offer.cents for offer in standing),
    }
    return render(request, "demand/carried.html", stream_page(request, plan) | context)


@page
@require_POST
def accept(request: HttpRequest, number: str) -> HttpResponse:
    """Accept one carried edit, or all that the page listed as waiting."""
    plan = find_plan(request, number)
    revisions = [int(text) for text in request.POST.getlist("revision") if text.isdecimal()]
    try:
        count = accept_offers(plan_id=plan.pk, revisions=revisions, reason="", actor=request.user)
    except EditInvalid as error:
        raise Http404 from error
    text = ngettext("%(count)d carried edit is accepted.", "%(count)d carried edits are accepted.", count)
    messages.success(request, text % {"count": count})
    return HttpResponseRedirect(reverse("demand:carried", args=[plan.number]))


@page
@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, number: str, revision: int) -> HttpResponse:
    """Decline one carried edit with a reason: its units and prices leave the plan."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.EDIT_DEMAND, plan=plan)
    offer = next((offer for offer in offers_of(plan, request.user) if offer.edit.revision == revision), None)
    if offer is None:
        raise Http404
    form = WordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        result = decline_offer(plan=plan, revision=revision, reason=form.cleaned_data["reason"], actor=request.user)
        if result.refused:
            messages.error(request, f"{result.refused[0].reason} {result.refused[0].remedy}")
        else:
            messages.success(request, _("Declined: it is out of the plan."))
        return HttpResponseRedirect(reverse("demand:carried", args=[plan.number]))
    context = {"plan": plan, "form": form, "offer": offer}
    return render(request, "demand/carried_decline.html", context, status=422 if form.errors else 200)
