"""The streams of a plan side by side, and the gestures behind a figure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog.calc.months import month_date
from catalog.models import Family, Item, Market
from cycles.models import Plan
from cycles.views.answering import find_plan, page
from demand.forms import node_of
from demand.frames import plan_months
from demand.models import EditKind
from demand.selectors import has_series
from demand.services.ledger import EditInvalid, Node
from demand.services.streams import LEVELS, STREAMS, StreamRow, stream_edits, stream_table

SHOWN_EDITS = 200


@dataclass(frozen=True)
class Place:
    """Where a page of streams looks: a node, a month (position, None = all), and the query that says so."""

    node: Node
    month: int | None

    def query(self, **more: object) -> str:
        """The address of this place with some keys changed; empty ones are left out."""
        own = {"family": self.node.family_id, "item": self.node.item_id, "market": self.node.market_id}
        keys = {**own, "month": self.month, **more}
        return urlencode({name: value for name, value in keys.items() if value not in (None, "")})


@page
@require_GET
def streams(request: HttpRequest, number: str) -> HttpResponse:
    """Baseline, every stream and consensus of the places below a node, with totals that add up."""
    plan = find_plan(request, number)
    place = _place(request, plan)
    usual = "item" if place.node.family_id else "family"
    usual = "market" if place.node.item_id else usual
    level = request.GET.get("by", usual)
    if level not in LEVELS:
        raise Http404
    table = stream_table(plan, place.node, user=request.user, level=level, month=place.month)
    context = {
        "plan": plan,
        "has_series": has_series(plan),
        "place": place,
        "level": level,
        "levels": [(name, words, place.query(by=name)) for name, words in _levels()],
        "columns": [_("Baseline"), *(kind.label for kind in STREAMS), _("Consensus")],
        "rows": [_cells(row, place, level) for row in table.rows],
        "total": _cells(table.total, place, "")[1:],
        "unpriced": table.total.unpriced,
        "frozen": table.frozen,
        "is_exact": all(row.difference == 0 for row in table.rows),
        "months": [(position, month) for position, month in enumerate(plan_months(plan))],
        "crumbs": _crumbs(plan, place),
    }
    return render(request, "demand/streams.html", context)


@page
@require_GET
def edits(request: HttpRequest, number: str) -> HttpResponse:
    """List the gestures behind a figure; their sum is the figure."""
    plan = find_plan(request, number)
    place = _place(request, plan)
    asked = request.GET.get("stream", "")
    stream = EditKind(asked) if asked in list(EditKind) else None
    found = stream_edits(plan, place.node, user=request.user, stream=stream, month=place.month)
    context = {
        "plan": plan,
        "place": place,
        "stream": stream,
        "tabs": [("", _("All"), place.query())]
        + [(kind.value, kind.label, place.query(stream=kind.value)) for kind in STREAMS],
        "rows": found[:SHOWN_EDITS],
        "further": len(found) - SHOWN_EDITS,
        "units": sum(row.units for row in found),
        "cents": sum(row.cents for row in found),
        "crumbs": _crumbs(plan, place),
        "month": None if place.month is None else month_date(plan.first_month_index + place.month),
    }
    return render(request, "demand/stream_edits.html", context)


def _levels() -> list[tuple[str, str]]:
    return [("family", _("By family")), ("item", _("By item")), ("market", _("By market"))]


def _place(request: HttpRequest, plan: Plan) -> Place:
    """What the address names; an id or month that is none, or unknown, is a 404."""
    try:
        node = node_of({name: request.GET.get(name) for name in ("family", "item", "market")})
    except EditInvalid as error:
        raise Http404 from error
    for model, key in ((Family, node.family_id), (Item, node.item_id), (Market, node.market_id)):
        if key is not None:
            get_object_or_404(model, pk=key)
    month = request.GET.get("month", "")
    if not month:
        return Place(node, None)
    if not month.isdecimal() or int(month) >= plan.horizon:
        raise Http404
    return Place(node, int(month))


def _cells(row: StreamRow, place: Place, level: str) -> list[tuple[int | str, int | str, str]]:
    """The row's name with the way down, then (milli-units, cents, way to its gestures) per column."""
    below = {level: row.key} if level else {}
    down = f"?{place.query(**below)}" if level and not (place.node.item_id and level == "market") else ""
    behind = [f"edits/?{place.query(**below, stream=kind.value)}" for kind in STREAMS]
    ways = ["", *behind, f"edits/?{place.query(**below)}"]
    return [(row.label, row.unpriced, down), *zip(row.units, row.cents, ways, strict=True)]


def _crumbs(plan: Plan, place: Place) -> list[tuple[str, str]]:
    """From all of the plan down to the place."""
    home = reverse("demand:streams", args=[plan.number])
    found = [(_("All families"), home)]
    node = place.node
    if node.family_id:
        found.append((str(Family.objects.get(pk=node.family_id)), f"{home}?{urlencode({'family': node.family_id})}"))
    if node.item_id:
        found.append((str(Item.objects.get(pk=node.item_id)), f"{home}?{urlencode({'item': node.item_id})}"))
    if node.market_id:
        found.append((str(Market.objects.get(pk=node.market_id)), f"{home}?{urlencode({'market': node.market_id})}"))
    return found
