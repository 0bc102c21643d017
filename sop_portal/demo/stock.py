"""What the demo company wants its stock to be, what it budgeted, and what nobody takes any more."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from sop_portal.demo import company
from sop_portal.demo.history import Items, Sales, standard4

Rows = list[dict[str, Any]]

#: Units that are left of the delisted item, and items of which too much was made: (site, units).
LEFT_OVER = {company.DELISTED: ("MAIN", 640)}
OVERSTOCKED_COVER = {"WC-350": 8.0, "RH-350": 7.5}
BUDGET_COVER = 0.95
BUDGET_MONTHS = tuple(date(2026 + (8 + step) // 12, (8 + step) % 12 + 1, 1) for step in range(16))


def stock_rules() -> Rows:
    """Rows of stock_rules.csv: service by class, days for the bulky families, storage, and a shelf life."""
    columns = ("sku", "family", "abc_class", "service_level", "lead_deviation_days", "least_days", "most_days")
    blank = dict.fromkeys((*columns, "shelf_life_days", "storage_cost"))
    rules: Rows = [
        {"abc_class": "A", "service_level": "0.98", "lead_deviation_days": "5"},
        {"abc_class": "B", "service_level": "0.95", "lead_deviation_days": "5"},
        {"abc_class": "C", "service_level": "0.9", "lead_deviation_days": "7"},
        {"family": "Refrigerators", "least_days": "25", "most_days": "50", "storage_cost": "3.4"},
        {"family": "Dishwashers", "least_days": "25", "most_days": "50", "storage_cost": "2.6"},
        {"family": "Wine coolers", "storage_cost": "3.1"},
        {"sku": "PP-01", "shelf_life_days": 365},
    ]
    return [{**blank, **rule} for rule in rules]


def stock_budget(items: Items, sales: Sales) -> Rows:
    """Rows of stock_budget.csv: the value that finance set aside, a steady cover of the last year's mean month."""
    mean = np.maximum(sales.units[:, :, -12:].sum(axis=(1, 2)) / 12.0, 0.0)
    value = float((mean * standard4(items, company.FISCAL_YEAR) / 10_000).sum()) * BUDGET_COVER
    rounded = round(value / 100_000) * 100_000
    return [{"month": month, "value": f"{rounded:.2f}"} for month in BUDGET_MONTHS]
