"""Recording a gesture: lock, rights, conflicts, new values, ledger, consensus, revision. One transaction."""

from __future__ import annotations

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from cycles.errors import ReasonMissing
from cycles.failpoints import failpoint
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import bump_revision, lock_plan
from demand.calc.spread import NothingToSpreadOver, ladder_weights, scaled_totals, spread_totals
from demand.frames import load_actuals
from demand.models import Edit, Intent
from demand.services.ledger.cells import Cells, load_cells, winners_of
from demand.services.ledger.gestures import EditInvalid, EditResult, Gesture, Mode, Refusal
from demand.services.replay import write_lines
from demand.services.series_store import PAIR, SeriesValues, add_series, move_consensus

Ints = NDArray[np.int64]
YEAR = 12


def record_edit(*, plan_id: int, gesture: Gesture, actor: User) -> EditResult:
    """Append one gesture to the ledger and move the consensus of its series.

    An instruction is refused when somebody else (or the same person in another window) has written one of its cells
    since `gesture.base_revision`; the others are saved, all in one edit. Instructions that change nothing append
    nothing. One audit row, one revision of the demand ledger. Demand planners, while the demand stage is open.
    A second call with the same values changes nothing.

    Raises:
        ReasonMissing: no reason.
        EditInvalid, SeriesUnknown: the gesture makes no sense; nothing is written.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    if not gesture.reason.strip():
        raise ReasonMissing("An edit needs a reason.")
    if not gesture.instructions:
        raise EditInvalid("The edit names no cell.")
    with transaction.atomic():
        plan = lock_plan(plan_id)
        authorise(actor=actor, action=Action.EDIT_DEMAND, plan=plan)
        cells = load_cells(plan, gesture, actor)
        won = winners_of(plan, gesture, cells, actor)
        sums = cells.sums(cells.now(), len(gesture.instructions))
        refused = tuple(Refusal(position, int(sums[position]), edit) for position, edit in sorted(won.items()))
        saved = tuple(k for k in range(len(gesture.instructions)) if k not in won)
        cells = cells.kept(~np.isin(cells.instruction, list(won)))
        target = _target(plan, gesture, cells)
        moved = np.isin(cells.instruction, cells.instruction[target != cells.now()])
        if not moved.any():
            return EditResult(saved, refused, None, plan.revision, _at(cells, np.zeros(0, np.int64)))
        edit, series = _append(plan, gesture, cells.kept(moved), target[moved], actor)
        return EditResult(saved, refused, edit, plan.revision, series)


def _target(plan: Plan, gesture: Gesture, cells: Cells) -> Ints:
    """(c,) what the cells shall hold, milli-units."""
    if gesture.mode == Mode.RESET:
        return cells.values.baseline[cells.row, cells.month]
    last_year = _last_year(plan, cells)
    if gesture.mode == Mode.LAST_YEAR:
        return last_year // cells.quantum_milli * cells.quantum_milli
    count, quantum = len(gesture.instructions), cells.quantum_milli
    totals = np.array([instruction.value for instruction in gesture.instructions], np.int64)
    now = cells.sums(cells.now(), count)
    if gesture.mode == Mode.CHANGE:
        totals = now + totals
    elif gesture.mode == Mode.SCALE:
        totals = scaled_totals(now, totals, quantum)
    return _spread(cells, totals, last_year, count)


def _spread(cells: Cells, totals: Ints, last_year: Ints, count: int) -> Ints:
    totals = np.where(np.isin(np.arange(count), cells.instruction), totals, 0)
    if (totals < 0).any():
        raise EditInvalid("Demand cannot go below zero.")
    if (totals % cells.quantum_milli).any():
        raise EditInvalid(f"These items are planned in steps of {cells.quantum_milli / 1000:g}.")
    open_now = cells.alive[cells.row, cells.month] | (cells.now() != 0)
    ladder = np.stack([cells.now(), cells.values.baseline[cells.row, cells.month], last_year]).astype(np.float64)
    able = cells.kept(open_now)
    weights = ladder_weights(ladder[:, open_now], able.instruction, count)
    target = np.zeros(len(cells.row), np.int64)
    try:
        target[open_now] = spread_totals(totals, weights, able.instruction, cells.quantum_milli)
    except NothingToSpreadOver:
        raise EditInvalid("No item is on the market there in that month: not launched yet, or ended.") from None
    return target


def _last_year(plan: Plan, cells: Cells) -> Ints:
    """(c,) units of the same cells a year before: actual where closed, else the plan's own; never below zero."""
    first = plan.first_month_index
    actuals = load_actuals(first - YEAR, first - 1)
    before = np.zeros((len(cells.values.keys), YEAR + plan.horizon), np.int64)
    stored = actuals.item_ids.astype(np.int64) * PAIR + actuals.market_ids
    known = np.isin(stored, cells.values.keys)
    before[np.searchsorted(cells.values.keys, stored[known]), :YEAR] = actuals.units[known]
    before[:, YEAR:] = cells.values.consensus
    return np.maximum(before[cells.row, cells.month], 0)


def _append(plan: Plan, gesture: Gesture, cells: Cells, target: Ints, actor: User) -> tuple[Edit, SeriesValues]:
    rows, line = np.unique(cells.row, return_inverse=True)
    delta, touched, typed = np.zeros((3, len(rows), plan.horizon), np.int64)
    delta[line, cells.month], touched[line, cells.month] = target - cells.now(), 1
    if gesture.mode.intent == Intent.SET:
        typed[line, cells.month] = target
    keys = cells.values.keys[rows]
    edit = Edit.objects.create(
        plan=plan,
        revision=bump_revision(plan, ledger="demand", actor=actor),
        kind=gesture.kind.value,
        reason=gesture.reason.strip(),
        gesture=_told(gesture, cells, int(delta.sum())),
        session=gesture.session[:40],
        author=actor,
    )
    add_series(plan, keys)
    write_lines(edit, keys, intent=gesture.mode.intent, arrays=(delta, touched, typed))
    failpoint("ledger.appended")
    move_consensus(plan, keys, delta)
    record_audit(
        actor=actor,
        code="demand.edit.recorded",
        plan=plan,
        subject=f"r{edit.revision}",
        after=edit.gesture,
        reason=edit.reason,
    )
    return edit, SeriesValues(keys, cells.values.baseline[rows], cells.values.consensus[rows] + delta)


def _told(gesture: Gesture, cells: Cells, change: int) -> dict[str, object]:
    """The gesture in plain values, for the list of edits."""
    named: dict[str, object] = {"events": [gesture.event]} if gesture.event else {}
    return {**gesture.about, **named} | {
        "what": gesture.mode.value,
        "instructions": len(gesture.instructions),
        "cells": len(cells.row),
        "series": len(np.unique(cells.row)),
        "first_month": int(cells.month.min()),
        "last_month": int(cells.month.max()),
        "change_milli": change,
        "values": [instruction.value for instruction in gesture.instructions[:20]],
    }


def _at(cells: Cells, rows: Ints) -> SeriesValues:
    values = cells.values
    return SeriesValues(values.keys[rows], values.baseline[rows], values.consensus[rows])
