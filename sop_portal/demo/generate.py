"""Write the demo company as a pack: one CSV per dataset, the same bytes on every run. No database, no clock."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from catalog.calc.months import month_date
from sop_portal.demo import books, company, stock, structure
from sop_portal.demo.company import CHANNELS, COMPONENTS, DISCOUNTS, FAMILIES, MADE_COMPONENTS, MONTHS, REGIONS, SITES
from sop_portal.demo.history import Budget, Items, Sales, actual_fx6, budget_of, items_of, local_list4, sales_of
from sop_portal.demo.history import standard4 as standard_of

Rows = list[dict[str, Any]]

MATERIAL_SHARE = 0.68
RATE_YEARS = tuple(first for first, _ in company.LIST_STEPS)
STEEL = "Steel and copper above the standard of the year"
VARIANCES = (
    ("", "purchase_price", 118_000, "purchases"),
    ("Built-in ovens", "efficiency", 46_000, "conversion"),
    ("Refrigerators", "absorption", 32_000, "conversion"),
)
PARCEL_COST = {"OV": 24, "CT": 12, "DW": 22, "RF": 31, "WC": 18}
USUAL_PARCEL_COST = 5
#: Files that tell what happened, and the column that says when.
HAPPENED = {"sales_monthly": "month", "production_monthly": "month", "inventory": "as_of", "balances": "month"}
RECEIVABLE_DAYS, PAYABLE_DAYS = 45, 40


def generate_pack(directory: Path, *, cycle: date = company.CURRENT_CYCLE) -> list[Path]:
    """Write every file of the pack into `directory` (made when absent) and return the paths, in order of name.

    What happened (sales, production, stock, balances) ends with the month before `cycle`, as an ERP would give it at
    that time; the files of an earlier cycle are those of a later one with months left out. Files of the same name are
    replaced. Amounts are reporting currency unless a column names another; list prices are in the currency of their
    market.
    """
    directory.mkdir(parents=True, exist_ok=True)
    items = items_of()
    sales, budget = sales_of(items), budget_of(items)
    paths = []
    for name, rows in sorted(_files(items, sales, budget).items()):
        path = directory / f"{name}.csv"
        _write(path, [row for row in rows if _has_happened(name, row, cycle)])
        paths.append(path)
    return paths


def _has_happened(name: str, row: Mapping[str, Any], cycle: date) -> bool:
    column = HAPPENED.get(name)
    day: date | None = row[column] if column else None
    return day is None or day < cycle


def _files(items: Items, sales: Sales, budget: Budget) -> Mapping[str, Rows]:
    return {
        "company": _company(),
        "channels": [{"channel": code, "name": name} for code, name, _ in CHANNELS],
        "markets": _markets(),
        "sites": [{"site": code, "name": name} for code, name in SITES],
        "products": _products(items, sales),
        "price_history": _prices(items),
        "cost_history": _costs(items),
        "planned_discounts": _discounts(),
        "fx_rates_monthly": _fx(),
        "budget_derived": _budget(items, budget),
        "sales_monthly": _sales(items, sales),
        "work_centres": structure.work_centres(items, sales),
        "routings": structure.routings(items),
        "bom": structure.bom(items),
        "suppliers": structure.suppliers(),
        "purchase_terms": structure.purchase_terms(),
        "sourcing": structure.sourcing(),
        "stock_rules": stock.stock_rules(),
        "stock_budget": stock.stock_budget(items, sales),
        "inventory": structure.inventory(items, sales),
        "production_monthly": structure.production(items, sales),
        "planned_variances": _variances(),
        "balances": _balances(sales),
        "channel_costs": _channel_costs(),
        "customer_terms": books.customer_terms(),
        "fixed_costs": books.fixed_costs(),
        "price_actions": books.price_actions(),
        "opportunities": books.opportunities(),
    }


def _company() -> Rows:
    return [
        {
            "name": company.NAME,
            "currency": company.CURRENCY,
            "fiscal_year_start_month": 1,
            "history_start": month_date(company.HISTORY_START),
            "mix_level": "item",
            "unanswered_amount": "2500000.00",
            "unanswered_fraction": "0.05",
            "dso_days": RECEIVABLE_DAYS,
            "dpo_days": PAYABLE_DAYS,
            "default_horizon": 24,
            "discount_window_months": 12,
            "exception_amount": "40000.00",
        }
    ]


def _markets() -> Rows:
    return [
        {
            "market": region.code,
            "name": region.name,
            "region": region.area,
            "country": region.country,
            "sales_currency": region.currency,
        }
        for region in REGIONS
    ]


def _products(items: Items, sales: Sales) -> Rows:
    safety = structure.safety_stock(items, sales)
    sold = [
        {
            "sku": row.sku,
            "name": row.name,
            "category": FAMILIES[items.family[position]].category,
            "family": FAMILIES[items.family[position]].code,
            "uom": "EA",
            "make_buy": "MAKE",
            "finished_good": "Y",
            "sold": "Y",
            "safety_stock": safety[position],
            "lead_days": 5,
            "sell_start": row.sell_start,
            "sell_end": row.sell_end,
            "successor": company.SUCCESSOR if row.sku == company.DELISTED else "",
            "plan_decimals": 0,
        }
        for position, row in enumerate(items.frame.itertuples(index=False))
    ]
    return sold + [_component(component.code, component.name, component.lead_days) for component in COMPONENTS]


def _component(code: str, name: str, lead_days: int) -> dict[str, Any]:
    return {
        "sku": code,
        "name": name,
        "category": "",
        "family": "",
        "uom": "EA",
        "make_buy": "MAKE" if code in MADE_COMPONENTS else "BUY",
        "finished_good": "N",
        "sold": "N",
        "safety_stock": 0,
        "lead_days": lead_days,
        "sell_start": date(2020, 1, 1),
        "sell_end": None,
        "successor": "",
        "plan_decimals": 0,
    }


def _periods() -> Iterator[tuple[int, date, date | None]]:
    """Year of a rate, its first day, and its last (none for the latest)."""
    for position, year in enumerate(RATE_YEARS):
        following = RATE_YEARS[position + 1 : position + 2]
        yield year, date(year, 1, 1), date(following[0], 1, 1) - timedelta(days=1) if following else None


def _prices(items: Items) -> Rows:
    return [
        {
            "sku": sku,
            "market": region.code,
            "valid_from": first,
            "valid_to": last,
            "list_price": _rate(int(prices[row, column])),
            "currency": region.currency,
        }
        for year, first, last in _periods()
        for prices in [local_list4(items, year)]
        for row, sku in enumerate(items.frame["sku"])
        for column, region in enumerate(REGIONS)
    ]


def _costs(items: Items) -> Rows:
    rows: Rows = []
    for year, first, last in _periods():
        step = max(factor for start, factor in company.COST_STEPS if start <= year)
        costs = list(zip(items.frame["sku"], standard_of(items, year).tolist(), strict=True))
        costs += [(component.code, round(component.cost * step * 100) * 100) for component in COMPONENTS]
        for sku, cost4 in costs:
            material = cost4 if sku[:2] in ("PB", "PH", "PC", "PM", "PU", "PG", "PK", "PP") else _material(cost4)
            rows.append(
                {
                    "sku": sku,
                    "valid_from": first,
                    "valid_to": last,
                    "standard_cost": _rate(cost4),
                    "material_cost": _rate(material),
                    "conversion_cost": _rate(cost4 - material),
                    "currency": company.CURRENCY,
                }
            )
    return rows


def _material(cost4: int) -> int:
    return round(cost4 * MATERIAL_SHARE / 100) * 100


def _discounts() -> Rows:
    return [
        {
            "market": region.code,
            "channel": code,
            "family": "",
            "sku": "",
            "first_month": company.FIRST_CYCLE,
            "last_month": None,
            "discount": f"{DISCOUNTS[code][2]:.4f}",
        }
        for region in REGIONS
        for code, _, _ in CHANNELS
    ]


def _fx() -> Rows:
    rows: Rows = []
    actual = actual_fx6()
    for row, region in enumerate(REGIONS):
        if region.currency == company.CURRENCY:
            continue
        pair = {"from_currency": region.currency, "to_currency": company.CURRENCY}
        for column, month in enumerate(MONTHS):
            rate = f"{actual[row, column] / 1_000_000:.6f}"
            rows.append({"month": month_date(month), **pair, "average_rate": rate, "kind": "actual"})
        start = date(company.FISCAL_YEAR, 1, 1)
        rows.append({"month": start, **pair, "average_rate": f"{region.budget_fx:.6f}", "kind": "budget"})
        rows.append({"month": start, **pair, "average_rate": f"{region.plan_fx:.6f}", "kind": "plan"})
    return rows


def _budget(items: Items, budget: Budget) -> Rows:
    places = [(region.code, code) for region in REGIONS for code, _, _ in CHANNELS]
    return [
        {
            "fiscal_year": company.FISCAL_YEAR,
            "month": date(company.FISCAL_YEAR, int(month) + 1, 1),
            "sku": items.frame["sku"][item],
            "family": FAMILIES[items.family[item]].code,
            "market": places[market][0],
            "channel": places[market][1],
            "units": int(budget.units[item, market, month]),
            "revenue": _money(int(budget.revenue_cents[item, market, month])),
            "standard_cogs": _money(int(budget.cogs_cents[item, market, month])),
            "basis": "board_budget",
        }
        for item, market, month in np.argwhere((budget.units != 0) | (budget.revenue_cents != 0))
    ]


def _sales(items: Items, sales: Sales) -> Rows:
    """Invoices and, as rows of their own under the same key, returns: an importer has to add them up."""
    places = [(region.code, code) for region in REGIONS for code, _, _ in CHANNELS]
    rows: Rows = []
    for item, market, month in np.argwhere((sales.units != 0) | (sales.returned != 0)):
        key = {
            "month": month_date(MONTHS[month]),
            "sku": items.frame["sku"][item],
            "market": places[market][0],
            "channel": places[market][1],
        }
        net_units, back = int(sales.units[item, market, month]), int(sales.returned[item, market, month])
        amounts = [int(part[item, market, month]) for part in (sales.list_cents, sales.net_cents, sales.cogs_cents)]
        credited = [round(amount * -back / net_units) for amount in amounts] if back and net_units else [0, 0, 0]
        invoiced = [amount - credit for amount, credit in zip(amounts, credited, strict=True)]
        if net_units + back:
            rows.append(key | _sale(net_units + back, invoiced))
            if back:
                rows.append(key | _sale(-back, credited))
        else:
            rows.append(key | _sale(net_units, amounts))
    return rows


def _sale(units: int, amounts: list[int]) -> dict[str, Any]:
    list_value, net, cogs = amounts
    return {
        "units": units,
        "list_value": _money(list_value),
        "gross_revenue": _money(list_value),
        "discount": _money(list_value - net),
        "net_revenue": _money(net),
        "std_cogs": _money(cogs),
    }


def _variances() -> Rows:
    first = company.FIRST_CYCLE.year * 12 + company.FIRST_CYCLE.month - 1
    return [
        {"month": month_date(month), "family": family, "kind": kind, "amount": f"{amount}.00", "cash_line": line}
        for month in range(first, first + 15)
        for family, kind, amount, line in VARIANCES
    ]


def _balances(sales: Sales) -> Rows:
    """Receivables and payables at the end of the last closed month of both cycles, from the months before."""
    revenue, cogs = sales.net_cents.sum(axis=(0, 1)), sales.cogs_cents.sum(axis=(0, 1))
    rows: Rows = []
    for position in (len(MONTHS) - 2, len(MONTHS) - 1):
        receivables = int(revenue[position]) + int(revenue[position - 1]) // 2
        payables = int(cogs[position] * MATERIAL_SHARE) + int(cogs[position - 1] * MATERIAL_SHARE) // 3
        for kind, cents in (("receivables", receivables), ("payables", payables)):
            rows.append({"month": month_date(MONTHS[position]), "kind": kind, "amount": _money(cents)})
    return rows


def _channel_costs() -> Rows:
    return [
        {
            "market": region.code,
            "channel": "ONLINE",
            "family": family.code,
            "first_month": company.FIRST_CYCLE,
            "cost_per_unit": f"{PARCEL_COST.get(family.prefix, USUAL_PARCEL_COST)}.00",
        }
        for region in REGIONS
        for family in FAMILIES
    ]


def _money(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _rate(rate4: int) -> str:
    return f"{rate4 // 10_000}.{rate4 % 10_000:04d}"


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """One file: header from the first row, blank for None, ISO dates, line ends of one character."""
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)
