"""The panel beside the grid: one selection with its past, its statistics, its track record, its edits and its talk."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from catalog.models import Category, Family, Item, Market
from cycles.context import Shell
from cycles.views.answering import find_plan, page
from demand.charts import history_figure
from demand.forms import NODE_KEYS, node_of
from demand.services.cleansing import cleansings_below, moves_by_month
from demand.services.ledger import EditInvalid, Node
from demand.services.selection import selection_of
from demand.services.selection_record import edits_here, track_record
from demand.subjects import node_key, series_key

SHOWN_FORECASTS = 6


@page
@require_GET
def panel(request: HttpRequest, number: str) -> HttpResponse:
    """Show one selection in units or in dollars, as the switch of the page stands."""
    plan = find_plan(request, number)
    node = _node(request)
    in_units = Shell(request).shows_units
    selection = selection_of(plan, node, user=request.user, in_units=in_units)
    cleansings = cleansings_below(plan, node, request.user)
    context = {
        "plan": plan,
        "cleansings": cleansings,
        "selection": selection,
        "in_units": in_units,
        "figure": history_figure(
            selection.curves, in_units=in_units, cleansed=moves_by_month(cleansings) if in_units else None
        ),
        "months": selection.curves.rows(),
        "forecasts": selection.forecasts[:SHOWN_FORECASTS],
        "more_forecasts": max(len(selection.forecasts) - SHOWN_FORECASTS, 0),
        "edits": edits_here(plan, selection.series),
        "record": track_record(plan, selection.series, by_item=node.item_id is not None),
        "subject": ("series", series_key(node.item_id, node.market_id)) if node.is_leaf else ("node", node_key(node)),
    }
    return render(request, "demand/_panel.html", context)


def _node(request: HttpRequest) -> Node:
    """The node that the address names; an id that is none, or unknown, is a 404."""
    try:
        node = node_of({name: request.GET.get(name) for name in NODE_KEYS})
    except EditInvalid as error:
        raise Http404 from error
    for model, key in (
        (Category, node.category_id), (Family, node.family_id), (Item, node.item_id), (Market, node.market_id)
    ):  # fmt: skip
        if key is not None:
            get_object_or_404(model, pk=key)
    return node
