"""A company small enough to compute by hand, for the tests of every app.

Two categories with one family each, four sold items, two regions × two channels, prices and costs without end, and a
budget for 2014 at family × market × month. Fiscal year = calendar year, everything in USD. No sales, no stock: each
app adds its own rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog.models import (
    Category,
    Channel,
    Company,
    Family,
    Item,
    ListPrice,
    Market,
    ReferencePlan,
    ReferenceRow,
    Region,
    Site,
    StandardCost,
)
from catalog.services.company import set_up_company

HISTORY_START = date(2012, 1, 1)
BUDGET_YEAR = 2014

# code: family, list price, material, conversion (USD per unit)
ITEMS = {
    "CHAIR-OAK": ("CHAIRS", "100", "40", "20"),
    "CHAIR-PINE": ("CHAIRS", "80", "30", "18"),
    "LAMP-DESK": ("LAMPS", "40", "15", "7"),
    "LAMP-FLOOR": ("LAMPS", "60", "24", "9"),
}
FAMILIES = {"CHAIRS": "FURNITURE", "LAMPS": "LIGHTING"}
REGIONS = {"NORTH": "North", "SOUTH": "South"}
CHANNELS = {"DIRECT": "Direct", "DEALER": "Dealers"}
# per family, market and month of BUDGET_YEAR: units, revenue and standard cost in USD
BUDGET = {"CHAIRS": (100, 9_000, 5_400), "LAMPS": (200, 10_000, 5_500)}


@dataclass(frozen=True)
class SmallCompany:
    """The rows of the company by code."""

    company: Company
    families: dict[str, Family]
    items: dict[str, Item]
    regions: dict[str, Region]
    channels: dict[str, Channel]
    markets: dict[str, Market]
    site: Site
    budget: ReferencePlan


def small_company() -> SmallCompany:
    """Create the company in the test's database."""
    company = set_up_company(
        name="Small Company", currency="USD", fiscal_year_start_month=1, history_start=HISTORY_START
    )
    families = {
        code: Family.objects.create(
            code=code, name=code.title(), category=Category.objects.create(code=parent, name=parent)
        )
        for code, parent in FAMILIES.items()
    }
    regions = {
        code: Region.objects.create(code=code, name=name, currency=company.currency) for code, name in REGIONS.items()
    }
    channels = {code: Channel.objects.create(code=code, name=name) for code, name in CHANNELS.items()}
    markets = {
        f"{region}/{channel}": Market.objects.create(
            code=f"{region}/{channel}", region=regions[region], channel=channels[channel]
        )
        for region in REGIONS
        for channel in CHANNELS
    }
    return SmallCompany(
        company=company,
        families=families,
        items=_items(families),
        regions=regions,
        channels=channels,
        markets=markets,
        site=Site.objects.get(code=Site.MAIN),
        budget=_budget(families, markets),
    )


def _items(families: dict[str, Family]) -> dict[str, Item]:
    items = {}
    for code, (family, price, material, conversion) in ITEMS.items():
        item = Item.objects.create(code=code, name=code.title(), family=families[family], launch_date=HISTORY_START)
        ListPrice.objects.create(item=item, valid_from=HISTORY_START, price=Decimal(price), currency_id="USD")
        StandardCost.objects.create(
            item=item,
            valid_from=HISTORY_START,
            total=Decimal(material) + Decimal(conversion),
            material=Decimal(material),
            conversion=Decimal(conversion),
        )
        items[code] = item
    return items


def _budget(families: dict[str, Family], markets: dict[str, Market]) -> ReferencePlan:
    rows = [
        ReferenceRow(
            month=date(BUDGET_YEAR, month, 1),
            family=family,
            market=market,
            units_milli=BUDGET[code][0] * 1000,
            revenue_cents=BUDGET[code][1] * 100,
            cogs_cents=BUDGET[code][2] * 100,
            basis="agreed",
        )
        for code, family in families.items()
        for market in markets.values()
        for month in range(1, 13)
    ]
    plan = ReferencePlan.objects.create(
        code=ReferencePlan.BUDGET,
        fiscal_year=BUDGET_YEAR,
        title=f"Budget FY{BUDGET_YEAR}",
        row_count=len(rows),
        units_milli=sum(row.units_milli for row in rows),
        revenue_cents=sum(row.revenue_cents for row in rows),
        cogs_cents=sum(row.cogs_cents for row in rows),
    )
    for row in rows:
        row.plan = plan
    ReferenceRow.objects.bulk_create(rows)
    return plan
