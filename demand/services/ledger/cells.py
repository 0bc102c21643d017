"""From nodes and months to the cells of series: who they are, what they hold now, and who else wrote there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cycles.models import Plan, User
from cycles.selectors import Scope, scope_of
from demand.models import Edit, EditKind, EditLine
from demand.services.ledger.gestures import Cause, EditInvalid, Gesture, Instruction, Node, Refusal
from demand.services.ledger.places import Places, load_places
from demand.services.ledger.refusals import refusal
from demand.services.series_store import PAIR, SeriesValues, load_values

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """Cells of a gesture, flat (c,): `row` into the series, `month` 0 … H−1, `instruction` its position.

    `values`: the series concerned, `is_stored` (n,) whether the plan has them already; `alive` (n, H) whether the item is
    on the market; `step` (n,) planning step of the item, milli-units.
    """

    values: SeriesValues
    is_stored: NDArray[np.bool_]
    alive: NDArray[np.bool_]
    step: Ints
    row: Ints
    month: Ints
    instruction: Ints

    def kept(self, keep: NDArray[np.bool_]) -> Cells:
        """The cells of a mask (c,)."""
        return replace(self, row=self.row[keep], month=self.month[keep], instruction=self.instruction[keep])

    def without(self, instructions: Iterable[int]) -> Cells:
        """The cells of the other instructions."""
        return self.kept(~np.isin(self.instruction, list(instructions)))

    def now(self) -> Ints:
        """(c,) consensus of the cells, milli-units."""
        return self.values.consensus[self.row, self.month]

    def can_hold(self) -> NDArray[np.bool_]:
        """(c,) which cells may take units: the item is on the market, or units stand there already."""
        able: NDArray[np.bool_] = self.alive[self.row, self.month] | (self.now() != 0)
        return able

    def sums(self, amounts: Ints, count: int) -> Ints:
        """(count,) sum of `amounts` (c,) per instruction; exact integers."""
        totals = np.zeros(count, np.int64)
        np.add.at(totals, self.instruction, amounts)
        return totals

    def coarsest(self, count: int) -> Ints:
        """(count,) the coarsest planning step below each instruction: its total is a multiple of every leaf's."""
        steps = np.ones(count, np.int64)
        np.maximum.at(steps, self.instruction, self.step[self.row])
        return steps


def load_cells(plan: Plan, gesture: Gesture, actor: User) -> tuple[Cells, dict[int, Refusal]]:
    """Resolve the nodes of a gesture to series that the actor may see; leaves that do not exist yet have zero values.

    Returns:
        The cells, and the refusals by position of instructions that have none: a month outside of the plan, a place that
        is unknown or not seen, nothing below it.

    Raises:
        EditInvalid: the same cell twice.
    """
    nodes = {node for instruction in gesture.instructions for node in instruction.nodes}
    places, scope = load_places(nodes), scope_of(actor)
    known = {node for node in nodes if places.is_known(node, scope)}
    stored = _stored(plan, known, places)
    values = _with_new_leaves(plan, stored, known)
    rows = _rows_below(known, values, places, scope)
    row, month, owner, causes = _placed(plan, gesture, rows)
    refused = {position: refusal(position, cause, plan=plan) for position, cause in causes.items()}
    if len(np.unique(row * plan.horizon + month)) < len(row):
        raise EditInvalid("The same cell is named twice in one edit, perhaps a family and one of its items.")
    months = plan.first_month_index + np.arange(plan.horizon, dtype=np.int64)
    is_stored, alive = np.isin(values.keys, stored.keys), places.alive(values.item_ids, months)
    return Cells(values, is_stored, alive, places.step[places.at(values.item_ids)], row, month, owner), refused


def _stored(plan: Plan, nodes: set[Node], places: Places) -> SeriesValues:
    """Every stored series that could lie below the nodes."""
    markets = {node.market_id for node in nodes}
    return load_values(plan, places.items.tolist(), None if None in markets else [m for m in markets if m is not None])


def _with_new_leaves(plan: Plan, values: SeriesValues, nodes: Iterable[Node]) -> SeriesValues:
    leaves = [_key(node) for node in nodes if node.is_leaf]
    keys = np.union1d(values.keys, np.array(leaves, np.int64))
    if len(keys) == len(values.keys):
        return values
    baseline, consensus = np.zeros((2, len(keys), plan.horizon), np.int64)
    rows = np.searchsorted(keys, values.keys)
    baseline[rows], consensus[rows] = values.baseline, values.consensus
    return SeriesValues(keys, baseline, consensus)


