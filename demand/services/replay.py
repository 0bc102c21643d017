"""A new baseline under an existing ledger: typed values stay, changes stay, and both are told."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.series_rows import read_series, write_series
from cycles.models import Plan, User
from cycles.services.plans import bump_revision
from demand.calc.replay import LineBlock, Moves, consensus_of, ended_edits, moves_of, taken_back, with_lines
from demand.calc.split import Lives
from demand.frames import SeriesBlock, load_baseline
from demand.models import Edit, EditKind, EditLine, Intent
from demand.services.series_store import PAIR, SeriesValues, load_values

Ints = NDArray[np.int64]
#: What a system edit says it is about, in its gesture.
BASELINE_MOVED, ENDED = "baseline", "ended"
SYSTEM_EDITS = {
    BASELINE_MOVED: (
        Intent.RESTORE,
        "The baseline moved under these edits: typed values are kept, changes stay on top of it.",
    ),
    ENDED: (Intent.RESET, "The item is not on the market in these months: their edits are dropped."),
}
LINE_ARRAYS = ("delta", "touched", "typed")


def replay_edits(plan: Plan, *, baseline: SeriesBlock, but: int, actor: User) -> SeriesValues:
    """Lay the plan's ledger over a new baseline; the caller holds the plan's lock and stores the result.

    Where an item is not on the market any more (or not yet) in an edited month, one system edit resets it to the
    baseline. Where the baseline of an edited month moved, one system edit restores typed values. Both mark their months
    for the exception list. Without edits nothing is appended. Only series with lines are looked at: the others hold the
    baseline, so that the lock is short however large the plan is.

    Args:
        but: the batch of series that was written for the new baseline; what the plan holds are the others.

    Returns:
        The series with edits on their new baseline, also those that it does not have (their baseline is 0).
    """
    edited, lines = load_lines(plan)
    new = _aligned(edited, baseline, plan.horizon)
    consensus = _replayed(plan, edited, new, lines, actor, but) if len(edited) else new
    return SeriesValues(edited, new, consensus)


def _replayed(plan: Plan, keys: Ints, new: Ints, lines: LineBlock, actor: User, but: int) -> Ints:
    """The consensus (n, H) of the edited series on their new baseline (n, H); appends the system edits."""
    stored = load_values(plan, np.unique(keys // PAIR).tolist(), but=but)
    before = SeriesBlock(stored.item_ids.astype(np.int32), stored.market_ids.astype(np.int32), stored.baseline)
    old = _aligned(keys, before, plan.horizon)
    ended = ended_edits(new, lines, _alive(plan, keys))
    if len(ended.row):
        _append_system(plan, keys, ended, {"what": ENDED}, actor)
        lines = with_lines(lines, ended, int(Intent.RESET))
    consensus = consensus_of(new, lines)
    moves = moves_of(old, new, lines)
    if len(moves.row) and len(before.item_ids):
        by = (new - _seen_before(plan, keys, old))[moves.row] * moves.touched
        _append_system(plan, keys, moves, {"what": BASELINE_MOVED, "moved": _moved(keys[moves.row], by)}, actor)
        consensus[moves.row] += moves.delta
    return consensus


def _alive(plan: Plan, keys: Ints) -> NDArray[np.bool_]:
    """Whether the item of each series is on the market in each month of the plan, (n, H)."""
    items = load_hierarchy().items.set_index("item_id").loc[keys // PAIR]
    lives = Lives(items["launch_month"].to_numpy(np.int64), items["end_month"].to_numpy(np.int64))
    return lives.alive(plan.first_month_index + np.arange(plan.horizon, dtype=np.int64))


def _append_system(plan: Plan, keys: Ints, moves: Moves, told: dict[str, object], actor: User) -> None:
    intent, reason = SYSTEM_EDITS[str(told["what"])]
    edit = Edit.objects.create(
        plan=plan,
        revision=bump_revision(plan, ledger="demand", actor=actor),
        kind=EditKind.SYSTEM.value,
        reason=reason,
        gesture={**told, "baseline_version": plan.baseline_version + 1, "series": len(moves.row)},
        session="system",
        author=actor,
    )
    write_lines(edit, keys[moves.row], intent=intent, arrays=(moves.delta, moves.touched, moves.typed))


def _moved(series: Ints, by: Ints) -> dict[str, list[int]]:
    """How far the baseline of each edited series moved in its edited months: "item.market" → (H,) milli-units."""
    names = (f"{key // PAIR}.{key % PAIR}" for key in series.tolist())
    return dict(zip(names, by.tolist(), strict=True))


def _seen_before(plan: Plan, keys: Ints, old: Ints) -> Ints:
    """The baseline that people edited on, (n, H): before a plan's first run that is the previous plan's, a month on.

    Months that the previous plan did not reach hold no carried edit, so that nothing is told of them.
    """
    if plan.baseline_version or plan.previous is None:
        return old
    last = load_baseline(plan.previous)
    shift = plan.first_month_index - plan.previous.first_month_index
    shared = min(last.units.shape[1] - shift, plan.horizon)
    seen = old.copy()
    if shared > 0:
        wide = np.zeros((len(last.item_ids), plan.horizon), np.int64)
        wide[:, :shared] = last.units[:, shift : shift + shared]
        seen = _aligned(keys, SeriesBlock(last.item_ids, last.market_ids, wide), plan.horizon)
    return seen


def load_lines(plan: Plan, *, gone: set[int] | None = None, of: Edit | None = None) -> tuple[Ints, LineBlock]:
    """Lines of a plan in ledger order: the distinct series keys (item × 2³¹ + market), and the block on them.

    Lines of gestures that were taken back say nothing of their own (intent RESTORE).

    Args:
        gone: ids of the edits taken back; read from the ledger when None.
        of: only the series that this gesture touched.
    """
    taken = undone_edits(plan) if gone is None else gone
    query = (
        f"SELECT item_id::int4, market_id::int4,"
        f" (CASE WHEN edit_id = ANY(%s::bigint[]) THEN {Intent.RESTORE:d} ELSE intent END)::int4,"
        " delta, touched, typed FROM demand_editline WHERE plan_id = %s"
    )
    parameters: list[object] = [sorted(taken), plan.pk]
    if of is not None:
        query += " AND (item_id, market_id) IN (SELECT item_id, market_id FROM demand_editline WHERE edit_id = %s)"
        parameters.append(of.pk)
    query += " ORDER BY edit_id, item_id, market_id"
    keys, arrays = read_series(query, keys=3, columns=3, months=plan.horizon, parameters=parameters)
    series, row = np.unique(keys[0].astype(np.int64) * PAIR + keys[1], return_inverse=True)
    return series, LineBlock(row.astype(np.int64), keys[2].astype(np.int64), *arrays)


def undone_edits(plan: Plan, *, also: tuple[int, int] | None = None) -> set[int]:
    """Ids of the gestures of a plan that do not hold; `also` is an (undo, undone) pair about to be written."""
    pairs = list(Edit.objects.filter(plan=plan, undoes__isnull=False).values_list("id", "undoes_id"))
    return taken_back([*pairs, also] if also else pairs)


def write_lines(edit: Edit, series: Ints, *, intent: Intent, arrays: tuple[Ints, Ints, Ints]) -> int:
    """Append lines by COPY: `series` (m,) keys, arrays delta, touched, typed (m, H); returns how many."""
    return write_series(
        EditLine._meta.db_table,
        ["edit_id", "plan_id", "item_id", "market_id", "intent"],
        list(LINE_ARRAYS),
        [edit.pk, edit.plan_id, series // PAIR, series % PAIR, int(intent)],
        list(arrays),
    )


def _keys(block: SeriesBlock) -> Ints:
    return block.item_ids.astype(np.int64) * PAIR + block.market_ids


def _aligned(keys: Ints, block: SeriesBlock, horizon: int) -> Ints:
    aligned = np.zeros((len(keys), horizon), np.int64)
    own = _keys(block)
    if len(own) == len(keys) and (own == keys).all():
        return block.units.astype(np.int64)
    known = np.isin(own, keys)
    aligned[np.searchsorted(keys, own[known])] = block.units[known]
    return aligned


def placed(lines: LineBlock, row: Ints, kept: NDArray[np.bool_] | None = None) -> LineBlock:
    """The (kept) lines on other row numbers."""
    if kept is None:
        return LineBlock(row, lines.intent, lines.delta, lines.touched, lines.typed)
    return LineBlock(row, lines.intent[kept], lines.delta[kept], lines.touched[kept], lines.typed[kept])
