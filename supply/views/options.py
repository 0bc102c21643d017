"""The options of a shortage: have them priced, choose one, put them to the executive, carry out what was decided."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cycles.models import Plan, User
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import authorise
from cycles.views.answering import find_plan, page
from supply.forms import CarryOutForm, OptionForm, QuestionForm
from supply.models import ShortageChoice
from supply.selectors import LostItem, lost_items
from supply.services.options import Option, priced_lost_item, priced_plan, request_options
from supply.services.shortage_questions import AskedShortage, put_to_executive, question_of, questions_of
from supply.services.shortages import Chosen, carry_out, choose_option
from supply.views.answers import ask, go


@page
@require_POST
def price(request: HttpRequest, number: str) -> HttpResponse:
    """Queue the pricing of the shortages."""
    plan = find_plan(request, number)
    request_options(plan=plan, actor=request.user)
    messages.success(request, _("The options of the shortages are being priced."))
    return HttpResponseRedirect(f"{reverse('supply:review', args=[plan.number])}#shortages")


@page
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, number: str, item_id: int, choice: str) -> HttpResponse:
    """Ask why this option, and record it with its entries."""
    plan = find_plan(request, number)
    lost, option = _found(plan, item_id, choice, request.user)
    wanted = ShortageChoice(choice)
    form = OptionForm(request.POST or None, choice=wanted)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        chosen = Chosen(item_id, wanted, given["reason"], given.get("unit_cost"))
        choose_option(plan_id=plan.pk, chosen=chosen, actor=request.user)
        solved = _("Decided; the supply plan is being solved again.") if option.entries else _("Decided.")
        return go(request, plan, solved)
    heading = _("%(choice)s for %(item)s") % {"choice": wanted.label, "item": lost.item.code}
    return ask(request, plan, form, heading, _sentence(option))


@page
@require_http_methods(["GET", "POST"])
def put(request: HttpRequest, number: str, item_id: int) -> HttpResponse:
    """Put the priced options of a shortage to whoever decides, without choosing."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.PIN_SUPPLY, plan=plan)
    lost, priced = priced_lost_item(plan, item_id, request.user)
    options = priced.options[item_id]
    has_subcontract = any(row.kind == ShortageChoice.SUBCONTRACT and row.is_possible for row in options)
    initial = {"text": question_of(lost)}
    form = QuestionForm(request.POST or None, initial=initial, has_subcontract=has_subcontract)
    if request.method == "POST" and form.is_valid():
        decision = put_to_executive(
            plan_id=plan.pk, asked=AskedShortage(item_id, **form.cleaned_data), actor=request.user
        )
        who = decision.owner or _("the executive")
        return go(request, plan, _("Put to %(who)s; nothing is fixed until it is decided.") % {"who": who})
    titles = " · ".join(row.label for row in options if row.is_possible)
    text = _("Every option goes along with its price: %(titles)s.") % {"titles": titles}
    return ask(request, plan, form, _("Put %(item)s to the executive") % {"item": lost.item.code}, text)


@page
@require_http_methods(["GET", "POST"])
def carry(request: HttpRequest, number: str, item_id: int) -> HttpResponse:
    """Say what a decision asks for at its present price, and put that into the ledger."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.PIN_SUPPLY, plan=plan)
    lost, priced = priced_lost_item(plan, item_id, request.user)
    question = questions_of(plan).get(lost.item.code)
    if question is None or question.chosen is None or not question.is_waiting:
        raise Http404
    option = next(row for row in priced.options[item_id] if row.kind == question.kind)
    asks_cost = question.kind == ShortageChoice.SUBCONTRACT and "unit_cost" not in question.chosen
    form = CarryOutForm(request.POST if request.method == "POST" else None, asks_cost=asks_cost)
    if request.method == "POST" and form.is_valid():
        carry_out(plan_id=plan.pk, item_id=item_id, actor=request.user, unit_cost=form.cleaned_data.get("unit_cost"))
        return go(request, plan, _("In the ledger; the supply plan is being solved again."))
    heading = _("%(choice)s for %(item)s") % {"choice": question.row.choice, "item": lost.item.code}
    return ask(request, plan, form, heading, f"{question.row.taken_by}: {question.row.reason} {_sentence(option)}")


def _found(plan: Plan, item_id: int, choice: str, person: User) -> tuple[LostItem, Option]:
    """The shortage and its option inside the person's families.

    Raises:
        Http404: Not there, not priced, or no such way.
    """
    scope, priced = scope_of(person), priced_plan(plan)
    lost = [row for row in lost_items(plan) if row.item.pk == item_id and scope.allows(row.item.family_id, None)]
    options = [row for row in (priced.options.get(item_id, ()) if priced else ()) if row.kind == choice]
    if not lost or not options or not options[0].is_possible:
        raise Http404
    return lost[0], options[0]


def _sentence(option: Option) -> str:
    """What the ledger takes when it is chosen."""
    if not option.entries:
        return _("Nothing is fixed; the shortage stays, and its margin is given up.")
    count = len(option.entries)
    if option.entries[0][0] == "extra_shift":
        hours = sum(entry[5] for entry in option.entries) // 1000
        return _("%(hours)s extra hours in %(count)s entries of the ledger.") % {"hours": f"{hours:,}", "count": count}
    units = sum(entry[5] for entry in option.entries) / 1000
    what = {"units": f"{units:,.0f}", "count": count}
    return _("%(units)s units fixed by %(count)s entries of the ledger.") % what
