"""How the demo company makes and stocks its items: centres, routings, components, lanes, stock."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import days_in_month, last_day, month_index
from sop_portal.demo import company
from sop_portal.demo.company import CENTRES, CHANNELS, COMPONENTS, FAMILIES, MADE_COMPONENTS, MONTHS, REGIONS, SUPPLIERS
from sop_portal.demo.history import Items, Sales, standard4
from sop_portal.demo.stock import LEFT_OVER, OVERSTOCKED_COVER

Floats = NDArray[np.float64]
Rows = list[dict[str, Any]]

#: Operations that every item of a plant shares, hours per unit.
SHARED = {"MAIN": (("M-PRESS", 0.16),), "MTY": (("Y-PRESS", 0.14), ("Y-TEST", 0.10)), "POZ": (("P-MOULD", 0.05),)}
SECOND_DISHWASHER_LINE = (("P-DISH", 0.74),)
FREIGHT = {"MAIN": (9.0, 14.0, 31.0, 33.0), "MTY": (7.0, 11.0, 19.0, 20.0), "POZ": (6.5, 8.0, 2.8, 2.2)}
COVER = {"OV": 0.05, "CT": 0.08, "SM": 1.4, "CM": 1.4}
USUAL_COVER = 1.5
#: Months of safety stock; the bottleneck's families cannot build any.
SAFETY = {"OV": 0.05, "CT": 0.08}
USUAL_SAFETY = 1.2
BULKY = ("OV", "DW", "RF", "WC")


def operations_of(prefix: str) -> list[tuple[str, float]]:
    """Operations of an item of a family: (work centre, hours per unit) at every site where it can be made."""
    family = next(family for family in FAMILIES if family.prefix == prefix)
    second = SECOND_DISHWASHER_LINE if prefix == "DW" else ()
    return [*SHARED[family.site], *family.operations, *second]


def routings(items: Items) -> Rows:
    """Rows of routings.csv: sold items and made components."""
    rows: Rows = []
    for sku in items.frame["sku"]:
        for step, (centre, hours) in enumerate(operations_of(sku[:2]), start=1):
            rows.append({"sku": sku, "operation": step * 10, "work_centre": centre, "std_hours_per_unit": hours})
    for sku, (centre, hours) in MADE_COMPONENTS.items():
        rows.append({"sku": sku, "operation": 10, "work_centre": centre, "std_hours_per_unit": hours})
    return rows


def work_centres(items: Items, sales: Sales) -> Rows:
    """Rows of work_centres.csv: hours per day from the busiest month of the last year, so that one centre is short."""
    load = _hours_by_month(items, sales)
    return [
        {
            "work_centre": centre.code,
            "name": centre.name,
            "cost_rate_per_hour": centre.rate,
            "currency": company.CURRENCY,
            "availability_hours": round(float(load[centre.code].max()) * centre.room, 1),
            "is_production": "Y",
            "site": centre.site,
            "overtime_limit": 0.06 if centre.code == "M-OVEN" else 0.15,
            "overtime_premium": 0.5,
        }
        for centre in CENTRES
    ]


def bom(items: Items) -> Rows:
    """Rows of bom.csv: one level of components, one of them made and pressed in-house."""
    return [
        {
            "parent_sku": sku,
            "component_sku": component.code,
            "qty_per": quantity,
            "uom": "EA",
            "valid_from": date(2020, 1, 1),
            "valid_to": None,
        }
        for component in COMPONENTS
        for prefix, quantity in component.uses
        for sku in items.frame["sku"]
        if sku.startswith(prefix)
    ]


def suppliers() -> Rows:
    """Rows of suppliers.csv."""
    return [
        {"supplier": code, "name": name, "credit_rating": 1, "preferred": "Y", "active": "Y", "payment_days": days}
        for code, name, days in SUPPLIERS
    ]


def purchase_terms() -> Rows:
    """Rows of purchase_terms.csv: priced in the item's own unit."""
    return [
        {
            "sku": component.code,
            "supplier": component.supplier,
            "lead_days": component.lead_days,
            "price": f"{component.cost * 1.02:.4f}",
            "min_order_qty": 100,
            "uom": "EA",
            "currency": company.CURRENCY,
        }
        for component in COMPONENTS
        if component.supplier
    ]


def sourcing() -> Rows:
    """Rows of sourcing.csv: each family from its plant to every market; dishwashers for Europe from Poznań first."""
    rows: Rows = []
    for family in FAMILIES:
        for position, region in enumerate(REGIONS):
            ways = [family.site]
            if family.prefix == "DW" and region.area == "Europe":
                ways = ["POZ", "MAIN"]
            for rank, site in enumerate(ways, start=1):
                small = 1.0 if family.prefix in BULKY else 0.3
                for channel, _, _ in CHANNELS:
                    rows.append(
                        {
                            "family": family.code,
                            "market": region.code,
                            "channel": channel,
                            "site": site,
                            "priority": rank,
                            "freight_per_unit": round(FREIGHT[site][position] * small, 2),
                        }
                    )
    return rows


