"""Proposed changes of the plan: the list, and the demand planner's answer. Each POST is one service call."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from catalog.calc.months import month_date, month_index
from catalog.models import Market
from cycles.models import Plan
from cycles.policy import Action
from cycles.services.access import is_allowed
from cycles.views.answering import find_plan, page
from demand.forms import ProposalAnswerForm
from demand.models import EditProposal
from demand.selectors import proposals_of
from demand.services.proposals import accept_proposal, decline_proposal


@page
@require_GET
def proposals(request: HttpRequest, number: str) -> HttpResponse:
    """List what others propose, with the units by month, and what became of it."""
    plan = find_plan(request, number)
    markets = dict(Market.objects.values_list("id", "code"))
    found = list(proposals_of(plan, request.user))
    rows = [(proposal, _months(proposal), [markets[key] for key in proposal.market_ids]) for proposal in found]
    context = {
        "plan": plan,
        "rows": rows,
        "open_count": sum(not hasattr(proposal, "answer") for proposal in found),
        "may_edit": is_allowed(actor=request.user, action=Action.EDIT_DEMAND, plan=plan),
        "stage": plan.stages.get(kind="demand"),
    }
    return render(request, "demand/proposals.html", context)


@page
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, number: str, proposal_id: int) -> HttpResponse:
    """Make a proposal an edit of the ledger."""
    plan = find_plan(request, number)
    proposal = get_object_or_404(proposals_of(plan, request.user), pk=proposal_id)
    form = ProposalAnswerForm(request.POST or None, needs_reason=False)
    if request.method == "POST" and form.is_valid():
        accept_proposal(proposal_id=proposal.pk, reason=form.cleaned_data["reason"], actor=request.user)
        return _done(request, plan, _("Accepted: the change is an edit of the plan now."))
    return _ask(request, plan, form, (proposal, _("Accept"), _("Accept the proposal")))


@page
@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, number: str, proposal_id: int) -> HttpResponse:
    """Decline a proposal with a reason."""
    plan = find_plan(request, number)
    proposal = get_object_or_404(proposals_of(plan, request.user), pk=proposal_id)
    form = ProposalAnswerForm(request.POST or None, needs_reason=True)
    if request.method == "POST" and form.is_valid():
        decline_proposal(proposal_id=proposal.pk, reason=form.cleaned_data["reason"], actor=request.user)
        return _done(request, plan, _("Declined: the plan stays as it is."))
    return _ask(request, plan, form, (proposal, _("Decline"), _("Decline the proposal")))


def _months(proposal: EditProposal) -> list[tuple[object, int]]:
    """The months that would change, with their milli-units."""
    first = month_index(proposal.first_month)
    return [(month_date(first + place), units) for place, units in enumerate(proposal.units) if units]


def _done(request: HttpRequest, plan: Plan, text: str) -> HttpResponse:
    messages.success(request, text)
    back = reverse("demand:proposals", args=[plan.number])
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": back})
    return HttpResponseRedirect(back)


def _ask(
    request: HttpRequest, plan: Plan, form: ProposalAnswerForm, words: tuple[EditProposal, str, str]
) -> HttpResponse:
    proposal, verb, heading = words
    context = {"plan": plan, "form": form, "proposal": proposal, "verb": verb, "heading": heading}
    template = "demand/_proposal_dialog.html" if request.htmx else "demand/proposal_answer.html"
    return render(request, template, context, status=422 if form.errors else 200)
