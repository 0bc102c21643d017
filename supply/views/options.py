"""The options of a shortage: have them priced, and choose one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cycles.models import Plan, User
from cycles.selectors import scope_of
from cycles.views.answering import find_plan, page
from supply.forms import OptionForm
from supply.models import ShortageChoice
from supply.selectors import LostItem, lost_items
from supply.services.options import Option, priced_plan, request_options
from supply.services.shortages import Chosen, choose_option
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
