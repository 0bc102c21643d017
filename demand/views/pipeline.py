"""The CRM pipeline of a plan: deals with their weighted worth, put into the plan or left out, each with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from cycles.models import Plan
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.views.answering import find_plan, page
from demand.models import EditKind
from demand.services.ledger import EditInvalid
from demand.services.pipeline import Deal, DealState, deals_of, exclude_deal, include_deals, lost_deals
from demand.services.streams import standing_of
from demand.stream_forms import DealForm, WordForm
from demand.views.entering import seen_revision, stream_page

WAITING = (DealState.OPEN, DealState.MOVED)


@page
@require_GET
def pipeline(request: HttpRequest, number: str) -> HttpResponse:
    """List the deals with what they are worth weighted, and where each stands."""
    plan = find_plan(request, number)
    deals = deals_of(plan, request.user)
    waiting = [deal for deal in deals if deal.state in WAITING]
    lost = lost_deals(plan, request.user)
    own = {deal.edit.pk for deal in deals if deal.edit}
    standing = standing_of(plan, EditKind.PIPELINE, user=request.user, own=own | {edit.pk for edit in lost.values()})
    context = {
        "deals": [(deal, standing.worth.get(deal.edit.pk) if deal.edit else None) for deal in deals],
        "standing": standing,
        "waiting": len(waiting),
        "waiting_cents": sum(deal.cents or 0 for deal in waiting),
        "unpriced": sum(deal.cents is None or deal.units is None for deal in waiting),
        "lost": lost,
    }
    return render(request, "demand/pipeline.html", stream_page(request, plan) | context)


@page
@require_http_methods(["GET", "POST"])
def include(request: HttpRequest, number: str) -> HttpResponse:
    """Put one deal, or all that wait, into the plan."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.EDIT_DEMAND, plan=plan)
    chosen = _chosen(request, plan)
    form = DealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done, refused = include_deals(
            plan_id=plan.pk, codes=[deal.opportunity.code for deal in chosen], overlap4=form.overlap4,
            reason=form.cleaned_data["reason"], base_revision=seen_revision(request, plan), actor=request.user,
        )  # fmt: skip
        if done:
            text = ngettext("%(count)d deal is in the plan.", "%(count)d deals are in the plan.", len(done))
            messages.success(request, text % {"count": len(done)})
        for code, reason in refused:
            messages.error(request, f"{code}: {reason}")
        return HttpResponseRedirect(reverse("demand:pipeline", args=[plan.number]))
    words = (_("Put into the plan"), _("Deals into the plan"))
    return _ask(request, plan, form, chosen, words)


@page
@require_http_methods(["GET", "POST"])
def exclude(request: HttpRequest, number: str) -> HttpResponse:
    """Leave one deal out of the plan; where it is in, it is taken back."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.EDIT_DEMAND, plan=plan)
    code = request.GET.get("id", "")
    chosen = [deal for deal in deals_of(plan, request.user) if deal.opportunity.code == code]
    if not chosen and code not in lost_deals(plan, request.user):
        raise Http404
    form = WordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            exclude_deal(plan_id=plan.pk, code=code, reason=form.cleaned_data["reason"], actor=request.user)
        except EditInvalid as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("%(code)s stays out of the plan.") % {"code": code})
        return HttpResponseRedirect(reverse("demand:pipeline", args=[plan.number]))
    return _ask(request, plan, form, chosen, (_("Leave out"), _("Leave out of the plan")))


def _chosen(request: HttpRequest, plan: Plan) -> list[Deal]:
    """The deal that the address names, else all that wait."""
    deals = deals_of(plan, request.user)
    if code := request.GET.get("id", ""):
        named = [deal for deal in deals if deal.opportunity.code == code]
        if not named:
            raise Http404
        return named
    return [deal for deal in deals if deal.state in WAITING]


def _ask(
    request: HttpRequest, plan: Plan, form: DealForm | WordForm, chosen: list[Deal], words: tuple[str, str]
) -> HttpResponse:
    verb, heading = words
    context = stream_page(request, plan) | {"form": form, "chosen": chosen, "verb": verb, "heading": heading}
    return render(request, "demand/deal.html", context, status=422 if form.errors else 200)
