"""Recording a gesture: lock, rights, conflicts, new values, ledger, consensus, revision. One transaction."""

from __future__ import annotations

from collections.abc import Mapping

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
from demand.models import Edit, Intent
from demand.services.ledger.cells import Cells, load_cells, winners_of
from demand.services.ledger.gestures import Cause, EditInvalid, EditResult, Gesture, Refusal, SeriesUnknown
from demand.services.ledger.refusals import conflict
from demand.services.ledger.targets import Aim, aim
from demand.services.replay import write_lines
from demand.services.series_store import SeriesValues, add_empty_series, store_consensus

Ints = NDArray[np.int64]


def record_edit(*, plan_id: int, gesture: Gesture, actor: User) -> EditResult:
    """Append one gesture to the ledger and move the consensus of its series.

    Each instruction is judged by itself: it is refused when somebody else (or the same person in another window) has
    written one of its cells since `gesture.base_revision`, or when its cells cannot hold what is asked; the others are
    saved, all in one edit. Instructions that change nothing append nothing. One audit row, one revision of the demand
    ledger. Demand planners, while the demand stage is open. A second call with the same values changes nothing.

    Raises:
        ReasonMissing: neither a reason nor a reason code.
        EditInvalid, SeriesUnknown: the gesture makes no sense, or every instruction is refused and none of them because
            of a conflict; nothing is written.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    if not gesture.words:
        raise ReasonMissing("An edit needs a reason.")
    if not gesture.instructions:
        raise EditInvalid("The edit names no cell.")
    with transaction.atomic():
        plan = lock_plan(plan_id)
        authorise(actor=actor, action=Action.EDIT_DEMAND, plan=plan)
        cells, refused = load_cells(plan, gesture, actor)
        won = winners_of(plan, gesture, cells, actor)
        sums = cells.sums(cells.now(), len(gesture.instructions))
        refused |= {position: conflict(position, edit, int(sums[position])) for position, edit in won.items()}
        wanted = aim(plan, gesture, cells.without(won))
        refused |= wanted.refused
        if len(refused) == len(gesture.instructions):
            _refuse_all(refused)
        return _record(plan, gesture, wanted, refused, actor)


def record_whole_edit(*, plan_id: int, gesture: Gesture, actor: User) -> EditResult:
    """Do as `record_edit`, but all or nothing: one conflict refuses the whole gesture, and nothing is written.

    Raises:
        EditInvalid, SeriesUnknown: also where a single instruction is refused and none because of a conflict.
    """
    with transaction.atomic():
        result = record_edit(plan_id=plan_id, gesture=gesture, actor=actor)
        if result.refused:
            transaction.set_rollback(True)
            _refuse_all({one.instruction: one for one in result.refused})
            revision = result.revision - (result.edit is not None)
            return nothing_moved(result.series, refused=result.refused, revision=revision)
        return result


def nothing_moved(
    values: SeriesValues, *, refused: tuple[Refusal, ...], revision: int, saved: tuple[int, ...] = ()
) -> EditResult:
    """A result without an edit; `values` give the shape of its empty series."""
    nothing = SeriesValues(values.keys[:0], values.baseline[:0], values.consensus[:0])
    return EditResult(saved, refused, None, revision, nothing, nothing.consensus, nothing.consensus)


def _refuse_all(refused: Mapping[int, Refusal]) -> None:
    """Raise the first refusal, when none is a conflict: then the gesture itself has to change."""
    if any(one.cause == Cause.CONFLICT for one in refused.values()):
        return
    told = tuple(refused[position] for position in sorted(refused))
    error = SeriesUnknown if told[0].cause == Cause.UNKNOWN_ROW else EditInvalid
    raise error(told[0].reason, told)


def _record(plan: Plan, gesture: Gesture, wanted: Aim, refused: Mapping[int, Refusal], actor: User) -> EditResult:
    """Append what moves; say what holds and what not."""
    told = tuple(refused[position] for position in sorted(refused))
    saved = tuple(k for k in range(len(gesture.instructions)) if k not in refused)
    cells, target = wanted.cells, wanted.target
    moved = np.isin(cells.instruction, cells.instruction[target != cells.now()])
    if not moved.any():
        return nothing_moved(cells.values, refused=told, revision=plan.revision, saved=saved)
    edit, series, delta = _append(plan, gesture, cells.kept(moved), target[moved], actor)
    owner = np.full(delta.shape, -1, np.int64)
    owner[np.searchsorted(series.keys, cells.values.keys[cells.row[moved]]), cells.month[moved]] = cells.instruction[
        moved
    ]
    return EditResult(saved, told, edit, plan.revision, series, delta, owner)


def _append(plan: Plan, gesture: Gesture, cells: Cells, target: Ints, actor: User) -> tuple[Edit, SeriesValues, Ints]:
    rows, line = np.unique(cells.row, return_inverse=True)
    delta, touched, typed = np.zeros((3, len(rows), plan.horizon), np.int64)
    delta[line, cells.month], touched[line, cells.month] = target - cells.now(), 1
    if gesture.mode.intent == Intent.SET:
        typed[line, cells.month] = target
    keys, consensus = cells.values.keys[rows], cells.values.consensus[rows] + delta
    edit = Edit.objects.create(
        plan=plan,
        revision=bump_revision(plan, ledger="demand", actor=actor),
        kind=gesture.kind.value,
        reason=gesture.words,
        reason_code=gesture.reason_code,
        gesture=_told(gesture, cells, int(delta.sum())),
        session=gesture.session[:40],
        author=actor,
    )
    add_empty_series(plan, keys[~cells.is_stored[rows]])
    write_lines(edit, keys, intent=gesture.mode.intent, arrays=(delta, touched, typed))
    failpoint("ledger.appended")
    store_consensus(plan, keys, consensus)
    record_audit(
        actor=actor,
        code="demand.edit.recorded",
        plan=plan,
        subject=f"r{edit.revision}",
        after=edit.gesture,
        reason=edit.why,
    )
    return edit, SeriesValues(keys, cells.values.baseline[rows], consensus), delta


def _told(gesture: Gesture, cells: Cells, change: int) -> dict[str, object]:
    """The gesture in plain values, for the list of edits."""
    named: dict[str, object] = {"events": [gesture.event]} if gesture.event else {}
    return {**gesture.about, **named} | {
        "what": gesture.mode.value,
        "unit": gesture.unit.value,
        "instructions": len(gesture.instructions),
        "cells": len(cells.row),
        "series": len(np.unique(cells.row)),
        "first_month": int(cells.month.min()),
        "last_month": int(cells.month.max()),
        "change_milli": change,
        "values": [instruction.value for instruction in gesture.instructions[:20]],
    }
