"""What a bridge is asked and how it is answered: nodes or spans of time whose rows add to the total."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.frames.hierarchy import Hierarchy
from catalog.models import Company
from cycles.models import Plan
from cycles.selectors import Scope
from finance.calc.bridge import MixLevel
from finance.calc.bridge_pairs import StepBlock
from finance.calc.bridge_rows import BridgeRow, BridgeStep, Sums, by_node, by_span, rest_of, steps_of
from finance.calc.known_reference import NodeAmount
from finance.calc.references import BridgeLevel, BridgeMeasure, Reference
from finance.selectors.bridge_nodes import node_names, nodes_of, span_label, span_of
from finance.selectors.reference_sides import ReferenceMissing
from finance.selectors.ties import window_of

Ints = NDArray[np.int64]
Months = tuple[int, ...]

NO_NODE = "On no node"


@dataclass(frozen=True)
class BridgeQuestion:
    """What is asked: a measure from `base` to `other`, told apart `by` a level (None = only the total).

    `within`: (level, key) pairs that narrow it to a node. `months`: month numbers, None = the plan's fiscal year.
    """

    measure: BridgeMeasure
    base: Reference
    other: Reference
    by: BridgeLevel | None = None
    within: tuple[tuple[BridgeLevel, int], ...] = ()
    months: range | None = None


@dataclass(frozen=True)
class MovedItem:
    """An item that stood in another family when the base was approved; the bridge uses the family of today."""

    item: str
    family_before: str
    family_now: str


@dataclass(frozen=True)
class Bridge:
    """An answered question, cents of `currency`. `missing` says in words why there is no bridge; then `total` is None.

    `months` both references have; `only_base`, `only_other` are months of the question that one side lacks: they are in
    no figure. `rows` largest change first, spans of time in order; what stands on no node is a row without key, and
    Σ rows = `total`, step by step. `notes` are what a reader could doubt: mix level, what stands in, what is n/a.
    """

    question: BridgeQuestion
    currency: str
    mix_level: MixLevel
    months: Months = ()
    only_base: Months = ()
    only_other: Months = ()
    total: BridgeRow | None = None
    rows: tuple[BridgeRow, ...] = ()
    moved: tuple[MovedItem, ...] = ()
    notes: tuple[str, ...] = ()
    missing: str = ""

    def steps(self, row: BridgeRow | None = None) -> list[BridgeStep]:
        """The steps of a row, or of the total: start, changes that are not 0, unexplained, end; [] when missing."""
        chosen = row or self.total
        labels = {"start": self.question.base.label, "end": self.question.other.label}
        return [] if chosen is None else steps_of(chosen, **labels)


def common_months(plan: Plan, question: BridgeQuestion, base: Ints, other: Ints) -> tuple[Ints, Months, Months]:
    """The months asked for that both sides have, and those that only one of them has.

    Raises:
        ReferenceMissing: they share none.
    """
    asked = np.array(question.months or window_of(plan).months, np.int64)
    base, other = np.intersect1d(base, asked), np.intersect1d(other, asked)
    months = np.intersect1d(base, other)
    if not len(months):
        raise ReferenceMissing(f"{question.base.label} and {question.other.label} have no month in common.")
    return months, tuple(np.setdiff1d(base, months).tolist()), tuple(np.setdiff1d(other, months).tolist())


def fitting(rows: list[NodeAmount], question: BridgeQuestion, scope: Scope, months: Ints) -> list[NodeAmount]:
    """Adjustments of the months that stand inside the node and the scope; those above it do not reach it."""
    asked, held = set(months.tolist()), dict(question.within)
    return [
        row
        for row in rows
        if row.month in asked
        and all(row.nodes.get(level) == key for level, key in held.items())
        and scope.allows(row.nodes.get(BridgeLevel.FAMILY), row.nodes.get(BridgeLevel.MARKET))
    ]


def by_month(rows: list[NodeAmount], months: Ints) -> Ints:
    """Cents per month, (month,)."""
    sums = dict.fromkeys(months.tolist(), 0)
    for row in rows:
        sums[row.month] += row.cents
    return np.array(list(sums.values()), np.int64)


def _by_key(rows: list[NodeAmount], level: BridgeLevel) -> dict[int, int]:
    sums: dict[int, int] = {}
    for row in rows:
        if level in row.nodes:
            sums[row.nodes[level]] = sums.get(row.nodes[level], 0) + row.cents
    return sums


def total_row(row: StepBlock) -> BridgeRow:
    """All months of a block of one row as the total."""
    steps = {key: int(part.sum()) for key, part in row.steps.items()}
    return BridgeRow(None, "", "Total", int(row.start.sum()), int(row.end.sum()), steps)


def rows_of(
    blocks: tuple[StepBlock, StepBlock, BridgeRow],
    level: BridgeLevel | None,
    adjusted: tuple[list[NodeAmount], ...],
    hierarchy: Hierarchy,
) -> tuple[BridgeRow, ...]:
    """Rows of a level from (leaves, months, total): spans of time in order, nodes by the size of their change."""
    leaves, months, total = blocks
    if level is None:
        return ()
    if level.is_time:
        start = Company.objects.current().fiscal_year_start_month
        sums = by_span(months, np.array([span_of(int(month), level, start) for month in months.months], np.int64))
        return tuple(sums.row(k, code=span_label(int(key), level), name="") for k, key in enumerate(sums.keys))
    names = node_names(level, hierarchy)
    sums = by_node(leaves, nodes_of(leaves.leaves, level, hierarchy))
    sums = sums.with_adjustments(*(_by_key(rows, level) for rows in adjusted))
    named = [_named(sums, position, names).with_keys(total.steps) for position, key in enumerate(sums.keys) if key > 0]
    rows = sorted((row for row in named if not row.is_empty), key=lambda row: -abs(row.change))
    rest = rest_of(total, rows, name=NO_NODE)
    return tuple(rows) if rest.is_empty else (*rows, rest)


def _named(sums: Sums, position: int, names: dict[int, tuple[str, str]]) -> BridgeRow:
    code, name = names.get(int(sums.keys[position]), ("?", ""))
    return sums.row(position, code=code, name=name)
