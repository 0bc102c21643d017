"""Rates and budgets that look wrong before a plan is made of them, each with its units and the dollars at risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db import connection

from catalog.calc.months import month_date
from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Company
from cycles.models import Plan
from finance.calc.rate_findings import cost_jumps, price_gaps
from finance.frames.rate_check import load_rate_check
from finance.selectors.ties import window_of

RATE4 = 10_000
MILLI = 1_000
MILLI_RATE4_PER_CENT = 100_000


@dataclass(frozen=True)
class RateFinding:
    """One item: its code, the milli-units concerned (None where the file gives none), cents at risk, and in words why."""

    item: str
    units: int | None
    cents: int
    words: str


def prices_off_actual(plan: Plan) -> list[RateFinding]:
    """Items whose planned net price is far from the average that customers paid in the last twelve closed months.

    At risk: the difference over the units of those months, in the markets past `price_gap_fraction` only.
    """
    company, check = Company.objects.current(), load_rate_check(plan)
    gaps = price_gaps(sold_units=check.units, sold_cents=check.cents, net_price4=check.net_price4, fx6=check.fx6)
    far = np.flatnonzero(np.abs(np.nan_to_num(gaps.share)) > float(company.price_gap_fraction))
    codes = _codes()
    found = []
    for item in np.unique(check.items[far]).tolist():
        rows = far[check.items[far] == item]
        paid, gap = int(check.cents[rows].sum()), int(gaps.cents[rows].sum())
        share = f"{gap / paid:+.0%}" if paid else "far"
        words = f"is planned {share} from what was paid in {len(rows)} market{'s' if len(rows) > 1 else ''}"
        found.append(RateFinding(codes[item], int(check.units[rows].sum()), gap, words))
    return _listed(found, company)


def jumping_costs(plan: Plan) -> list[RateFinding]:
    """Items whose standard cost jumps inside the plan's first year; at risk: the change over a year's units."""
    company, check = Company.objects.current(), load_rate_check(plan)
    jumps = cost_jumps(check.cost4)
    units, codes = check.units_of(check.cost_items), _codes()
    found = []
    for row in np.flatnonzero(np.abs(np.nan_to_num(jumps.share)) > float(company.cost_jump_fraction)).tolist():
        before, after = int(jumps.before4[row]), int(jumps.after4[row])
        month = month_date(plan.first_month_index + int(jumps.month[row]))
        words = f"costs {after / RATE4:,.2f} from {month:%Y-%m} instead of {before / RATE4:,.2f}"
        cents = round((after - before) * int(units[row]) / MILLI_RATE4_PER_CENT)
        found.append(RateFinding(codes[int(check.cost_items[row])], int(units[row]), cents, words))
    return _listed(found, company)


def budgets_of_dead_items(plan: Plan) -> list[RateFinding]:
    """Items with a budget of their own after their end, or that neither sold nor are planned in the fiscal year.

    At risk: the budgeted revenue of those months. A successor, where there is one, is named: its plan should carry it.
    """
    window = window_of(plan)
    rows = _rows(
        "SELECT i.code, coalesce(s.code, ''), sum(r.units_milli)::bigint, sum(r.revenue_cents)::bigint, i.end_date "
        "FROM catalog_referencerow r JOIN catalog_referenceplan p ON p.id = r.plan_id "
        "JOIN catalog_item i ON i.id = r.item_id LEFT JOIN catalog_item s ON s.id = i.successor_id "
        "WHERE p.code = 'budget' AND p.fiscal_year = %s AND i.end_date < r.month "
        "GROUP BY 1, 2, i.end_date HAVING sum(r.revenue_cents) <> 0",
        window.fiscal_year,
    )
    found = [
        RateFinding(
            code, units, cents, f"has budget after its end on {end:%Y-%m-%d}" + (f" ({heir} follows)" if heir else "")
        )
        for code, heir, units, cents, end in rows
    ]
    return _listed(found, Company.objects.current())


def losing_items(plan: Plan) -> list[RateFinding]:
    """Items that the landed plan sells below standard cost and cost-to-serve; at risk: the negative margin.

    Cells whose price or cost is missing are left to the findings of their own.
    """
    rows = _rows(
        "SELECT i.code, sum(u.shipped)::bigint, sum(u.revenue - u.cogs - u.served)::bigint, sum(u.revenue)::bigint "
        "FROM finance_moneyseries m JOIN catalog_item i ON i.id = m.item_id, "
        "unnest(m.shipped_units, m.revenue_cents, m.cogs_cents, m.cost_to_serve_cents, m.net_price4, m.cost4, m.fx6) "
        "AS u(shipped, revenue, cogs, served, price, cost, fx) "
        "WHERE m.plan_id = %s AND u.price >= 0 AND u.cost > 0 AND u.fx > 0 "
        "GROUP BY i.code HAVING sum(u.revenue - u.cogs - u.served) < 0",
        plan.pk,
    )
    found = [
        RateFinding(code, units, cents, f"earns {revenue / 100:,.0f} and costs {(revenue - cents) / 100:,.0f}")
        for code, units, cents, revenue in rows
    ]
    return _listed(found, Company.objects.current())


def _listed(found: list[RateFinding], company: Company) -> list[RateFinding]:
    """Those with enough dollars at risk, the largest first."""
    large = [row for row in found if abs(row.cents) >= company.finding_amount_cents]
    return sorted(large, key=lambda row: (-abs(row.cents), row.item))


def _codes() -> dict[int, str]:
    items = load_hierarchy().items
    return dict(zip(items["item_id"].tolist(), items["code"].tolist(), strict=True))


def _rows(query: str, parameter: int) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, (parameter,))
        return list(cursor.fetchall())
