"""The bridge between any two references of a plan, by node or by span of time, closing to the cent.

bridge = bridge_between(plan, measure=BridgeMeasure.REVENUE, base=Reference.LAST_CYCLE, other=Reference.LANDING,
                        scope=scope, by=BridgeLevel.FAMILY)
bridge.missing or bridge.total, bridge.rows, bridge.steps()
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from django.db import connection
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.frames.hierarchy import Hierarchy, load_hierarchy
from catalog.frames.series_rows import read_series
from catalog.models import Company
from cycles.models import Plan
from cycles.selectors import Scope
from finance.calc.bridge import Driver, MixLevel
from finance.calc.bridge_pairs import REVENUE_STEPS, Leaves, StepBlock, measured_steps, on_same_leaves
from finance.calc.bridge_rows import (
    BridgeRow,
    BridgeStep,
    Sums,
    by_node,
    by_span,
    in_one_row,
    rest_of,
    steps_of,
    with_step,
)
from finance.calc.known_reference import KnownReference, NodeAmount
from finance.calc.references import BridgeLevel, BridgeMeasure, Reference, StepKey
from finance.selectors.bridge_nodes import node_names, nodes_of, span_label, span_of
from finance.selectors.reference_sides import ReferenceMissing, known_reference, last_approved
from finance.selectors.ties import window_of

Ints = NDArray[np.int64]
Months = tuple[int, ...]

YEAR = 12
NO_NODE = "On no node"
SERVING = (StepKey.OVERTIME, StepKey.EXPEDITE, StepKey.SUBCONTRACT, StepKey.FREIGHT)


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


def bridge_between(
    plan: Plan,
    *,
    measure: BridgeMeasure,
    base: Reference,
    other: Reference,
    scope: Scope,
    by: BridgeLevel | None = None,
) -> Bridge:
    """Bridge a measure between two references of a plan over the months of its fiscal year that both have.

    Unexplained is the stored change of the company (control totals and stored months, by SQL) less the steps of the
    leaves; inside a node or a limited scope start and end are the leaves' own sums.
    """
    return bridge_of(plan, BridgeQuestion(measure, base, other, by), scope=scope)


def bridge_of(plan: Plan, question: BridgeQuestion, *, scope: Scope) -> Bridge:
    """Answer a bridge question inside a scope; a reference or measure that is not there is said, never 0."""
    company = Company.objects.current()
    empty = Bridge(question, company.currency_id, MixLevel(company.mix_level))
    hierarchy = load_hierarchy()
    try:
        known = (known_reference(plan, question.base, hierarchy), known_reference(plan, question.other, hierarchy))
        return _answered(plan, empty, known, (hierarchy, scope))
    except ReferenceMissing as missing:
        return replace(empty, missing=str(missing))


def _answered(
    plan: Plan, empty: Bridge, known: tuple[KnownReference, KnownReference], within: tuple[Hierarchy, Scope]
) -> Bridge:
    question, (hierarchy, scope) = empty.question, within
    months, only_base, only_other = _common_months(plan, question, known)
    block = _block(plan, empty, known, (hierarchy, months))
    cut = _cut(block, _chosen(block.leaves, question, hierarchy, scope))
    adjusted = tuple(_fitting(side.adjusted(question.measure), question, scope, months) for side in known)
    is_whole = scope.is_everything and not question.within
    row = _as_stored(in_one_row(cut), known, question) if is_whole else in_one_row(cut)
    row = with_step(row, StepKey.ADJUSTMENTS, *(_by_month(amounts, months) for amounts in adjusted))
    total = _total(row)
    return replace(
        empty,
        months=tuple(months.tolist()),
        only_base=only_base,
        only_other=only_other,
        total=total,
        rows=_rows((cut, row, total), question.by, adjusted, hierarchy),
        moved=_moved(plan, question),
        notes=_notes(empty, known, only_base + only_other),
    )


def _fitting(rows: list[NodeAmount], question: BridgeQuestion, scope: Scope, months: Ints) -> list[NodeAmount]:
    """Adjustments of the months that stand inside the node and the scope; those above it do not reach it."""
    asked, held = set(months.tolist()), dict(question.within)
    return [
        row
        for row in rows
        if row.month in asked
        and all(row.nodes.get(level) == key for level, key in held.items())
        and scope.allows(row.nodes.get(BridgeLevel.FAMILY), row.nodes.get(BridgeLevel.MARKET))
    ]


def _by_month(rows: list[NodeAmount], months: Ints) -> Ints:
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


def _common_months(
    plan: Plan, question: BridgeQuestion, known: tuple[KnownReference, KnownReference]
) -> tuple[Ints, Months, Months]:
    asked = np.array(question.months or window_of(plan).months, np.int64)
    base, other = (np.intersect1d(side.side.months, asked) for side in known)
    months = np.intersect1d(base, other)
    if not len(months):
        raise ReferenceMissing(f"{question.base.label} and {question.other.label} have no month in common.")
    return months, tuple(np.setdiff1d(base, months).tolist()), tuple(np.setdiff1d(other, months).tolist())


def _block(
    plan: Plan, empty: Bridge, known: tuple[KnownReference, KnownReference], where: tuple[Hierarchy, Ints]
) -> StepBlock:
    question, (hierarchy, months) = empty.question, where
    if question.measure in (BridgeMeasure.INVENTORY, BridgeMeasure.CASH):
        raise ReferenceMissing(f"{question.measure.label} does not stand on leaves: n/a.")
    for side in known:
        if question.measure is not BridgeMeasure.REVENUE and side.side.cogs is None:
            raise ReferenceMissing(f"{side.reference.label} has no {question.measure.label}: n/a.")
    pair = (question.measure, question.base, question.other)
    if pair == (BridgeMeasure.REVENUE, Reference.BUDGET, Reference.LANDING):
        return _of_months(_stored_block(plan, hierarchy), months)
    base, other = on_same_leaves(known[0].side, known[1].side, months=months)
    group = _mix_groups(base.leaves, hierarchy)
    return measured_steps(question.measure, (base, other), group, mix_level=empty.mix_level)


def _stored_block(plan: Plan, hierarchy: Hierarchy) -> StepBlock:
    """Budget to landing as the landing run stored it: what the pages and the snapshot show."""
    columns = ["budget_cents", "landing_cents", *(driver.value for driver in Driver)]
    keys, blocks = read_series(
        f"SELECT coalesce(item_id, 0)::int4, family_id::int4, market_id::int4, {', '.join(columns)} "
        "FROM finance_bridgeleaf WHERE plan_id = %s ORDER BY family_id, item_id, market_id",
        keys=3,
        columns=len(columns),
        months=YEAR,
        parameters=(plan.pk,),
    )
    items, families, markets = (key.astype(np.int64) for key in keys)
    start, end, *drivers = blocks
    steps = {REVENUE_STEPS[driver]: block for driver, block in zip(Driver, drivers, strict=True)}
    return StepBlock(np.array(window_of(plan).months, np.int64), Leaves(items, families, markets), start, end, steps)


def _of_months(block: StepBlock, months: Ints) -> StepBlock:
    at = np.searchsorted(block.months, months)
    steps = {key: part[:, at] for key, part in block.steps.items()}
    return replace(block, months=months, start=block.start[:, at], end=block.end[:, at], steps=steps)


def _mix_groups(leaves: Leaves, hierarchy: Hierarchy) -> Ints:
    """Family × market × unit of measure of each leaf; what a family holds beside its items takes the unit of its items."""
    items = hierarchy.items
    uoms = items.set_index("item_id")["uom"].reindex(leaves.items).to_numpy(object)
    of_family = items[items["family_id"] > 0].drop_duplicates("family_id").set_index("family_id")["uom"]
    uoms = np.where(leaves.items > 0, uoms, of_family.reindex(leaves.families).to_numpy(object))
    keys = pd.MultiIndex.from_arrays([leaves.families, leaves.markets, uoms])
    return keys.factorize()[0].astype(np.int64)


def _chosen(leaves: Leaves, question: BridgeQuestion, hierarchy: Hierarchy, scope: Scope) -> NDArray[np.bool_]:
    """The leaves inside the scope and the node, (leaf,)."""
    chosen = scope.mask(leaves.families, leaves.markets)
    for level, key in question.within:
        chosen &= nodes_of(leaves, level, hierarchy) == key
    return chosen


def _cut(block: StepBlock, chosen: NDArray[np.bool_]) -> StepBlock:
    leaves = Leaves(block.leaves.items[chosen], block.leaves.families[chosen], block.leaves.markets[chosen])
    steps = {key: part[chosen] for key, part in block.steps.items()}
    return replace(block, leaves=leaves, start=block.start[chosen], end=block.end[chosen], steps=steps)


def _total(row: StepBlock) -> BridgeRow:
    steps = {key: int(part.sum()) for key, part in row.steps.items()}
    return BridgeRow(None, "", "Total", int(row.start.sum()), int(row.end.sum()), steps)


def _rows(
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


def _as_stored(row: StepBlock, known: tuple[KnownReference, KnownReference], question: BridgeQuestion) -> StepBlock:
    """The company's months between stored totals; what the leaves miss of them is unexplained.

    Cost lines that stand on the company and not on leaves come in here: each by itself where the rows are spans of
    time, overtime, expedite, subcontract and freight together as cost to serve where they are nodes.
    """
    at = [np.searchsorted(side.side.months, row.months) for side in known]
    start, end = (side.total(question.measure)[columns][None] for side, columns in zip(known, at, strict=True))
    if question.measure is BridgeMeasure.REVENUE:
        return replace(row, start=start, end=end)
    sign = 1 if question.measure is BridgeMeasure.COGS else -1
    steps: dict[StepKey, Ints] = {key: part for key, part in row.steps.items() if key is not StepKey.COST_TO_SERVE}
    by_nodes = question.by is not None and not question.by.is_time
    for key in {key for side in known for key in side.lines}:
        one, two = (side.lines[key][columns] if side.lines else 0 for side, columns in zip(known, at, strict=True))
        name = StepKey.COST_TO_SERVE if by_nodes and key in SERVING else key
        steps[name] = steps.get(name, np.zeros_like(row.start)) + sign * np.asarray(two - one)[None]
    ordered = {key: steps[key] for key in StepKey if key in steps}
    return replace(row, start=start, end=end, steps=ordered)


def _moved(plan: Plan, question: BridgeQuestion) -> tuple[MovedItem, ...]:
    """Items whose family is another than in the approved plan that is one end of the bridge."""
    snapshot = last_approved(plan) if Reference.LAST_CYCLE in (question.base, question.other) else None
    if snapshot is None:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT r.key[2], r.fields->>'family', coalesce(f.code, '') FROM cycles_snapshotrow r "
            "JOIN catalog_item i ON i.code = r.key[2] LEFT JOIN catalog_family f ON f.id = i.family_id "
            "WHERE r.snapshot_id = %s AND r.section = 'finance' AND r.key[1] = 'money' "
            "AND r.fields->>'family' <> coalesce(f.code, '') ORDER BY 1",
            (snapshot.pk,),
        )
        return tuple(MovedItem(*row) for row in cursor.fetchall())


def _notes(empty: Bridge, known: tuple[KnownReference, KnownReference], left_out: Months) -> tuple[str, ...]:
    notes = [f"Mix level: {empty.mix_level.value}.", *known[0].notes, *known[1].notes]
    if left_out:
        named = ", ".join(f"{month_date(month):%Y-%m}" for month in sorted(left_out))
        notes.append(f"Left out, only one of the two has them: {named}.")
    return tuple(notes)
