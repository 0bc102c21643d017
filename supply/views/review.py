"""The supply review: loads, shortages, stock, overloads, pins, and the run behind them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cycles.models import ACTIVE_STATES, Plan, Run, User
from cycles.policy import Action
from cycles.selectors import Scope, scope_of
from cycles.services.access import is_allowed
from cycles.views.answering import find_plan, page
from supply.charts import band_figure, stock_figure
from supply.selectors import (
    KIND,
    LostItem,
    binding_hours,
    is_seen,
    lost_items,
    pins_in_force,
    shortage_decisions,
    supply_state,
)
from supply.services.cost_lines import cost_of
from supply.services.inventory import inventory_of
from supply.services.lots import lots_of
from supply.services.options import OPTIONS_KIND, priced_plan
from supply.services.plan import request_supply_plan_by_hand
from supply.services.plan_changes import changed_since_last_cycle
from supply.services.plan_policy import policy_centres, policy_costs
from supply.services.purchases import purchases_of
from supply.services.review import HOURS_PER_HEAD, Review, heads_needed, review_of
from supply.services.shortage_questions import ShortageQuestion, questions_of
from supply.services.solving import stop_supply_plan
from supply.services.stock_terms import late_items, terms_of
from supply.services.workforce import workforce_of

SHOWN_SHORTAGES = 20


@page
@require_GET
def review(request: HttpRequest, number: str) -> HttpResponse:
    """Show the supply plan: what breaks where and when, what it costs, what relieves it.

    Work centres and their overloads serve every family and are shown to everybody. Shortages, stock, premiums and pins
    are not split by market: they are shown where the person's scope holds the family in all markets. Shipments and
    their money are those of the scope.
    """
    plan = find_plan(request, number)
    scope = scope_of(request.user)
    shown = review_of(plan, scope)
    may_pin = is_allowed(actor=request.user, action=Action.PIN_SUPPLY, plan=plan)
    context = {
        "plan": plan,
        "state": supply_state(plan),
        "review": shown,
        "heat": shown.planned if request.GET.get("load") == "planned" else shown.needed,
        "shows_planned": request.GET.get("load") == "planned",
        **_shortages(plan, request.user, may_pin=may_pin),
        "purchases": purchases_of(plan, scope),
        "changes": changed_since_last_cycle(plan, scope),
        **_workforce(plan),
        "lots": lots_of(plan),
        "hours_per_head": HOURS_PER_HEAD,
        **_stock(plan, scope, shown),
        "pins": [row for row in pins_in_force(plan) if is_seen(row, scope)],
        "centres": policy_centres(plan),
        "policy": policy_costs(plan),
        "terms": terms_of(plan),
        "late": late_items(plan, scope),
        "active_run": _active(plan, KIND),
        "pricing_run": _active(plan, OPTIONS_KIND),
        "last_run": Run.objects.filter(plan=plan, kind=KIND).order_by("-id").first(),
        "cost": cost_of(plan) if scope.is_everything else None,
        "may_pin": may_pin,
        "may_solve": is_allowed(actor=request.user, action=Action.RUN_SUPPLY, plan=plan),
        "may_decide": may_pin and scope.is_everything,
        "is_scoped": not scope.is_everything,
    }
    return render(request, "supply/review.html", context)


def _workforce(plan: Plan) -> dict[str, object]:
    """The people that the plan counts with, and an estimate in heads for the other work centres."""
    people = workforce_of(plan)
    modelled = {pool.code for pool in people.pools} if people else set()
    return {"people": people, "workforce": [row for row in heads_needed(plan) if row.code not in modelled]}


def _active(plan: Plan, kind: str) -> Run | None:
    return Run.objects.filter(plan=plan, kind=kind, state__in=ACTIVE_STATES).order_by("-id").first()


def _question(question: ShortageQuestion | None, lost: LostItem, person: User, is_free: bool) -> dict[str, object]:
    """The decision about a shortage, and whether this person may choose, or put it to the executive, now."""
    waits_for_others = question is not None and question.is_open and question.row.recorded_by_id != person.pk
    of_others = question is not None and question.is_of_others
    is_settled = question is not None and of_others and question.row.money_cents == -lost.revenue_cents
    return {
        "question": question,
        "may_choose": is_free and not (waits_for_others or of_others),
        "may_put": is_free and not is_settled,
    }


def _shortages(plan: Plan, person: User, *, may_pin: bool) -> dict[str, object]:
    """The shortages of the person's families with their options and decisions, and the hours that bind."""
    scope = scope_of(person)
    lost = [row for row in lost_items(plan) if scope.allows(row.item.family_id, None)]
    priced = priced_plan(plan)
    options, best = (priced.options, priced.best) if priced else ({}, lambda item: "")
    questions = questions_of(plan)
    return {
        "shortages": [
            {
                "lost": row,
                "options": options.get(row.item.pk, ()),
                "best": best(row.item.pk),
                **_question(questions.get(row.item.code), row, person, may_pin and row.item.pk in options),
            }
            for row in lost[:SHOWN_SHORTAGES]
        ],
        "shortage_count": len(lost),
        "shortage_choices": [row for row in shortage_decisions(plan) if scope.allows(row.item.family_id, None)],
        "lost_margin_cents": sum(row.margin_cents for row in lost),
        "priced": priced,
        "validity": binding_hours(plan),
    }


def _stock(plan: Plan, scope: Scope, shown: Review) -> dict[str, object]:
    """Charts of the stock: units by month, and value inside its target band with the months behind it."""
    if shown.stock_total is None:
        return {"stock_units_chart": None, "stock_value_chart": None, "stock_months": ()}
    short = [value / 1000 for value in shown.short_by_month] if any(shown.short_by_month) else None
    units = [value / 1000 for value in shown.stock_total.units[1:]]
    months = inventory_of(plan, scope).months
    return {
        "stock_units_chart": stock_figure(shown.months, units, short, unit=_("units")),
        "stock_value_chart": band_figure(months[1:], unit=_("at standard cost")),
        "stock_months": months,
    }


@page
@require_POST
def solve(request: HttpRequest, number: str) -> HttpResponse:
    """Queue the supply plan at the present revisions."""
    plan = find_plan(request, number)
    request_supply_plan_by_hand(plan=plan, actor=request.user)
    messages.success(request, _("The supply plan is being solved."))
    return HttpResponseRedirect(reverse("supply:review", args=[plan.number]))


@page
@require_POST
def stop(request: HttpRequest, number: str) -> HttpResponse:
    """End the supply plan that is queued or being solved; the published one stays."""
    plan = find_plan(request, number)
    stop_supply_plan(plan=plan, actor=request.user)
    messages.success(request, _("Solving has ended; the supply plan stays as it was."))
    return HttpResponseRedirect(reverse("supply:review", args=[plan.number]))
