"""The bridge between any two references of a plan, by node or by span of time, closing to the cent.

bridge = bridge_between(plan, measure=BridgeMeasure.REVENUE, base=Reference.LAST_CYCLE, other=Reference.LANDING,
                        scope=scope, by=BridgeLevel.FAMILY)
bridge.missing or bridge.total, bridge.rows, bridge.steps()
"""

from __future__ import annotations

from dataclasses import replace

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
    in_one_row,
    leaves_where,
    with_step,
)
from finance.calc.known_reference import KnownReference
from finance.calc.references import BridgeLevel, BridgeMeasure, Reference, StepKey
from finance.selectors.bridge_answers import (
    Bridge,
    BridgeQuestion,
    Months,
    MovedItem,
    by_month,
    common_months,
    fitting,
    rows_of,
    total_row,
)
from finance.selectors.bridge_nodes import nodes_of
from finance.selectors.company_bridges import company_bridge
from finance.selectors.reference_sides import ReferenceMissing, known_reference, last_approved
from finance.selectors.ties import window_of

Ints = NDArray[np.int64]

YEAR = 12
NO_NODE = "On no node"
SERVING = (StepKey.OVERTIME, StepKey.EXPEDITE, StepKey.SUBCONTRACT, StepKey.FREIGHT)


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
        if question.measure in (BridgeMeasure.INVENTORY, BridgeMeasure.CASH):
            return company_bridge(plan, empty, hierarchy, scope)
        known = (known_reference(plan, question.base, hierarchy), known_reference(plan, question.other, hierarchy))
        return _answered(plan, empty, known, (hierarchy, scope))
    except ReferenceMissing as missing:
        return replace(empty, missing=str(missing))


def _answered(
    plan: Plan, empty: Bridge, known: tuple[KnownReference, KnownReference], within: tuple[Hierarchy, Scope]
) -> Bridge:
    question, (hierarchy, scope) = empty.question, within
    months, only_base, only_other = common_months(plan, question, known[0].side.months, known[1].side.months)
    block = _block(plan, empty, known, (hierarchy, months))
    cut = leaves_where(block, _chosen(block.leaves, question, hierarchy, scope))
    adjusted = tuple(fitting(side.adjusted(question.measure), question, scope, months) for side in known)
    is_whole = scope.is_everything and not question.within
    row = _as_stored(in_one_row(cut), known, question) if is_whole else in_one_row(cut)
    row = with_step(row, StepKey.ADJUSTMENTS, *(by_month(amounts, months) for amounts in adjusted))
    total = total_row(row)
    return replace(
        empty,
        months=tuple(months.tolist()),
        only_base=only_base,
        only_other=only_other,
        total=total,
        rows=rows_of((cut, row, total), question.by, adjusted, hierarchy),
        moved=_moved(plan, question),
        notes=_notes(empty, known, only_base + only_other),
    )


def _block(
    plan: Plan, empty: Bridge, known: tuple[KnownReference, KnownReference], where: tuple[Hierarchy, Ints]
) -> StepBlock:
    question, (hierarchy, months) = empty.question, where
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
