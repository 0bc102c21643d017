"""What `verify` recomputes of the stored and the frozen months: result, cash, receivables by market, stock, fixed costs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from django.db.models import Sum

from catalog.frames.series_rows import read_series
from cycles.models import Plan, SnapshotRow
from cycles.registry import Problem
from finance.calc.month_identities import Fields, cash_faults, company_faults
from finance.models import CashMonth, CompanyMonth, FixedCostMonth, MarketReceivable

SECTION = "finance"
STOCK_COLUMNS = (
    "value_cents",
    "opening_cents",
    "receipts_cents",
    "consumption_cents",
    "cogs_cents",
    "revaluation_cents",
    "cost_change_cents",
)


def month_problems() -> Iterator[Problem]:
    """Months of every plan and snapshot that are not what their parts make them."""
    for plan in Plan.objects.filter(company_months__isnull=False).distinct().order_by("first_month"):
        yield from plan_problems(plan)
    yield from _frozen_problems()


def plan_problems(plan: Plan) -> Iterator[Problem]:
    """The stored months of one plan that are not what their parts make them."""
    company = list(CompanyMonth.objects.filter(plan=plan).order_by("month"))
    cash: list[Fields] = [vars(row) for row in CashMonth.objects.filter(plan=plan).order_by("month")]
    opened = [row for row in company if not row.is_closed]
    yield from _faults(f"plan {plan.number}", [vars(row) for row in company], cash)
    yield from _series_problems(plan, opened)
    yield from _stock_problems(plan, opened)
    yield from _market_problems(plan, cash)
    yield from _fixed_problems(plan, company)


def _faults(where: str, company: list[Fields], cash: list[Fields]) -> Iterator[Problem]:
    for position, words in company_faults(company):
        yield Problem(f"{where} company month {position + 1}", words)
    closed = len(company) - len(cash)
    for position, words in cash_faults(cash, company[closed:]) if cash else ():
        yield Problem(f"{where} cash month {position + 1}", words)


def _series_problems(plan: Plan, months: list[CompanyMonth]) -> Iterator[Problem]:
    """The company's upside, revenue and COGS are the sums of the series."""
    names = ("upside_cents", "revenue_cents", "cogs_cents")
    _, blocks = read_series(
        f"SELECT item_id::int4, {', '.join(names)} FROM finance_moneyseries WHERE plan_id = %s",
        keys=1,
        columns=len(names),
        months=plan.horizon,
        parameters=(plan.pk,),
    )
    for name, block in zip(names, blocks, strict=True):
        yield from _differences(plan, f"{name} is not the sum of the series", block.sum(axis=0), months, name)


def _stock_problems(plan: Plan, months: list[CompanyMonth]) -> Iterator[Problem]:
    """closing − opening − receipts + consumption + COGS = revaluation per item, site and month; sums are the company's."""
    _, blocks = read_series(
        f"SELECT item_id::int4, {', '.join(STOCK_COLUMNS)} FROM finance_inventorymoney WHERE plan_id = %s "
        "ORDER BY item_id, site_id",
        keys=1,
        columns=len(STOCK_COLUMNS),
        months=plan.horizon,
        parameters=(plan.pk,),
    )
    value, opening, receipts, consumption, cogs, revaluation, cost_change = blocks
    if not len(value):
        return
    for row, month in np.argwhere(value - opening - receipts + consumption + cogs != revaluation).tolist():
        yield Problem(f"plan {plan.number} stock row {row + 1} month {month + 1}", "inventory does not roll")
    for row, month in np.argwhere(opening[:, 1:] != value[:, :-1]).tolist():
        yield Problem(f"plan {plan.number} stock row {row + 1} month {month + 2}", "opens at another value")
    for name, block in (("inventory", value), ("revaluation", revaluation), ("cost_change", cost_change)):
        field = f"{name}_cents"
        yield from _differences(plan, f"{field} is not the sum of the stock rows", block.sum(axis=0), months, field)


def _market_problems(plan: Plan, cash: list[Fields]) -> Iterator[Problem]:
    """Each market's receivables roll, and all of them are the company's."""
    totals = np.zeros((2, plan.horizon), dtype=np.int64)
    rows = MarketReceivable.objects.filter(plan=plan).order_by("market_id")
    for row in rows:
        balance, collected = np.array(row.receivables_cents), np.array(row.collections_cents)
        if (row.opening_cents + np.cumsum(np.array(row.revenue_cents) - collected) != balance).any():
            yield Problem(f"plan {plan.number} market {row.market_id}", "receivables do not roll")
        totals += np.stack([balance, collected])
    if not rows or not cash:
        return
    for name, total in zip(("receivables_cents", "collections_cents"), totals, strict=True):
        if total.tolist() != [month[name] for month in cash]:
            yield Problem(f"plan {plan.number}", f"{name} of the markets do not add to the company's")


def _fixed_problems(plan: Plan, months: list[CompanyMonth]) -> Iterator[Problem]:
    lines = FixedCostMonth.objects.filter(plan=plan).values_list("month").annotate(total=Sum("amount_cents"))
    by_month = dict(lines.order_by("month"))
    for row in months:
        if by_month.get(row.month) != row.fixed_cost_cents:
            yield Problem(f"plan {plan.number} {row.month:%Y-%m}", "fixed_cost_cents is not the sum of its lines")


def _differences(plan: Plan, words: str, sums: np.ndarray, months: list[CompanyMonth], field: str) -> Iterator[Problem]:
    for row, cents in zip(months, sums.tolist(), strict=True):
        if getattr(row, field) is not None and getattr(row, field) != cents:
            yield Problem(f"plan {plan.number} {row.month:%Y-%m}", words)


def _frozen_problems() -> Iterator[Problem]:
    rows = SnapshotRow.objects.filter(section=SECTION, key__0__in=["company", "cash"])
    frozen: dict[int, dict[str, list[Fields]]] = {}
    for snapshot, key, fields in rows.order_by("snapshot_id", "position").values_list("snapshot_id", "key", "fields"):
        frozen.setdefault(snapshot, {"company": [], "cash": []})[key[0]].append(fields)
    for snapshot, parts in frozen.items():
        yield from _faults(f"snapshot {snapshot}", parts["company"], parts["cash"])
