"""From nodes and months to the cells of series: who they are, what they hold now, and who else wrote there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Market
from cycles.models import Plan, User
from cycles.selectors import scope_of
from demand.models import Edit, EditKind, EditLine
from demand.services.ledger.gestures import EditInvalid, Gesture, Instruction, Node, SeriesUnknown
from demand.services.series_store import PAIR, SeriesValues, load_values

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """Cells of a gesture, flat (c,): `row` into the series, `month` 0 … H−1, `instruction` its position.

    `values`: the series concerned; `alive` (n, H) whether the item is on the market; `quantum_milli` the finest
    planning step among them.
    """

    values: SeriesValues
    row: Ints
    month: Ints
    instruction: Ints
    alive: NDArray[np.bool_]
    quantum_milli: int

    def kept(self, keep: NDArray[np.bool_]) -> Cells:
        """The cells of a mask (c,)."""
        return Cells(
            self.values, self.row[keep], self.month[keep], self.instruction[keep], self.alive, self.quantum_milli
        )

    def now(self) -> Ints:
        """(c,) consensus of the cells, milli-units."""
        return self.values.consensus[self.row, self.month]

    def sums(self, amounts: Ints, count: int) -> Ints:
        """(count,) sum of `amounts` (c,) per instruction; exact integers."""
        totals = np.zeros(count, np.int64)
        np.add.at(totals, self.instruction, amounts)
        return totals


def load_cells(plan: Plan, gesture: Gesture, actor: User) -> Cells:
    """Resolve the nodes of a gesture to series that the actor may see; leaves that do not exist yet have zero values.

    Raises:
        SeriesUnknown: an unknown item, family or market, or one outside the actor's scope.
        EditInvalid: a month outside the horizon, nothing below a node, or the same cell twice.
    """
    items = load_hierarchy().items.set_index("item_id")
    nodes = {node for instruction in gesture.instructions for node in instruction.nodes}
    values = _with_new_leaves(plan, _values_of(plan, nodes, items), nodes)
    _check_scope(nodes, items, actor)
    visible = scope_of(actor).mask(items["family_id"].reindex(values.item_ids).to_numpy(), values.market_ids)
    parts = [
        _place(plan, instruction, position, values, visible, items)
        for position, instruction in enumerate(gesture.instructions)
    ]
    row, month, instruction = (np.concatenate(column) for column in zip(*parts, strict=True))
    if len(np.unique(row * plan.horizon + month)) < len(row):
        raise EditInvalid("The same cell is named twice in one edit, perhaps a family and one of its items.")
    months = plan.first_month_index + np.arange(plan.horizon)
    lives = items.reindex(values.item_ids)
    alive = (lives["launch_month"].to_numpy()[:, None] <= months) & (months <= lives["end_month"].to_numpy()[:, None])
    quantum = int(lives["quantum_milli"].min()) if len(lives) else 1
    return Cells(values, row, month, instruction, alive, quantum)


def _values_of(plan: Plan, nodes: Iterable[Node], items: pd.DataFrame) -> SeriesValues:
    """Every series that could lie below the nodes."""
    wanted: set[int] = set()
    for node in nodes:
        if node.item_id is not None:
            wanted.add(node.item_id)
        elif node.family_id is not None:
            wanted |= set(items.index[items["family_id"] == node.family_id].tolist())
        else:
            wanted |= set(items.index.tolist())
    markets = {node.market_id for node in nodes}
    return load_values(plan, wanted, None if None in markets else [m for m in markets if m is not None])


def _with_new_leaves(plan: Plan, values: SeriesValues, nodes: Iterable[Node]) -> SeriesValues:
    leaves = [(node.item_id or 0) * PAIR + (node.market_id or 0) for node in nodes if node.is_leaf]
    keys = np.union1d(values.keys, np.array(leaves, np.int64))
    baseline, consensus = np.zeros((2, len(keys), plan.horizon), np.int64)
    rows = np.searchsorted(keys, values.keys)
    baseline[rows], consensus[rows] = values.baseline, values.consensus
    return SeriesValues(keys, baseline, consensus)


def _check_scope(nodes: Iterable[Node], items: pd.DataFrame, actor: User) -> None:
    scope = scope_of(actor)
    markets = set(Market.objects.values_list("id", flat=True))
    sold = items[items["is_sold"] & (items["family_id"] >= 0)]
    family_of = dict(zip(sold.index.tolist(), sold["family_id"].tolist(), strict=True))
    families = set(items["family_id"].tolist())
    for node in nodes:
        family = node.family_id if node.item_id is None else family_of.get(node.item_id)
        known = (
            (node.item_id is None or family is not None)
            and (node.market_id is None or node.market_id in markets)
            and (node.family_id is None or node.family_id in families)
        )
        if not known or (node.is_leaf and not scope.allows(family, node.market_id)):
            raise SeriesUnknown("There is no such item, family or market.")


def _place(
    plan: Plan,
    instruction: Instruction,
    position: int,
    values: SeriesValues,
    visible: NDArray[np.bool_],
    items: pd.DataFrame,
) -> tuple[Ints, Ints, Ints]:
    """Row, month and instruction of each cell of one instruction."""
    months = np.array(instruction.months, np.int64) - plan.first_month_index
    if not len(months) or months.min() < 0 or months.max() >= plan.horizon:
        raise EditInvalid(f"The months of plan {plan.number} start in its first month and end with its horizon.")
    chosen = np.zeros(len(values.keys), bool)
    family = items["family_id"].reindex(values.item_ids).to_numpy()
    for node in instruction.nodes:
        fits = visible.copy()
        for wanted, held in ((node.item_id, values.item_ids), (node.market_id, values.market_ids)):
            fits &= wanted is None or held == wanted
        fits &= node.family_id is None or family == node.family_id
        chosen |= fits
    rows = np.flatnonzero(chosen)
    if not len(rows):
        raise EditInvalid("There is nothing below this cell in the plan yet. Name an item and a market.")
    row, month = np.repeat(rows, len(months)), np.tile(months, len(rows))
    return row, month, np.full(len(row), position, np.int64)


def winners_of(plan: Plan, gesture: Gesture, cells: Cells, actor: User) -> dict[int, Edit]:
    """Per instruction the latest edit of somebody else (or of another window) on one of its cells since the base.

    System entries win against nobody: a moved baseline is no person's word.
    """
    lines = (
        EditLine.objects.filter(
            plan=plan, edit__revision__gt=gesture.base_revision, item_id__in=set(cells.values.item_ids.tolist())
        )
        .exclude(edit__kind=EditKind.SYSTEM.value)
        .exclude(edit__author=actor, edit__session=gesture.session)
        .select_related("edit__author")
        .order_by("edit_id")
    )
    latest = np.full((len(cells.values.keys), plan.horizon), -1, np.int64)
    edits: list[Edit] = []
    for line in lines:
        row = int(np.searchsorted(cells.values.keys, line.item_id * PAIR + line.market_id))
        if row < len(cells.values.keys) and cells.values.keys[row] == line.item_id * PAIR + line.market_id:
            latest[row, np.flatnonzero(line.touched)] = len(edits)
            edits.append(line.edit)
    hits = latest[cells.row, cells.month]
    won = {}
    for place in np.flatnonzero(hits >= 0)[np.argsort(hits[hits >= 0], kind="stable")].tolist():
        won[int(cells.instruction[place])] = edits[int(hits[place])]
    return won
