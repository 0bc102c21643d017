"""Inventory and operating cash of a plan and of the last approved one, as the sides of a bridge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.calc.months import month_index
from catalog.calc.rounding import sum_by_group
from catalog.frames.rates import load_standard_costs
from catalog.frames.series_rows import read_series
from catalog.models import Company
from cycles.models import Plan, Snapshot
from finance.calc.company_steps import CASH_SIGNS, CashSide, StockSide
from finance.calc.inventory import standing_cost4
from finance.calc.references import BridgeMeasure, Reference, StepKey
from finance.models import CashMonth, CompanyMonth
from finance.selectors.reference_sides import ReferenceMissing, last_approved

Ints = NDArray[np.int64]

YEAR = 12
CASH_FIELDS = {
    StepKey.MARGIN: "margin_before_revaluation_cents",
    StepKey.FIXED_COST: "fixed_cost_cents",
    StepKey.RECEIVABLES: "receivables_change_cents",
    StepKey.INVENTORY: "inventory_change_cents",
    StepKey.PAYABLES: "payables_change_cents",
    StepKey.ACCRUALS: "accruals_change_cents",
}
NON_CASH, DIRECT = "non_cash_cents", "direct_cents"


def cash_side(plan: Plan, reference: Reference) -> CashSide:
    """Operating cash per month of the landing's open months, or of the last approved plan.

    Raises:
        ReferenceMissing: the reference has no cash.
    """
    if reference is Reference.LANDING:
        stored = CashMonth.objects.filter(plan=plan).order_by("month")
        rows: list[tuple[int, dict[str, Any]]] = [(month_index(row["month"]), dict(row)) for row in stored.values()]
    else:
        snapshot = _approved(plan, reference, BridgeMeasure.CASH)
        rows = _snapshot_months(snapshot, "cash")
    if not rows:
        raise _not_known(reference, BridgeMeasure.CASH)
    lines = {key: _column(rows, name) for key, name in CASH_FIELDS.items()}
    lines[StepKey.FIXED_COST] = lines[StepKey.FIXED_COST] - _column(rows, NON_CASH)
    return CashSide(
        np.array([month for month, _ in rows]), {key: lines[key] for key in CASH_SIGNS}, _column(rows, DIRECT)
    )


def stock_side(plan: Plan, reference: Reference) -> StockSide:
    """Closing stock of every item at the end of each month, valued; of the landing or of the last approved plan.

    An approved plan keeps units of every item and the cost of those that are sold; components are valued at today's
    standard of the month, and what that misses of the approved inventory is unexplained.

    Raises:
        ReferenceMissing: the reference has no inventory.
    """
    if reference is Reference.LANDING:
        return _planned_stock(plan)
    return _approved_stock(_approved(plan, reference, BridgeMeasure.INVENTORY))


def _planned_stock(plan: Plan) -> StockSide:
    keys, (units, value, shipped, consumed) = read_series(
        "SELECT s.item_id::int4, s.site_id::int4, s.closing_units, s.value_cents, p.shipped, p.consumed "
        "FROM finance_inventorymoney s JOIN supply_supplyseries p USING (plan_id, item_id, site_id) "
        "WHERE s.plan_id = %s",
        keys=2,
        columns=4,
        months=plan.horizon,
        parameters=(plan.pk,),
    )
    months = np.arange(plan.first_month_index, plan.first_month_index + plan.horizon)
    rows = CompanyMonth.objects.filter(plan=plan, is_closed=False).order_by("month")
    stored = list(rows.values_list("inventory_cents", flat=True))
    if not len(units) or len(stored) != plan.horizon or None in stored:
        raise _not_known(Reference.LANDING, BridgeMeasure.INVENTORY)
    items, (held, worth, used) = _by_item(keys[0].astype(np.int64), units, value, shipped + consumed)
    return StockSide(months, items, held, worth, used, stored=np.array(stored, np.int64))


def _approved_stock(snapshot: Snapshot) -> StockSide:
    arrays = ", ".join(
        f"ARRAY(SELECT jsonb_array_elements_text(r.fields->'{name}')::bigint)"
        for name in ("inventory", "shipped", "consumed")
    )
    keys, (units, shipped, consumed) = read_series(
        f"SELECT i.id::int4, {arrays} FROM cycles_snapshotrow r JOIN catalog_item i ON i.code = r.key[2] "
        "WHERE r.snapshot_id = %s AND r.section = 'supply' AND r.key[1] = 'production' "
        "AND jsonb_typeof(r.fields->'inventory') = 'array'",
        keys=1,
        columns=3,
        months=snapshot.horizon,
        parameters=(snapshot.pk,),
    )
    company = dict(_snapshot_months(snapshot, "company"))
    first = month_index(snapshot.first_month)
    months = range(first, first + snapshot.horizon)
    stored = [company.get(month, {}).get("inventory_cents") for month in months]
    if not len(units) or None in stored:
        raise _not_known(Reference.LAST_CYCLE, BridgeMeasure.INVENTORY)
    items = keys[0].astype(np.int64)
    cost4 = _approved_costs(snapshot, items, shipped)
    once, (held, worth, used) = _by_item(items, units, to_cents(units, cost4), shipped + consumed)
    return StockSide(np.array(months), once, held, worth, used, stored=np.array(stored, np.int64))


def _approved_costs(snapshot: Snapshot, items: Ints, shipped: Ints) -> Ints:
    """Standard cost per stock row and month, (n, T): the approved one of what is sold, today's of the others.

    A month without a standard takes the one at which stock stands, as in a landing.
    """
    keys, (cost4,) = read_series(
        "SELECT DISTINCT ON (i.id) i.id::int4, "
        "ARRAY(SELECT jsonb_array_elements_text(r.fields->'cost4')::bigint) FROM cycles_snapshotrow r "
        "JOIN catalog_item i ON i.code = r.key[2] "
        "WHERE r.snapshot_id = %s AND r.section = 'finance' AND r.key[1] = 'money' ORDER BY i.id, r.key[3]",
        keys=1,
        columns=1,
        months=snapshot.horizon,
        parameters=(snapshot.pk,),
    )
    first = month_index(snapshot.first_month)
    start = min(month_index(Company.objects.current().history_start), first - 1)
    costs = load_standard_costs(items, range(start, first + snapshot.horizon))
    sold = np.isin(items, keys[0])
    costs[sold, -snapshot.horizon :] = cost4[np.searchsorted(keys[0], items[sold])]
    return standing_cost4(costs, shipped=shipped)[:, 1:]


def _by_item(items: Ints, *blocks: Ints) -> tuple[Ints, list[Ints]]:
    keys, group = np.unique(items, return_inverse=True)
    return keys, [sum_by_group(block, group, len(keys)) for block in blocks]


def _snapshot_months(snapshot: Snapshot, word: str) -> list[tuple[int, dict[str, Any]]]:
    rows = snapshot.rows.filter(section="finance", key__0=word).values_list("key", "fields")
    return sorted((int(key[1][:4]) * YEAR + int(key[1][5:]) - 1, fields) for key, fields in rows)


def _column(rows: list[tuple[int, dict[str, Any]]], name: str) -> Ints:
    return np.array([fields.get(name) or 0 for _, fields in rows], np.int64)


def _approved(plan: Plan, reference: Reference, measure: BridgeMeasure) -> Snapshot:
    snapshot = last_approved(plan) if reference is Reference.LAST_CYCLE else None
    if snapshot is None:
        raise _not_known(reference, measure)
    return snapshot


def _not_known(reference: Reference, measure: BridgeMeasure) -> ReferenceMissing:
    return ReferenceMissing(f"{reference.label} has no {measure.label.lower()}: n/a.")
