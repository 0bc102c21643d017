"""What the grid fetches beside its cells: history on demand, a row to compare with, net prices. JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_GET
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.models import Company
from cycles.views.answering import find_plan
from demand.services.grid_beside import Beside, PriceBlock, compare_with, history_of, prices_of
from demand.services.ledger import EditInvalid
from demand.services.series_store import PAIR
from demand.views.grid import answers_json

LONGEST_HISTORY = 120


@answers_json
@require_GET
def history(request: HttpRequest, number: str) -> JsonResponse:
    """The last closed months, as many as asked for."""
    plan = find_plan(request, number)
    wanted = request.GET.get("months", "24")
    if not wanted.isdecimal() or not 1 <= int(wanted) <= LONGEST_HISTORY:
        raise EditInvalid(f"months: between 1 and {LONGEST_HISTORY}.")
    months, found = history_of(plan, months=int(wanted), user=request.user)
    named = [[month, f"{month_date(month):%b}", month_date(month).year] for month in months]
    return JsonResponse({"months": named, "series": _series(found, with_cents=_shows_value(request))})


@answers_json
@require_GET
def compare(request: HttpRequest, number: str) -> JsonResponse:
    """One row to compare with."""
    plan = find_plan(request, number)
    name = request.GET.get("with", "")
    try:
        found = compare_with(plan, name, user=request.user)
    except KeyError as error:
        raise Http404 from error
    with_cents = _shows_value(request)
    above = [[row, units, cents if with_cents else None] for row, (units, cents) in sorted(found.above.items())]
    series = _series(found, with_cents=with_cents)
    return JsonResponse({"with": name, "label": found.label, "series": series, "above": above})


@answers_json
@require_GET
def prices(request: HttpRequest, number: str) -> JsonResponse:
    """Net prices, each from the month on in which it begins to hold."""
    plan = find_plan(request, number)
    block = prices_of(plan, user=request.user)
    currency = Company.objects.current().currency_id
    return JsonResponse({"revision": plan.revision, "currency": currency, "prices": _runs(block)})


def _shows_value(request: HttpRequest) -> bool:
    return request.GET.get("show") == "value"


def _series(found: Beside, *, with_cents: bool) -> list[list[Any]]:
    """[item, market, units or None per month, cents or None per month; None as a whole in units]."""
    units, cents = _optional(found.units, found.known), _optional(found.cents, found.priced) if with_cents else None
    return [
        [key // PAIR, key % PAIR, units[row], cents[row] if cents else None]
        for row, key in enumerate(found.keys.tolist())
    ]


def _optional(values: NDArray[np.int64], known: NDArray[np.bool_]) -> list[list[int | None]]:
    """Lists with None where nothing is known."""
    if known.all():
        return list(values.tolist())
    rows: list[list[int | None]] = np.where(known, values.astype(object), np.array(None, object)).tolist()
    return rows


def _runs(block: PriceBlock) -> list[list[Any]]:
    """[item, market, [[position, price or None], …]]: only where the price changes."""
    starts = np.ones(block.micro.shape, bool)
    starts[:, 1:] = block.micro[:, 1:] != block.micro[:, :-1]
    rows, positions = np.nonzero(starts)
    runs: list[list[Any]] = [[key // PAIR, key % PAIR, []] for key in block.keys.tolist()]
    for row, position, price in zip(
        rows.tolist(), positions.tolist(), block.micro[rows, positions].tolist(), strict=True
    ):
        runs[row][2].append([position, None if price < 0 else price])
    return runs
