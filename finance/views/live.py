"""The live part of the finance pages: the year at this very revision beside the landing that is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from cycles.models import ACTIVE_STATES, Plan, Run
from cycles.services.runs import is_stale
from cycles.views.answering import find_plan, page
from finance.frames.live import live_months
from finance.selectors.live import YearTotals, stored_totals, year_totals
from finance.selectors.position import KIND

ROWS: tuple[tuple[str, Promise, bool], ...] = (
    ("finance_landing", _("Revenue landing"), True),
    ("upside", _("Unconstrained revenue"), True),
    ("cogs", _("COGS at standard"), False),
    ("standard_margin", _("Margin at standard"), True),
    ("cost_to_serve", _("Cost to serve"), False),
    ("margin", _("Gross margin"), True),
    ("operating_margin", _("Operating margin"), True),
    ("inventory", _("Inventory at the year's end"), True),
    ("cash", _("Operating cash, open months"), True),
)


@dataclass(frozen=True)
class LiveRow:
    """One measure of the year, cents: live, stored, and what moved; None where it cannot be said."""

    key: str
    label: Promise
    live: int | None
    stored: int | None
    is_good_up: bool

    @property
    def moved(self) -> int | None:
        """Live − stored."""
        return None if self.live is None or self.stored is None else self.live - self.stored


@page
@require_GET
def live(request: HttpRequest, number: str) -> HttpResponse:
    """The live totals, with the sentence that moves into the page's headline."""
    plan = find_plan(request, number)
    return render(request, "finance/_live.html", {"plan": plan} | live_context(plan))


def live_context(plan: Plan) -> dict[str, Any]:
    """What the live part shows: nothing before the first landing, a word while nothing has moved, else every measure."""
    stored = stored_totals(plan)
    if stored is None:
        return {"is_behind": False}
    run, before = stored
    if not is_stale(run, Plan.objects.get(pk=plan.pk)):
        return {"is_behind": False, "stored_run": run}
    now = live_months(plan)
    found = {"is_behind": True, "stored_run": run, "fault": now.fault, "now_revision": now.revision.plan}
    if now.fault:
        return found
    totals = year_totals(plan, now.months, now.cash)
    computing = Run.objects.filter(plan=plan, kind=KIND, state__in=ACTIVE_STATES).order_by("-id").first()
    return found | {
        "year_now": totals,
        "now_constrained": now.is_constrained,
        "rows": rows_of(totals, before),
        "computing": computing,
    }


def rows_of(live: YearTotals, stored: YearTotals) -> list[LiveRow]:
    """Every measure beside what is stored."""
    return [
        LiveRow(key, label, getattr(live, key), getattr(stored, key), is_good_up) for key, label, is_good_up in ROWS
    ]
