"""Bridges of inventory and operating cash: they belong to the company, stock to its items as well."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from catalog.frames.hierarchy import Hierarchy
from catalog.models import Company
from cycles.models import Plan
from cycles.selectors import Scope
from finance.calc.bridge_pairs import StepBlock
from finance.calc.bridge_rows import at_ends, in_one_row, leaves_where, with_step
from finance.calc.company_steps import CashSide, StockSide, cash_steps, inventory_steps
from finance.calc.known_reference import NodeAmount
from finance.calc.references import BridgeLevel, BridgeMeasure, Reference, StepKey
from finance.selectors.bridge_answers import (
    Bridge,
    BridgeQuestion,
    Months,
    by_month,
    common_months,
    fitting,
    rows_of,
    total_row,
)
from finance.selectors.bridge_nodes import nodes_of, span_of
from finance.selectors.company_sides import cash_side, stock_side
from finance.selectors.reference_sides import ReferenceMissing, adjustments_of, last_approved

Ints = NDArray[np.int64]
Sides = tuple[CashSide, CashSide] | tuple[StockSide, StockSide]

STOCK_LEVELS = (BridgeLevel.ITEM, BridgeLevel.FAMILY, BridgeLevel.CATEGORY)
STOCK_RULE = (
    "Volume is the base's cover at the other's throughput, constraint what is missing below the safety stock, "
    "policy the rest."
)


def company_bridge(plan: Plan, empty: Bridge, hierarchy: Hierarchy, scope: Scope) -> Bridge:
    """The bridge of inventory or cash; balances are those at the end of the months.

    Raises:
        ReferenceMissing: a reference has neither, the level does not have it, or the scope is not the whole company.
    """
    question = empty.question
    _refuse(question, scope)
    base, other, block, months, left_out = _sides(plan, question, hierarchy)
    keys = [nodes_of(block.leaves, level, hierarchy) == key for level, key in question.within]
    chosen = np.logical_and.reduce([np.ones(len(block.leaves.items), np.bool_), *keys])
    cut = leaves_where(block, chosen)
    row = in_one_row(cut)
    if not question.within and isinstance(base, StockSide) and isinstance(other, StockSide):
        start, end = (side.stored[np.searchsorted(side.months, months)][None] for side in (base, other))
        row = replace(row, start=start, end=end)
    adjusted = tuple(
        _adjusted(plan, reference, question, (hierarchy, scope, months))
        for reference in (question.base, question.other)
    )
    row = with_step(row, StepKey.ADJUSTMENTS, *(by_month(amounts, months) for amounts in adjusted))
    if question.measure.is_stock:
        cut, row, adjusted = _at_ends(question, cut, row, adjusted)
    total = total_row(_last(row) if question.measure.is_stock else row)
    approved = last_approved(plan) if Reference.LAST_CYCLE in (question.base, question.other) else None
    notes = [STOCK_RULE] if question.measure.is_stock else ["Cash is counted for open months: closed ones are n/a."]
    notes += [] if approved is None else [f"Last cycle is the approved plan {approved.number}."]
    return replace(
        empty,
        months=tuple(months.tolist()),
        only_base=left_out[0],
        only_other=left_out[1],
        total=total,
        rows=rows_of((cut, row, total), question.by, adjusted, hierarchy),
        notes=tuple(notes),
    )


def _refuse(question: BridgeQuestion, scope: Scope) -> None:
    name = question.measure.label
    if not scope.is_everything:
        raise ReferenceMissing(f"{name} is the whole company's: n/a inside a limited scope.")
    levels = [level for level, _ in question.within] + ([question.by] if question.by else [])
    allowed = STOCK_LEVELS if question.measure.is_stock else ()
    for level in levels:
        if not level.is_time and level not in allowed:
            raise ReferenceMissing(f"{name} is not held by {level.label.lower()}: n/a.")


def _sides(
    plan: Plan, question: BridgeQuestion, hierarchy: Hierarchy
) -> tuple[CashSide | StockSide, CashSide | StockSide, StepBlock, Ints, tuple[Months, Months]]:
    if question.measure is BridgeMeasure.CASH:
        cash = cash_side(plan, question.base), cash_side(plan, question.other)
        months, *left_out = common_months(plan, question, cash[0].months, cash[1].months)
        return *cash, cash_steps(*cash, months=months), months, (left_out[0], left_out[1])
    stock = stock_side(plan, question.base), stock_side(plan, question.other)
    months, *left_out = common_months(plan, question, stock[0].months, stock[1].months)
    items = hierarchy.items
    block = inventory_steps(
        *stock,
        months=months,
        safety=dict(zip(items["item_id"].tolist(), items["safety_stock_milli"].clip(lower=0).tolist(), strict=True)),
        family_of={int(i): int(f) for i, f in zip(items["item_id"], items["family_id"], strict=True) if f > 0},
    )
    return *stock, block, months, (left_out[0], left_out[1])


def _adjusted(
    plan: Plan, reference: Reference, question: BridgeQuestion, where: tuple[Hierarchy, Scope, Ints]
) -> list[NodeAmount]:
    """Adjustments of a reference; one of a stock stays in the balance from its month on."""
    hierarchy, scope, months = where
    own = [row for row in adjustments_of(plan, reference, hierarchy) if row.measure is question.measure]
    if question.measure.is_stock:
        own = [replace(row, month=int(month)) for row in own for month in months if month >= row.month]
    return fitting(own, question, scope, months)


def _at_ends(
    question: BridgeQuestion, cut: StepBlock, row: StepBlock, adjusted: tuple[list[NodeAmount], ...]
) -> tuple[StepBlock, StepBlock, tuple[list[NodeAmount], ...]]:
    """Balances: nodes at the last month of all, spans of time at the last month of each."""
    last = int(row.months[-1])
    if question.by is not None and question.by.is_time:
        start = Company.objects.current().fiscal_year_start_month
        spans = np.array([span_of(int(month), question.by, start) for month in row.months], np.int64)
        return cut, at_ends(row, spans), adjusted
    return _last(cut), _last(row), tuple([amount for amount in rows if amount.month == last] for rows in adjusted)


def _last(block: StepBlock) -> StepBlock:
    return at_ends(block, np.zeros(len(block.months), np.int64))
