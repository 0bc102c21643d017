"""Edits of the approved plan in the next one: shifted by a month, closed months dropped and listed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import month_date
from cycles.models import Plan, User
from cycles.services.audit import record_audit
from cycles.services.plans import bump_revision
from demand.calc.replay import FOLLOW_BASELINE, KEEP_TYPED, RESTORE, LineBlock
from demand.models import Edit, EditKind, Intent
from demand.services.replay import load_lines, write_lines
from demand.services.series_store import add_series, move_consensus

Ints = NDArray[np.int64]


def carry_edits(*, plan: Plan, previous: Plan, actor: User) -> None:
    """Append the edits of `previous` to `plan` as carried edits; runs inside the opening of the cycle.

    Typed values are carried as typed values, changes as changes, what was reset to the baseline not at all. Months that
    have closed since, or lie beyond the new horizon, are dropped and listed in the gesture. Without edits: nothing.
    """
    series, lines = load_lines(previous)
    if not len(lines.row):
        return
    shift = plan.first_month_index - previous.first_month_index
    typed, is_typed, change = _net(lines, len(series))
    parts = {Intent.SET: (typed, is_typed), Intent.CHANGE: (change, change != 0)}
    for intent, (values, touched) in parts.items():
        moved = _shifted(np.where(touched, values, 0), shift, plan.horizon)
        kept = _shifted(touched, shift, plan.horizon)
        rows = np.flatnonzero(kept.any(axis=1))
        if len(rows):
            part = _Part(intent, series[rows], moved[rows], kept[rows], int(touched[:, :shift].sum()))
            _append(plan, previous, part, actor)


@dataclass(frozen=True)
class _Part:
    """Lines of one intent in the months of the new plan: keys (m,), `values` and `touched` (m, H), cells dropped."""

    intent: Intent
    series: Ints
    values: Ints
    touched: Ints
    dropped: int


def _net(lines: LineBlock, count: int) -> tuple[Ints, NDArray[np.bool_], Ints]:
    """What the ledger says in the end, per series (n, H): typed values, where they hold, and net changes elsewhere."""
    typed = np.zeros((count, lines.delta.shape[1]), np.int64)
    is_typed, change = np.zeros(typed.shape, bool), np.zeros(typed.shape, np.int64)
    for line, row in enumerate(lines.row.tolist()):
        if lines.intent[line] == RESTORE:
            continue
        touched = lines.touched[line] != 0
        if lines.intent[line] == KEEP_TYPED:
            typed[row] = np.where(touched, lines.typed[line], typed[row])
            is_typed[row] |= touched
            change[row] = np.where(touched, 0, change[row])
        elif lines.intent[line] == FOLLOW_BASELINE:
            is_typed[row] &= ~touched
            change[row] = np.where(touched, 0, change[row])
        else:
            typed[row] += np.where(is_typed[row], lines.delta[line], 0)
            change[row] += np.where(is_typed[row], 0, lines.delta[line])
    return typed, is_typed, change


def _shifted(block: NDArray[np.generic], shift: int, horizon: int) -> Ints:
    """Columns moved `shift` months to the left, padded or cut to `horizon`; (n, horizon) int64."""
    moved = np.zeros((len(block), horizon), np.int64)
    width = max(min(block.shape[1] - shift, horizon), 0)
    moved[:, :width] = block[:, shift : shift + width]
    return moved


def _append(plan: Plan, previous: Plan, part: _Part, actor: User) -> None:
    sources = Edit.objects.filter(plan=previous).exclude(kind=EditKind.SYSTEM.value).select_related("author")
    edit = Edit.objects.create(
        plan=plan,
        revision=bump_revision(plan, ledger="demand", actor=actor),
        kind=EditKind.CARRIED.value,
        reason=f"Carried over from plan {previous.number}.",
        gesture={
            "what": "carried",
            "from": previous.number,
            "edits": [f"r{e.revision} {e.author.get_username()}: {e.reason}" for e in sources[:50]],
            "dropped_cells": part.dropped,
            "dropped_before": month_date(plan.first_month_index).isoformat(),
        },
        session="system",
        author=actor,
    )
    add_series(plan, part.series)
    typed = part.values if part.intent == Intent.SET else np.zeros_like(part.values)
    write_lines(edit, part.series, intent=part.intent, arrays=(part.values, part.touched, typed))
    move_consensus(plan, part.series, part.values)
    record_audit(
        actor=actor,
        code="demand.edit.carried",
        plan=plan,
        subject=f"r{edit.revision}",
        after={"series": len(part.series), "dropped_cells": part.dropped},
        reason=edit.reason,
    )
