"""Problems of textbooks in the form of docs/plan-supply.md."""

from __future__ import annotations

import copy
from typing import Any

#: Chopra & Meindl, Supply Chain Management, aggregate planning.
RED_TOMATO: dict[str, Any] = {
    "periods": ["Jan", "Feb", "Mar", "Apr", "May", "Jun"],
    "items": [
        {
            "name": "Tool",
            "demand": [1600, 3000, 3200, 3800, 2200, 2200],
            "price": 40,
            "material": 10,
            "holding": 2,
            "backlog": 5,
            "opening_stock": 1000,
            "closing_stock": 500,
            "hours": 4,
            "subcontract": 30,
        }
    ],
    "workforce": {
        "opening": 80,
        "regular_hours": 160,
        "hourly_wage": 4,
        "overtime_hours": 10,
        "overtime_rate": 6,
        "hire": 300,
        "release": 500,
    },
}

#: max 4x + 8y with 8x + 10y ≤ 11,000 and y ≤ 600.
TWO_PRODUCTS: dict[str, Any] = {
    "periods": 1,
    "resources": [{"name": "Machine", "hours": 11_000}],
    "items": [
        {"name": "x", "price": 4, "hours": 8},
        {"name": "y", "price": 8, "hours": 10, "demand": 600, "lost_sale": 0},
    ],
}

#: Margins 45 and 60 on a bottleneck of 2,400 minutes, that is 40 hours, a week.
BOTTLENECK: dict[str, Any] = {
    "periods": ["Week"],
    "fixed_cost": 6000,
    "resources": [{"name": "B", "hours": 40}],
    "items": [
        {"name": "P", "price": 90, "material": 45, "hours": 15 / 60, "demand": 100, "lost_sale": 0},
        {"name": "Q", "price": 100, "material": 40, "hours": 30 / 60, "demand": 50, "lost_sale": 0},
    ],
}


def changed(problem: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy of a document with the value at a dotted path set; numbers are places in a list."""
    copied = copy.deepcopy(problem)
    place: Any = copied
    *inner, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in inner:
        place = place[part]
    place[last] = value
    return copied
