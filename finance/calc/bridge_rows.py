"""Rows of a bridge: start, changes, what nothing explains, end; leaves added up to nodes and to spans of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import sum_by_group
from finance.calc.bridge_pairs import Leaves, StepBlock
from finance.calc.references import StepKey

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class BridgeStep:
    """One step in cents; a total is a level, the others are changes that lead from total to total. `key`: driver."""

    label: str
    cents: int
    is_total: bool = False
    key: str = ""


@dataclass(frozen=True)
class BridgeRow:
    """One node or span of time in cents: start + Σ `steps` + `unexplained` = end, by construction.

    `key`: item, family, …, or month number, fiscal year × 10 + quarter, fiscal year; None on the total and on the row
    of what stands on no node. `steps` in the order of `StepKey`.
    """

    key: int | None
    code: str
    name: str
    start: int
    end: int
    steps: dict[StepKey, int] = field(default_factory=dict)

    @property
    def change(self) -> int:
        """End − start."""
        return self.end - self.start

    @property
    def unexplained(self) -> int:
        """What of the change no step explains; 0 in a sound bridge."""
        return self.change - sum(self.steps.values())

    def with_keys(self, keys: Iterable[StepKey]) -> BridgeRow:
        """The same row with a step of 0 for every key that it lacks."""
        steps = dict.fromkeys(keys, 0) | self.steps
        return replace(self, steps={key: steps[key] for key in StepKey if key in steps})

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing on it at all."""
        return not (self.start or self.end or any(self.steps.values()))


@dataclass(frozen=True)
class Sums:
    """Cents of nodes or spans, keys (k,): start, end (k,) and each step (k,)."""

    keys: Ints
    start: Ints
    end: Ints
    steps: dict[StepKey, Ints]

    def with_adjustments(self, before: dict[int, int], after: dict[int, int]) -> Sums:
        """The same with what was adjusted on each node, node → cents, as one more step."""
        if not before and not after:
            return self
        keys = np.union1d(self.keys, np.array([*before, *after], np.int64))
        at = np.searchsorted(keys, self.keys)

        def wide(values: Ints) -> Ints:
            spread = np.zeros(len(keys), np.int64)
            spread[at] = values
            return spread

        one, two = (np.array([side.get(key, 0) for key in keys.tolist()], np.int64) for side in (before, after))
        steps = {key: wide(values) for key, values in self.steps.items()} | {StepKey.ADJUSTMENTS: two - one}
        return Sums(keys, wide(self.start) + one, wide(self.end) + two, steps)

    def row(self, position: int, *, code: str, name: str) -> BridgeRow:
        """One of them as a row."""
        steps = {key: int(values[position]) for key, values in self.steps.items()}
        return BridgeRow(
            int(self.keys[position]), code, name, int(self.start[position]), int(self.end[position]), steps
        )


def by_node(block: StepBlock, nodes: Ints) -> Sums:
    """Leaves added up over all months to the node of each, `nodes` (leaf,); keys ascending."""
    keys, group = np.unique(nodes, return_inverse=True)

    def total(values: Ints) -> Ints:
        return sum_by_group(values.sum(axis=1), group, len(keys))

    return Sums(keys, total(block.start), total(block.end), {key: total(part) for key, part in block.steps.items()})


def by_span(block: StepBlock, spans: Ints) -> Sums:
    """All leaves added up to the span of time of each month, `spans` (month,); keys ascending."""
    keys, group = np.unique(spans, return_inverse=True)

    def total(values: Ints) -> Ints:
        return sum_by_group(values.sum(axis=0), group, len(keys))

    return Sums(keys, total(block.start), total(block.end), {key: total(part) for key, part in block.steps.items()})


def leaves_where(block: StepBlock, chosen: NDArray[np.bool_]) -> StepBlock:
    """The chosen leaves of a block, `chosen` (leaf,)."""
    leaves = Leaves(block.leaves.items[chosen], block.leaves.families[chosen], block.leaves.markets[chosen])
    steps = {key: part[chosen] for key, part in block.steps.items()}
    return replace(block, leaves=leaves, start=block.start[chosen], end=block.end[chosen], steps=steps)


def in_one_row(block: StepBlock) -> StepBlock:
    """All leaves added up to one, month by month."""
    one = np.zeros(1, np.int64)
    steps = {key: part.sum(axis=0)[None] for key, part in block.steps.items()}
    return StepBlock(
        block.months, Leaves(one, one, one), block.start.sum(axis=0)[None], block.end.sum(axis=0)[None], steps
    )


def with_step(block: StepBlock, key: StepKey, before: Ints, after: Ints) -> StepBlock:
    """A block of one row whose start and end also hold `before` and `after` (month,), which differ by one more step.

    Nothing in any month is no step.
    """
    if not before.any() and not after.any():
        return block
    steps = block.steps | {key: block.steps.get(key, np.zeros_like(block.start)) + (after - before)[None]}
    ordered = {name: steps[name] for name in StepKey if name in steps}
    return replace(block, start=block.start + before[None], end=block.end + after[None], steps=ordered)


def at_ends(block: StepBlock, spans: Ints) -> StepBlock:
    """A block of balances at the last month of each span, `spans` (month,); a balance is not added up over time."""
    last = np.flatnonzero(np.append(np.diff(spans) != 0, True))
    steps = {key: part[:, last] for key, part in block.steps.items()}
    return replace(block, months=block.months[last], start=block.start[:, last], end=block.end[:, last], steps=steps)


def rest_of(total: BridgeRow, rows: list[BridgeRow], *, name: str) -> BridgeRow:
    """What the total holds beyond its rows: company lines, adjustments on no node, and what is unexplained."""
    keys = [key for key in StepKey if key in total.steps or any(key in row.steps for row in rows)]
    steps = {key: total.steps.get(key, 0) - sum(row.steps.get(key, 0) for row in rows) for key in keys}
    start, end = total.start - sum(row.start for row in rows), total.end - sum(row.end for row in rows)
    return BridgeRow(None, "", name, start, end, steps)


def steps_of(row: BridgeRow, *, start: str, end: str) -> list[BridgeStep]:
    """A row as steps for a chart or a table: total, changes that are not 0, unexplained when there is any, total."""
    changes = [BridgeStep(key.label, cents, key=key.value) for key, cents in row.steps.items() if cents]
    if row.unexplained:
        changes.append(BridgeStep("Unexplained", row.unexplained, key="unexplained"))
    return [BridgeStep(start, row.start, True), *changes, BridgeStep(end, row.end, True)]
