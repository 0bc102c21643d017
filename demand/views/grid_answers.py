"""What the server says to a gesture: what holds, what was refused and why, and the rows and dollars that moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.http import JsonResponse
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.calc.rounding import sum_by_group
from catalog.models import Category, Family, Item, Market
from cycles.models import Plan
from demand.services.ledger import Cause, EditResult, Gesture, Node, Refusal, SeriesUnknown
from demand.services.ledger.gestures import EditInvalid
from demand.services.review import Grid, dollars_of

Ints = NDArray[np.int64]
MOST_TOLD = 500


def series_rows(grid: Grid) -> list[list[Any]]:
    """[item, market, milli-units per month, positions of edited months, cents per month or null] per series."""
    units, cents = grid.units.tolist(), grid.cents.tolist() if grid.cents is not None else None
    return [
        [item, market, units[row], np.flatnonzero(grid.moved[row]).tolist(), cents[row] if cents else None]
        for row, (item, market) in enumerate(zip(grid.item_ids.tolist(), grid.market_ids.tolist(), strict=True))
    ]


def answer_result(plan: Plan, gesture: Gesture | None, result: EditResult, *, with_cents: bool) -> JsonResponse:
    """The answer to a gesture, or to an undo (no gesture): 409 when all was refused, 200 otherwise."""
    series = result.series
    before, after = _cents(plan, result)
    known = (after >= 0) & (before >= 0)
    moved_cents = np.where(known, after - before, 0)
    grid = Grid(
        series.item_ids,
        series.market_ids,
        series.consensus,
        series.consensus != series.baseline,
        after if with_cents else None,
    )
    answer = {
        "edit": result.edit.pk if result.edit else None,
        "revision": result.revision,
        "saved": list(result.saved),
        "refused": told_refusals(gesture, result.refused),
        "became": _became(result, after),
        "series": series_rows(grid),
        "parents": _parents(result, moved_cents),
        "change": {
            "units": int(result.delta.sum()),
            "cents": int(moved_cents.sum()),
            "unpriced": int(((result.delta != 0) & ~known).sum()),
        },
    }
    return JsonResponse(answer, status=409 if result.refused and not result.saved else 200)


def answer_refusals(gesture: Gesture, error: EditInvalid) -> JsonResponse:
    """The answer when every instruction was refused and none because of a conflict."""
    body = {
        "error": {"code": error.code, "text": str(error)},
        "saved": [],
        "refused": told_refusals(gesture, error.refused),
    }
    return JsonResponse(body, status=404 if isinstance(error, SeriesUnknown) else 422)


def told_refusals(gesture: Gesture | None, refused: Sequence[Refusal]) -> list[dict[str, Any]]:
    """Each refusal with its row, month and value in words; an unknown row is not named."""
    if not refused:
        return []
    names = _Names([gesture.instructions[one.instruction].nodes[0] for one in refused] if gesture else [])
    return [_told(gesture, one, names) for one in refused]


def _told(gesture: Gesture | None, refused: Refusal, names: _Names) -> dict[str, Any]:
    instruction = gesture.instructions[refused.instruction] if gesture else None
    told: dict[str, Any] = {
        "instruction": refused.instruction,
        "code": refused.cause.value,
        "row": names.of(instruction.nodes[0]) if instruction else "",
        "month": _span(instruction.months) if instruction else "",
        "value": instruction.value if instruction else None,
        "reason": refused.reason,
        "remedy": refused.remedy,
    }
    if refused.cause == Cause.CONFLICT and refused.at is not None:
        told |= {"value_now": refused.value_now, "by": refused.by, "at": refused.at.isoformat()}
    return told


class _Names:
    """Codes and names of the places that refusals speak of, four queries for all of them."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        """Read the names."""
        self._items = dict(Item.objects.filter(pk__in={n.item_id for n in nodes}).values_list("id", "code"))
        self._markets = dict(Market.objects.filter(pk__in={n.market_id for n in nodes}).values_list("id", "code"))
        self._families = dict(Family.objects.filter(pk__in={n.family_id for n in nodes}).values_list("id", "code"))
        wider = Category.objects.filter(pk__in={n.category_id for n in nodes})
        self._categories = dict(wider.values_list("id", "code"))

    def of(self, node: Node) -> str:
        """CHAIR-OAK · NORTH/DIRECT; 'everything' for a node without keys."""
        parts = [
            self._categories.get(node.category_id),
            self._families.get(node.family_id),
            self._items.get(node.item_id),
            self._markets.get(node.market_id),
        ]
        return " · ".join(str(part) for part in parts if part) or "everything"


def _span(months: Sequence[int]) -> str:
    first, last = min(months), max(months)
    if first < 12 or last > 119_999:
        return ""
    start = f"{month_date(first):%B %Y}"
    return start if first == last else f"{start} – {month_date(last):%B %Y}"


def _cents(plan: Plan, result: EditResult) -> tuple[Ints, Ints]:
    """(m, H) cents of the touched series before and after, −1 where a price is missing."""
    items, markets, units = result.series.item_ids, result.series.market_ids, result.series.consensus
    if not len(units):
        return units, units
    both = np.concatenate([units - result.delta, units])
    cents = dollars_of(plan, np.tile(items, 2), np.tile(markets, 2), both)
    return cents[: len(units)], cents[len(units) :]


def _became(result: EditResult, cents: Ints) -> list[list[int | None]]:
    """Position, milli-units and cents (None: a price is missing) of every instruction that moved something."""
    owned = result.owner >= 0
    positions, group = np.unique(result.owner[owned], return_inverse=True)
    if not 0 < len(positions) <= MOST_TOLD:
        return []
    of_cells = np.stack([result.series.consensus[owned], np.maximum(cents[owned], 0), cents[owned] < 0], axis=1)
    sums = sum_by_group(of_cells.astype(np.int64), group, len(positions)).tolist()
    return [
        [position, units, None if unpriced else worth]
        for position, (units, worth, unpriced) in zip(positions.tolist(), sums, strict=True)
    ]


def _parents(result: EditResult, moved_cents: Ints) -> list[list[Any]]:
    """[row id, units change per month, cents change per month] of items, families, categories above, and all."""
    items = result.series.item_ids
    above = Item.objects.filter(pk__in=np.unique(items).tolist()).values_list("id", "family_id", "family__category_id")
    held = {row[0]: row for row in above}
    rows: list[list[Any]] = []
    for place, level in enumerate("ifc"):
        keys, group = np.unique([held[item][place] or 0 for item in items.tolist()], return_inverse=True)
        units, cents = (sum_by_group(block, group, len(keys)).tolist() for block in (result.delta, moved_cents))
        rows += [[f"{level}{key}", units[k], cents[k]] for k, key in enumerate(keys.tolist()) if key]
    if len(items):
        rows.append(["all", result.delta.sum(axis=0).tolist(), moved_cents.sum(axis=0).tolist()])
    return rows
