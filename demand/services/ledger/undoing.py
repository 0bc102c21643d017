"""Taking a gesture back: an edit too, that brings its cells to what the rest of the ledger means."""

from __future__ import annotations

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from cycles.errors import NotAllowedNow, NotAllowedToYou
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import bump_revision, lock_plan
from demand.calc.replay import consensus_of, meant_by
from demand.models import Edit, EditKind, EditLine, Intent
from demand.services.ledger.gestures import EditResult
from demand.services.ledger.recording import nothing_moved
from demand.services.ledger.refusals import conflict
from demand.services.replay import load_lines, undone_edits, write_lines
from demand.services.series_store import SeriesValues, load_values, move_consensus

Ints = NDArray[np.int64]


def undo_edit(*, edit_id: int, base_revision: int, session: str, actor: User, reason: str = "") -> EditResult:
    """Take back a gesture of one's own, or a carried one; taking back an undo is a redo. All or nothing.

    The cells go to what the remaining gestures mean on the present baseline. Refused, with the winner, when somebody
    else has written one of its cells since `base_revision`.

    Raises:
        Edit.DoesNotExist: no such edit.
        NotAllowedNow: it was taken back already, or the demand stage is not open.
        NotAllowedToYou: it is somebody else's, a system entry, or a carried one with series outside one's limits.
    """
    with transaction.atomic():
        plan = lock_plan(Edit.objects.values_list("plan_id", flat=True).get(pk=edit_id))
        edit = Edit.objects.select_related("author").get(pk=edit_id)
        authorise(actor=actor, action=Action.EDIT_DEMAND, plan=plan)
        _refuse(edit, actor)
        series, lines = load_lines(plan, gone=undone_edits(plan, also=(2**62, edit.pk)), of=edit)
        values = load_values(plan, set((series // 2**31).tolist()))
        rows = np.searchsorted(values.keys, series)
        winner = _winner(edit, base_revision, session, actor)
        if winner is not None:
            refused = conflict(0, winner, int(values.consensus[rows].sum()))
            return nothing_moved(values, refused=(refused,), revision=plan.revision)
        baseline = values.baseline[rows]
        delta = meant_by(baseline, lines) - consensus_of(baseline, lines)
        undo = _append(plan, edit, (series, delta), session, reason, actor)
        moved = SeriesValues(series, baseline, values.consensus[rows] + delta)
        return EditResult((0,), (), undo, plan.revision, moved, delta, np.where(delta != 0, 0, -1))


def _refuse(edit: Edit, actor: User) -> None:
    is_own = edit.author_id == actor.pk or (edit.kind == EditKind.CARRIED.value and _is_inside(edit, actor))
    if not is_own or edit.kind == EditKind.SYSTEM.value:
        raise NotAllowedToYou("You can take back your own edits; others can be edited over.")
    if Edit.objects.filter(undoes=edit).exists():
        raise NotAllowedNow("This edit was taken back already.")


def _is_inside(edit: Edit, actor: User) -> bool:
    """Whether the person sees every series of the gesture."""
    scope = scope_of(actor)
    places = edit.lines.values_list("item__family_id", "market_id")
    return scope.is_everything or all(scope.allows(family, market) for family, market in places)


def _winner(edit: Edit, base_revision: int, session: str, actor: User) -> Edit | None:
    """The latest entry of somebody else, since the base revision, on a cell of the gesture."""
    own = {(line.item_id, line.market_id): np.array(line.touched) for line in edit.lines.all()}
    later = (
        EditLine.objects.filter(plan_id=edit.plan_id, edit__revision__gt=max(base_revision, edit.revision))
        .filter(item_id__in={item for item, _ in own})
        .exclude(edit__kind=EditKind.SYSTEM.value)
        .exclude(edit__author=actor, edit__session=session)
        .select_related("edit__author")
        .order_by("-edit_id")
    )
    for line in later:
        cells = own.get((line.item_id, line.market_id))
        if cells is not None and (cells & np.array(line.touched)).any():
            return line.edit
    return None


def _append(plan: Plan, edit: Edit, moved: tuple[Ints, Ints], session: str, reason: str, actor: User) -> Edit:
    series, delta = moved
    touched = {(line.item_id, line.market_id): line.touched for line in edit.lines.all()}
    marks = np.array([touched[divmod(key, 2**31)] for key in series.tolist()], np.int64)
    undo = Edit.objects.create(
        plan=plan,
        revision=bump_revision(plan, ledger="demand", actor=actor),
        kind=edit.kind,
        reason=reason.strip() or f"Undo of r{edit.revision}: {edit.reason}",
        reason_code=edit.reason_code,
        gesture={"what": "undo", "undone": edit.revision, "series": len(series), "change_milli": int(delta.sum())},
        session=session[:40],
        undoes=edit,
        author=actor,
    )
    write_lines(undo, series, intent=Intent.RESTORE, arrays=(delta, marks, np.zeros_like(delta)))
    move_consensus(plan, series, delta)
    record_audit(
        actor=actor,
        code="demand.edit.recorded",
        plan=plan,
        subject=f"r{undo.revision}",
        after=undo.gesture,
        reason=undo.reason,
    )
    return undo
