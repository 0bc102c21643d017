"""Exceptions that a baseline run left in the ledger: the baseline moved under an edit, or an edit was dropped."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from cycles.models import Plan
from demand.frames import load_rates
from demand.models import Edit, EditKind, EditLine, ExceptionKind
from demand.services.exception_entry import DemandException, Spot, Stake
from demand.services.replay import BASELINE_MOVED, ENDED

Ints = NDArray[np.int64]


def ledger_exceptions(plan: Plan) -> Iterator[DemandException]:
    """What the runs of this plan told in system edits, each with the dollars of the move at the plan's prices."""
    yield from _moved(plan)
    yield from _ended(plan)


def _moved(plan: Plan) -> Iterator[DemandException]:
    """Edited series under which the latest baseline moved."""
    system = Edit.objects.filter(plan=plan, kind=EditKind.SYSTEM.value, gesture__what=BASELINE_MOVED)
    edit = system.order_by("-id").first()
    if edit is None:
        return
    lines = list(_with_names(EditLine.objects.filter(edit=edit)).order_by("id"))
    moves = edit.gesture.get("moved", {})
    by = [moves.get(f"{line.item_id}.{line.market_id}", [0] * plan.horizon) for line in lines]
    milli = np.array(by, np.int64).reshape(len(lines), plan.horizon)
    for line, stake, units in zip(lines, _stakes(plan, lines, milli), milli, strict=True):
        spot = _spot(line)
        yield DemandException(
            ExceptionKind.BASELINE_MOVED,
            spot,
            f"The baseline moved {_units(units)} under an edit of {spot.item} in {spot.market}.",
            "Typed values were kept, changes stay on top of the new baseline.",
            stake,
            _touched(plan, line),
        )


def _ended(plan: Plan) -> Iterator[DemandException]:
    """Series whose edits were dropped in months in which the item is not on the market; the dollars are what they were."""
    ended = EditLine.objects.filter(plan=plan, edit__kind=EditKind.SYSTEM.value, edit__gesture__what=ENDED)
    lines = list(_with_names(ended).order_by("item__code", "market__code", "id"))
    milli = np.array([line.delta for line in lines], np.int64).reshape(len(lines), plan.horizon)
    for line, stake in zip(lines, _stakes(plan, lines, milli), strict=True):
        spot = _spot(line)
        yield DemandException(
            ExceptionKind.EDIT_ENDED,
            spot,
            f"{spot.item} is not on the market in {sum(line.touched)} edited months in {spot.market}: dropped.",
            "An edit outside the life of its item holds no longer.",
            stake,
            _touched(plan, line),
        )


def _with_names(lines: QuerySet[EditLine]) -> QuerySet[EditLine]:
    return lines.select_related("item__family", "market")


def _spot(line: EditLine) -> Spot:
    family, item, market = line.item.family, line.item, line.market
    return Spot(
        family_id=family.pk if family else 0,
        market_id=market.pk,
        family=family.code if family else "",
        market=market.code,
        item_id=item.pk,
        item=item.code,
        lead_id=item.pk,
        lead=item.code,
    )


def _touched(plan: Plan, line: EditLine) -> tuple[int, ...]:
    return tuple(plan.first_month_index + place for place, mark in enumerate(line.touched) if mark)


def _stakes(plan: Plan, lines: list[EditLine], milli: Ints) -> list[Stake]:
    """Dollars per line of milli-units (line, month) at the plan's net prices; what has no price is counted apart."""
    if not lines:
        return []
    rates = load_rates(plan, [line.item_id for line in lines], [line.market_id for line in lines])
    cents = to_cents(milli, np.where(rates.missing, 0, rates.net_price4), np.maximum(rates.fx6, 1)).sum(axis=1)
    unpriced = np.where(rates.missing, np.abs(milli), 0).sum(axis=1)
    return [Stake(*pair) for pair in zip(cents.tolist(), unpriced.tolist(), strict=True)]


def _units(milli: Ints) -> str:
    total = int(milli.sum())
    return f"by {total / 1000:+,.0f} units".replace("-", "−") if total else "up and down"
