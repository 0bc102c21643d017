"""Cleansed history: named by the baseline run or a person, kept as a ledger, taken back with a reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from django.db import transaction
from numpy.typing import NDArray

from catalog.calc.months import month_date, month_index
from catalog.frames.hierarchy import NONE
from cycles.errors import NotAllowedNow, ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from cycles.services.runs import request_run
from demand.calc.cleansing import CleansingKind, cleansed, cleansings_of
from demand.models import Cleansing
from demand.selectors import named_cleansings
from demand.services.ledger import Node

Floats = NDArray[np.float64]

KIND = "demand.baseline"
UNIT = 1000.0


@dataclass(frozen=True)
class CleansedHistory:
    """History (s, T) as the forecast reads it, the cleansings it applies, and those of them that nobody named before.

    `applied`: (s,) how many months of each row stand in; `new`: unsaved rows without plan and author.
    """

    history: Floats
    applied: NDArray[np.int64]
    new: list[Cleansing]


def cleanse(history: pd.DataFrame, first_month: int) -> CleansedHistory:
    """Apply what is in force and what stands out of line now, except what somebody took back.

    Args:
        history: milli-units, a row per (family_id, market_id), a column per month from `first_month` on.
        first_month: month number of the first column.
    """
    raw = np.maximum(history.to_numpy(np.float64), 0.0)
    keys = [(int(family), int(market)) for family, market in history.index.tolist()]
    named: set[tuple[int, int, int, int]] = set()
    values: dict[tuple[int, int], float] = {}
    new = []
    places = {key: row for row, key in enumerate(keys)}
    known = Cleansing.objects.filter(takes_back__isnull=True).select_related("taken_back_by")
    # what a person typed while a run was on its way is the last word
    for held in sorted(known, key=lambda row: (row.kind == CleansingKind.TYPED.value, row.pk)):
        column, row = month_index(held.month) - first_month, places.get((held.family_id, held.market_id), NONE)
        named.add((held.family_id, held.market_id, column, held.sold))
        if row != NONE and held.is_in_force and _is_sold(raw[row], column, held.sold):
            values[row, column] = float(held.value)
    for found in cleansings_of(raw, UNIT):
        key = (*keys[found.row], found.column, round(found.sold))
        if key not in named and (found.row, found.column) not in values:
            values[found.row, found.column] = found.usual
            new.append(_proposal(key, first_month, kind=found.kind.value, usual=round(found.usual)))
    cells = [(row, column, value) for (row, column), value in values.items()]
    applied = np.bincount([row for row, _ in values], minlength=len(raw)).astype(np.int64)
    return CleansedHistory(cleansed(history.to_numpy(np.float64), cells), applied, new)


def write_cleansings(plan: Plan, new: list[Cleansing], *, actor: User) -> None:
    """Keep what the run named; the caller's transaction publishes the forecast that rests on it. Twice is once."""
    for row in new:
        row.plan, row.author = plan, actor
    Cleansing.objects.bulk_create(new, ignore_conflicts=True)
    if new:
        record_audit(actor=actor, code="demand.cleansing.named", plan=plan, after={"months": len(new)})


def take_back_cleansing(*, plan: Plan, cleansing_id: int, reason: str, actor: User) -> Cleansing:
    """Let a month count as it was sold again, and ask for a new baseline; audited.

    Before → after: in force → taken back, for this plan and later ones. A second call is refused.

    Raises:
        ReasonMissing: no reason.
        NotAllowedToYou, NotAllowedNow: by the rights table, outside the person's scope, or taken back already.
    """
    if not reason.strip():
        raise ReasonMissing("Say why the month is demand as it was sold.")
    with transaction.atomic():
        locked = lock_plan(plan.pk)
        authorise(actor=actor, action=Action.RUN_BASELINE, plan=locked)
        held = Cleansing.objects.select_related("taken_back_by").get(pk=cleansing_id)
        if not held.is_in_force or not scope_of(actor).allows(held.family_id, held.market_id):
            raise NotAllowedNow("This cleansing is not in force: somebody took it back already.")
        back = Cleansing.objects.create(
            plan=locked,
            family_id=held.family_id,
            market_id=held.market_id,
            month=held.month,
            kind=held.kind,
            sold=held.sold,
            value=held.sold,
            reason=reason.strip(),
            takes_back=held,
            author=actor,
        )
        record_audit(
            actor=actor,
            code="demand.cleansing.taken_back",
            plan=locked,
            subject=str(held),
            before={"value": held.value},
            after={"value": held.sold},
            reason=back.reason,
        )
        request_run(kind=KIND, plan=locked, actor=actor, parameters={"cleansings": back.pk})
    return back


def cleansings_below(plan: Plan, node: Node, user: User) -> list[Cleansing]:
    """Those in force in the segments of a node; none for an item, which is forecast as a share of its family."""
    if node.item_id is not None:
        return []
    places = ((node.category_id, "category_id"), (node.family_id, "id"))
    return [
        row
        for row in named_cleansings(plan, user)
        if row.is_in_force
        and node.market_id in (None, row.market_id)
        and all(wanted in (None, getattr(row.family, name)) for wanted, name in places)
    ]


def moves_by_month(cleansings: list[Cleansing]) -> dict[int, int]:
    """Milli-units that the forecast adds to what was sold, by month number."""
    moves: dict[int, int] = {}
    for row in cleansings:
        month = month_index(row.month)
        moves[month] = moves.get(month, 0) + row.value - row.sold
    return moves


def _is_sold(row: Floats, column: int, sold: int) -> bool:
    return 0 <= column < len(row) and round(float(row[column])) == sold


def _proposal(key: tuple[int, int, int, int], first_month: int, *, kind: str, usual: int) -> Cleansing:
    family, market, column, sold = key
    reason = f"{sold / UNIT:,.0f} units beside a usual {usual / UNIT:,.0f} in the three months before and after"
    month = month_date(first_month + column)
    return Cleansing(family_id=family, market_id=market, month=month, kind=kind, sold=sold, value=usual, reason=reason)
