"""The plan as the sum of its streams: per place, in units and dollars, and the gestures behind each figure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.rounding import sum_by_group
from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.series_rows import read_series
from cycles.models import Plan, Snapshot, User
from cycles.selectors import scope_of
from demand.calc.stream_steps import LedgerLines, line_steps, stream_sums
from demand.frames import load_ledger
from demand.models import Edit, EditKind
from demand.services.ledger import Node
from demand.services.plan_rates import PlanRates, plan_rates

Ints = NDArray[np.int64]
STREAMS = tuple(EditKind)
LEVELS = ("family", "item", "market")


@dataclass(frozen=True)
class StreamRow:
    """One place of the plan. `units`, `cents`: baseline, each of STREAMS, consensus; milli-units and cents of the plan's
    net prices. `unpriced` milli-units of the consensus have no price and are in no cents. `key` is the id at its level."""

    key: int
    label: str
    units: tuple[int, ...]
    cents: tuple[int, ...]
    unpriced: int

    @property
    def difference(self) -> int:
        """Consensus − baseline − Σ streams in milli-units: always 0, else `verify` names the series."""
        return self.units[-1] - sum(self.units[:-1])


@dataclass(frozen=True)
class StreamTable:
    """The rows of one level below a node, and their total; `frozen` the snapshot whose rates price them, None for present."""

    level: str
    rows: tuple[StreamRow, ...]
    total: StreamRow
    frozen: Snapshot | None


@dataclass(frozen=True)
class StreamEdit:
    """What one gesture adds to a place: milli-units and cents; `series` it touches there."""

    edit: Edit
    units: int
    cents: int
    series: int


@dataclass(frozen=True)
class Standing:
    """What a stream adds to the plan of what a person sees, milli-units and cents; `further_*` of it by other gestures
    than the page lists. `worth` of every gesture of the plan by its id, whatever its stream."""

    stream: EditKind
    units: int
    cents: int
    further_units: int
    further_cents: int
    worth: dict[int, StreamEdit]


@dataclass(frozen=True)
class _Block:
    """Series of a node that a person sees: keys (n,), baseline and consensus (n, T), prices of the same months."""

    items: Ints
    markets: Ints
    baseline: Ints
    consensus: Ints
    rates: PlanRates
    lines: LedgerLines

    def dollars(self, units: Ints, rows: Ints) -> Ints:
        """Cents (k, T) of milli-units (k, T) on the series `rows` (k,); nothing where the price is missing."""
        return self.rates.cents(units, rows)


def stream_table(plan: Plan, node: Node, *, user: User, level: str, month: int | None = None) -> StreamTable:
    """The streams of the places of one level below a node, inside what the person may see.

    Args:
        node: where; all of the plan without keys.
        level: one of LEVELS.
        month: position in the plan, None = the whole horizon.
    """
    block = _load(plan, node, user, month)
    cents = line_steps(block.baseline, block.lines, block.dollars)
    every = np.arange(len(block.items))
    shape = (len(STREAMS), len(block.items))
    units = np.vstack(
        [
            block.baseline.sum(axis=1)[None],
            stream_sums(block.lines, block.lines.deltas, shape),
            block.consensus.sum(axis=1)[None],
        ]
    )
    money = np.vstack(
        [
            block.dollars(block.baseline, every).sum(axis=1)[None],
            stream_sums(block.lines, cents, shape),
            block.dollars(block.consensus, every).sum(axis=1)[None],
        ]
    )
    unpriced = np.where(block.rates.missing, block.consensus, 0).sum(axis=1)
    columns = np.vstack([units, money, unpriced[None]]).T
    keys, group, labels = _places(block, level)
    sums = sum_by_group(columns, group, len(keys))
    rows = [_row(key, label, values) for key, label, values in zip(keys, labels, sums.tolist(), strict=True)]
    ranked = sorted(rows, key=lambda row: (-abs(row.cents[-1]), -abs(row.units[-1]), row.label))
    return StreamTable(level, tuple(ranked), _row(0, "", columns.sum(axis=0).tolist()), block.rates.frozen)


def stream_edits(
    plan: Plan, node: Node, *, user: User, stream: EditKind | None = None, month: int | None = None
) -> list[StreamEdit]:
    """The gestures behind a figure of the table, the largest first; their sum is the figure, in units and in cents."""
    block = _load(plan, node, user, month)
    cents = line_steps(block.baseline, block.lines, block.dollars).sum(axis=1)
    units = block.lines.deltas.sum(axis=1)
    chosen = np.ones(len(units), bool) if stream is None else block.lines.streams == STREAMS.index(stream)
    chosen &= block.lines.deltas.any(axis=1)
    ids, group = np.unique(block.lines.edits[chosen], return_inverse=True)
    sums = sum_by_group(
        np.stack([units[chosen], cents[chosen], np.ones(chosen.sum(), np.int64)], axis=1), group, len(ids)
    )
    edits = Edit.objects.select_related("author").in_bulk(ids.tolist())
    found = [StreamEdit(edits[key], *values) for key, values in zip(ids.tolist(), sums.tolist(), strict=True)]
    return sorted(found, key=lambda row: (-abs(row.cents), -abs(row.units), -row.edit.pk))


def standing_of(plan: Plan, stream: EditKind, *, user: User, own: Collection[int]) -> Standing:
    """A stream's sum beside the gestures `own` (ids) that its page lists: what is left was typed in the grid, or undone.

    The page says both, so that its list and the column of the streams page never contradict each other.
    """
    every = stream_edits(plan, Node(), user=user)
    held = [row for row in every if row.edit.kind == stream]
    further = [row for row in held if row.edit.pk not in own]
    return Standing(
        stream=stream,
        units=sum(row.units for row in held),
        cents=sum(row.cents for row in held),
        further_units=sum(row.units for row in further),
        further_cents=sum(row.cents for row in further),
        worth={row.edit.pk: row for row in every},
    )


def _row(key: int, label: str, values: list[int]) -> StreamRow:
    width = len(STREAMS) + 2
    return StreamRow(key, label, tuple(values[:width]), tuple(values[width : 2 * width]), values[-1])


def _places(block: _Block, level: str) -> tuple[list[int], Ints, list[str]]:
    """Ids of the places of a level, the group (n,) of each series among them, and what people call them."""
    hierarchy = load_hierarchy()
    items = hierarchy.items.set_index("item_id")
    if level == "market":
        keys, group = np.unique(block.markets, return_inverse=True)
        return keys.tolist(), group, _labels(hierarchy.markets.set_index("market_id"), keys, ["code"])
    if level == "item":
        keys, group = np.unique(block.items, return_inverse=True)
        return keys.tolist(), group, _labels(items, keys, ["code", "name"])
    keys, group = np.unique(items.loc[block.items, "family_id"].to_numpy(np.int64), return_inverse=True)
    named = items.drop_duplicates("family_id").set_index("family_id")
    return keys.tolist(), group, _labels(named, keys, ["family"])


def _labels(named: pd.DataFrame, keys: Ints, columns: list[str]) -> list[str]:
    return [" ".join(map(str, row)) for row in named.loc[keys, columns].itertuples(index=False, name=None)]


def _load(plan: Plan, node: Node, user: User, month: int | None) -> _Block:
    columns = slice(0, plan.horizon) if month is None else slice(month, month + 1)
    keys, (baseline, consensus) = read_series(
        "SELECT item_id::int4, market_id::int4, baseline, consensus FROM demand_series WHERE plan_id = %s"
        " ORDER BY item_id, market_id",
        keys=2,
        columns=2,
        months=plan.horizon,
        parameters=[plan.pk],
    )
    items, markets = keys[0].astype(np.int64), keys[1].astype(np.int64)
    family = load_hierarchy().items.set_index("item_id")["family_id"].reindex(items).to_numpy()
    seen = scope_of(user).mask(family, markets)
    for wanted, held in ((node.family_id, family), (node.item_id, items), (node.market_id, markets)):
        seen = seen if wanted is None else seen & (held == wanted)
    items, markets = items[seen], markets[seen]
    rates, lines = plan_rates(plan, items, markets), load_ledger(plan, items, markets)
    return _Block(
        items=items,
        markets=markets,
        baseline=baseline[seen][:, columns],
        consensus=consensus[seen][:, columns],
        rates=rates.columns(columns),
        lines=replace(lines, deltas=lines.deltas[:, columns]),
    )
