"""The demo company's books: how customers pay, fixed costs by month, and the events of next spring."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from catalog.calc.months import month_date
from sop_portal.demo import company

Rows = list[dict[str, Any]]

LAST_YEAR = 2028
#: Region, channel, and (days, share of every invoice): retailers pay late, the web shop is paid by card.
CUSTOMER_TERMS = (
    ("US", "RETAIL", ((30, "0.40"), (60, "0.60"))),
    ("CA", "RETAIL", ((45, "1"),)),
    ("UK", "RETAIL", ((60, "1"),)),
    ("DE", "RETAIL", ((30, "1"),)),
    ("US", "ONLINE", ((0, "1"),)),
    ("CA", "ONLINE", ((0, "1"),)),
    ("UK", "ONLINE", ((0, "1"),)),
    ("DE", "ONLINE", ((15, "1"),)),
)
#: Line, USD a month, USD budgeted a month, and how it is paid.
FIXED_COSTS = (
    ("Sales and marketing", 1_640_000, 1_600_000, "month"),
    ("Research and development", 780_000, 820_000, "month"),
    ("General and administration", 1_060_000, 1_040_000, "month"),
    ("Rent and facilities", 410_000, 410_000, "quarter ahead"),
    ("Insurance", 95_000, 95_000, "year ahead"),
    ("Annual bonus", 180_000, 200_000, "next March"),
    ("Depreciation", 690_000, 690_000, "never"),
)
#: Event, name, region, channel, family, first and last month, discount, units in each month.
EVENTS = (
    ("SM-SPRING-27", "Stand mixers in spring", "US", "ONLINE", "Stand mixers", (2027, 3), (2027, 4), "0.08", 900),
    ("SM-SPRING-27", "Stand mixers in spring", "CA", "ONLINE", "Stand mixers", (2027, 3), (2027, 4), "0.08", 250),
    ("OV-UP-27", "Ovens 2 % dearer", "DE", "RETAIL", "Built-in ovens", (2027, 4), (2027, 12), "-0.02", 0),
)


def customer_terms() -> Rows:
    """One row per part of a market's payment profile."""
    return [
        {"market": region, "channel": channel, "days": days, "share": share}
        for region, channel, parts in CUSTOMER_TERMS
        for days, share in parts
    ]


def fixed_costs() -> Rows:
    """Every line in every month of the fiscal year and of the horizon; budgeted in the fiscal year."""
    return [_cost(line, amount, budget, how, month) for line, amount, budget, how in FIXED_COSTS for month in _months()]


def price_actions() -> Rows:
    """Events of the year ahead; nobody has planned them yet."""
    return [
        {
            "event": event, "name": name, "market": region, "channel": channel, "family": family, "sku": "",
            "first_month": date(*first, 1), "last_month": date(*last, 1), "discount": discount, "lift_units": units,
        }
        for event, name, region, channel, family, first, last, discount, units in EVENTS
    ]  # fmt: skip


def _months() -> Iterator[int]:
    yield from range(company.FISCAL_YEAR * 12, (LAST_YEAR + 1) * 12)


def _cost(line: str, amount: int, budget: int, how: str, month: int) -> dict[str, Any]:
    year = month // 12
    paid = {"quarter ahead": month - month % 3, "year ahead": year * 12, "next March": (year + 1) * 12 + 2}.get(how)
    return {
        "line": line,
        "month": month_date(month),
        "amount": f"{amount}.00",
        "budget": f"{budget}.00" if year == company.FISCAL_YEAR else "",
        "cash_month": "" if paid is None else month_date(paid),
        "non_cash": "Y" if how == "never" else "",
    }


#: id, account, region, channel, family, item, close month, probability, units, amount in USD, stage, owner
DEALS = (
    (
        "CRM-1041",
        "Northgate Housing Trust",
        "UK",
        "RETAIL",
        "",
        "OV-300",
        (2027, 2),
        "0.7",
        640,
        "",
        "Offer",
        "J. Marsh",
    ),
    (
        "CRM-1046",
        "Harbour View Hotels",
        "US",
        "RETAIL",
        "Coffee machines",
        "",
        (2027, 3),
        "0.5",
        900,
        "",
        "Talks",
        "A. Reyes",
    ),
    (
        "CRM-1052",
        "Bluebird Stores",
        "US",
        "ONLINE",
        "Stand mixers",
        "",
        (2027, 1),
        "0.6",
        "",
        "240000.00",
        "Offer",
        "A. Reyes",
    ),
    ("CRM-1057", "Kueche Direkt", "DE", "RETAIL", "Dishwashers", "", (2027, 4), "0.3", 1200, "", "Lead", "S. Vogel"),
)


def opportunities() -> Rows:
    """The CRM's open deals; they move no figure before a planner includes them."""
    names = ("id", "account", "market", "channel", "family", "sku", "close_month", "probability", "units", "amount")
    return [
        {**dict(zip(names, deal, strict=False)), "close_month": date(*deal[6], 1), "stage": deal[10], "owner": deal[11]}
        for deal in DEALS
    ]
