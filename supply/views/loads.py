"""Drill of the heat map: what loads one work centre in one month."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from catalog.calc.months import month_index
from cycles.selectors import scope_of
from cycles.views.answering import find_plan, page
from supply.models import WorkCentreLoad
from supply.selectors import overloads_of
from supply.services.loads import needed_month, planned_month
from supply.views.answers import first_day


@page
@require_GET
def load(request: HttpRequest, number: str, centre: str, month: str) -> HttpResponse:
    """Show the items on a work centre in a month: of the constrained plan, or of the whole demand (`?load=needed`)."""
    plan = find_plan(request, number)
    rows = WorkCentreLoad.objects.select_related("work_centre__site")
    found = get_object_or_404(rows, plan=plan, work_centre__code=centre)
    day = first_day(month)
    offset = month_index(day) - plan.first_month_index
    if not 0 <= offset < plan.horizon:
        raise Http404
    is_planned = request.GET.get("load") != "needed"
    read = planned_month if is_planned else needed_month
    context = {
        "plan": plan,
        "shown": read(plan, found, offset, scope_of(request.user)),
        "month": day,
        "is_planned": is_planned,
        "price_low": found.price_low[offset],
        "price_high": found.price_high[offset],
        "overload": next(
            (row for row in overloads_of(plan) if (row.work_centre, row.month) == (found.work_centre, day)), None
        ),
    }
    return render(request, "supply/_load_drawer.html" if request.htmx else "supply/load.html", context)
