"""How good earlier plans were, and which items deserve whose attention: pages, the review's cards and a file."""

from __future__ import annotations

import csv
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.calc.inert_text import inert
from cycles.selectors import scope_of
from cycles.views.answering import find_plan, page
from demand.services.accuracy import (
    accuracy_on,
    families_of,
    judged_for,
    offenders_of,
    people_of,
    streams_of,
)
from demand.services.item_classes import Classes, classes_of
from demand.services.judged import Level

SHOWN_ITEMS = 300
COLUMNS = ("item", "name", "family", "class", "revenue", "cumulative_share", "variation", "wmape_lag_1")


@page
@require_GET
def accuracy(request: HttpRequest, number: str) -> HttpResponse:
    """Show how good earlier plans were at one lag, what each stream and person added, and where plans missed most."""
    plan = find_plan(request, number)
    asked = request.GET.get("level", "")
    level = Level(asked) if asked in list(Level) else Level.FAMILY
    judged = judged_for(plan, level=level, scope=scope_of(request.user))
    context: dict[str, Any] = {"plan": plan, "level": level, "levels": list(Level), "judged": judged}
    if judged is not None:
        lags = {str(block.lag): block for block in judged.blocks}
        block = lags.get(request.GET.get("lag", ""), judged.blocks[0])
        context |= {
            "lagged": block,
            "lags": sorted(lags),
            "by_lag": families_of(judged)[0].lags,
            "families": [(family, _at(family.lags, block.lag)) for family in families_of(judged)[1:]],
            "streams": streams_of(judged, block),
            "people": people_of(judged, block),
            "offenders": offenders_of(judged, block),
        }
    return render(request, "demand/accuracy.html", context)


@page
@require_GET
def card(request: HttpRequest, number: str) -> HttpResponse:
    """The errors by lag, for the review."""
    plan = find_plan(request, number)
    judged = judged_for(plan, level=Level.FAMILY, scope=scope_of(request.user))
    rows = accuracy_on(judged, judged.families >= 0) if judged is not None else ()
    return render(request, "demand/_accuracy_card.html", {"plan": plan, "rows": rows})


@page
@require_GET
def classes(request: HttpRequest, number: str) -> HttpResponse:
    """The matrix as the review's card by htmx; as a page with the items of one class, or of all."""
    plan = find_plan(request, number)
    found = classes_of(plan, scope=scope_of(request.user))
    if request.htmx:
        return render(request, "demand/_classes.html", {"plan": plan, "classes": found})
    chosen = _chosen(request, found)
    rows = [row for row in found.items if not chosen or row.key == chosen]
    context = {"plan": plan, "classes": found, "chosen": chosen, "rows": rows[:SHOWN_ITEMS], "count": len(rows)}
    return render(request, "demand/classes.html", context)


@page
@require_GET
def classes_file(request: HttpRequest, number: str) -> HttpResponse:
    """The items with their classes as CSV; text that a spreadsheet could run is inert."""
    plan = find_plan(request, number)
    found = classes_of(plan, scope=scope_of(request.user))
    chosen = _chosen(request, found)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="classes-{plan.number}.csv"'
    response["Cache-Control"] = "no-store"
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    for row in found.items:
        if not chosen or row.key == chosen:
            names = [inert(text) for text in (row.code, row.name, row.family)]
            figures = (_text(row.reached), _text(row.variation), _text(row.wmape))
            writer.writerow([*names, row.key, f"{row.cents / 100:.2f}", *figures])
    return response


def _chosen(request: HttpRequest, found: Classes) -> str:
    """The class of the address, '' for all; one that does not exist is a 404."""
    asked = request.GET.get("class", "")
    if asked and asked not in {cell.key for row in found.cells for cell in row}:
        raise Http404
    return asked


def _at(lags: tuple[Any, ...], lag: int) -> Any:
    return next((each for each in lags if each.lag == lag), None)


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