def _key(node: Node) -> int:
    return (node.item_id or 0) * PAIR + (node.market_id or 0)


def _rows_below(nodes: set[Node], values: SeriesValues, places: Places, scope: Scope) -> dict[Node, Ints]:
    """The rows of the series below each node, inside the scope."""
    leaves = [node for node in nodes if node.is_leaf]
    found = np.searchsorted(values.keys, np.array([_key(node) for node in leaves], np.int64))
    rows = {node: found[place : place + 1] for place, node in enumerate(leaves)}
    wider = [node for node in nodes if not node.is_leaf]
    if wider:
        visible = scope.mask(places.family[places.at(values.item_ids)], values.market_ids)
        rows |= {node: np.flatnonzero(visible & places.below(node, values.keys)) for node in wider}
    return rows


def _placed(plan: Plan, gesture: Gesture, rows: dict[Node, Ints]) -> tuple[Ints, Ints, Ints, dict[int, Cause]]:
    """Row, month and instruction of every cell; and why an instruction has none.

    A paste is thousands of instructions of one series and one month each: those are gathered as plain numbers.
    """
    single = {node: int(below[0]) for node, below in rows.items() if len(below) == 1}
    first, plain, causes = plan.first_month_index, [], {}
    parts: list[Ints] = []
    for position, instruction in enumerate(gesture.instructions):
        row = single.get(instruction.nodes[0], -1)
        if len(instruction.months) == 1 == len(instruction.nodes) and row >= 0:
            month = instruction.months[0] - first
            if 0 <= month < plan.horizon:
                plain.append((row, month, position))
                continue
        placed = _place(plan, instruction, position, rows)
        if isinstance(placed, Cause):
            causes[position] = placed
        else:
            parts.append(placed)
    parts.append(np.array(plain, np.int64).reshape(-1, 3).T)
    row, month, owner = np.concatenate(parts, axis=1)
    return row, month, owner, causes


def _place(plan: Plan, instruction: Instruction, position: int, rows: dict[Node, Ints]) -> Ints | Cause:
    """Row, month and instruction (3, c) of the cells of one instruction; or why it has none."""
    months = np.array(instruction.months, np.int64) - plan.first_month_index
    if not len(months) or months.min() < 0 or months.max() >= plan.horizon:
        return Cause.MONTH_LOCKED
    if any(node not in rows for node in instruction.nodes):
        return Cause.UNKNOWN_ROW
    chosen = [rows[node] for node in instruction.nodes]
    below = chosen[0] if len(chosen) == 1 else np.unique(np.concatenate(chosen))
    if not len(below):
        return Cause.NOTHING_THERE
    size = len(below) * len(months)
    return np.stack([np.repeat(below, len(months)), np.tile(months, len(below)), np.full(size, position, np.int64)])


def winners_of(plan: Plan, gesture: Gesture, cells: Cells, actor: User) -> dict[int, Edit]:
    """Per instruction the latest edit of somebody else (or of another window) on one of its cells since the base.

    System entries win against nobody: a moved baseline is no person's word.
    """
    if plan.revision <= gesture.base_revision or not len(cells.row):
        return {}
    lines = (
        EditLine.objects.filter(
            plan=plan, edit__revision__gt=gesture.base_revision, item_id__in=np.unique(cells.values.item_ids).tolist()
        )
        .exclude(edit__kind=EditKind.SYSTEM.value)
        .exclude(edit__author=actor, edit__session=gesture.session)
        .order_by("edit_id")
        .values_list("edit_id", "item_id", "market_id", "touched")
    )
    keys = cells.values.keys
    latest = np.full((len(keys), plan.horizon), -1, np.int64)
    for edit, item, market, touched in lines:
        row = int(np.searchsorted(keys, item * PAIR + market))
        if row < len(keys) and keys[row] == item * PAIR + market:
            latest[row, np.flatnonzero(touched)] = edit
    last = np.full(len(gesture.instructions), -1, np.int64)
    np.maximum.at(last, cells.instruction, latest[cells.row, cells.month])
    edits = Edit.objects.select_related("author").in_bulk(np.unique(last[last >= 0]).tolist())
    return {position: edits[int(last[position])] for position in np.flatnonzero(last >= 0).tolist()}