def inventory(items: Items, sales: Sales) -> Rows:
    """Rows of inventory.csv: stock at the end of the last closed month of both cycles, at the plant that makes it."""
    rows: Rows = []
    for cycle in (company.FIRST_CYCLE, company.CURRENT_CYCLE):
        last = month_index(cycle) - 1
        stock = _stock_at(items, sales, last)
        for (sku, site), quantity in stock.items():
            rows.append({"sku": sku, "location": site, "on_hand": quantity, "as_of": last_day(last)})
    return rows


def safety_stock(items: Items, sales: Sales) -> list[int]:
    """Safety stock in units per sold item."""
    cover = [SAFETY.get(sku[:2], USUAL_SAFETY) for sku in items.frame["sku"]]
    return [int(round(value)) for value in _monthly_mean(sales, MONTHS[-1]) * np.array(cover)]


def production(items: Items, sales: Sales) -> Rows:
    """Rows of production_monthly.csv of the last 12 months: made what was sold, with scrap."""
    cost = standard4(items, company.FISCAL_YEAR) / 10_000
    rows: Rows = []
    for position in range(len(MONTHS) - 12, len(MONTHS)):
        made = np.maximum(sales.units[:, :, position].sum(axis=1), 0)
        for item in np.flatnonzero(made):
            sku = items.frame["sku"][item]
            hours = sum(hours for centre, hours in operations_of(sku[:2]) if centre != "P-DISH") * int(made[item])
            rows.append(
                {
                    "month": _first_day(MONTHS[position]),
                    "sku": sku,
                    "site": FAMILIES[items.family[item]].site,
                    "units_good": int(made[item]),
                    "units_scrapped": int(made[item] * 0.008),
                    "hours": f"{hours:.1f}",
                    "conversion_cost": f"{made[item] * cost[item] * 0.3:.2f}",
                }
            )
    return rows


def _hours_by_month(items: Items, sales: Sales) -> dict[str, Floats]:
    """Hours per calendar day that the units sold in each of the last 12 months need, by centre."""
    days = np.array([days_in_month(month) for month in MONTHS[-12:]])
    volume = np.maximum(sales.units[:, :, -12:].sum(axis=1), 0) / days
    load = {centre.code: np.zeros(12) for centre in CENTRES}
    for row, sku in enumerate(items.frame["sku"]):
        for centre, hours in operations_of(sku[:2]):
            load[centre] = load[centre] + hours * volume[row]
    for component in COMPONENTS:
        if component.code in MADE_COMPONENTS:
            centre, hours = MADE_COMPONENTS[component.code]
            for prefix, quantity in component.uses:
                used = volume[items.frame["sku"].str.startswith(prefix).to_numpy()].sum(axis=0)
                load[centre] = load[centre] + hours * quantity * used
    return load


def _stock_at(items: Items, sales: Sales, last: int) -> dict[tuple[str, str], int]:
    mean = _monthly_mean(sales, last)
    stock: dict[tuple[str, str], int] = {}
    for row, sku in enumerate(items.frame["sku"]):
        if items.end[row] > last:
            cover = OVERSTOCKED_COVER.get(sku, COVER.get(sku[:2], USUAL_COVER))
            quantity = int(round(mean[row] * cover))
            _place(stock, sku, FAMILIES[items.family[row]].site, quantity)
    for sku, (site, quantity) in LEFT_OVER.items():
        _place(stock, sku, site, quantity)
    for component in COMPONENTS:
        for prefix, quantity in component.uses:
            family = next(family for family in FAMILIES if family.prefix == prefix)
            used = mean[items.frame["sku"].str.startswith(prefix).to_numpy()].sum() * quantity
            _place(stock, component.code, family.site, int(round(used * 0.6)))
    return stock


def _place(stock: dict[tuple[str, str], int], sku: str, site: str, quantity: int) -> None:
    """Dishwashers and their parts lie at both of their plants."""
    if sku.startswith("DW"):
        stock[sku, "MAIN"], stock[sku, "POZ"] = round(quantity * 0.66), round(quantity * 0.34)
    else:
        stock[sku, site] = stock.get((sku, site), 0) + quantity


def _monthly_mean(sales: Sales, last: int) -> Floats:
    """Mean units a month over the 12 months up to `last`, (item,), all markets."""
    end = last - MONTHS[0] + 1
    mean: Floats = np.maximum(sales.units[:, :, max(end - 12, 0) : end].sum(axis=(1, 2)) / 12.0, 0.0)
    return mean


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
