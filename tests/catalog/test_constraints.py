"""What the database itself refuses, whatever writes to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from catalog.models import (
    Company,
    Currency,
    FxRate,
    ImportBatch,
    Item,
    ListPrice,
    Market,
    PlannedDiscount,
    ReferenceRow,
    StandardCost,
)
from tests.small_company import HISTORY_START, SmallCompany, small_company

DAY, MID = date(2014, 1, 1), date(2014, 1, 15)


@pytest.fixture
def made(db) -> SmallCompany:
    return small_company()


BROKEN = {
    "a second company": lambda m: Company.objects.create(id=2, name="B", currency_id="USD", history_start=DAY),
    "history in mid-month": lambda m: Company.objects.update(history_start=MID),
    "thirteenth month": lambda m: Company.objects.update(fiscal_year_start_month=13),
    "horizon of 5": lambda m: Company.objects.update(default_horizon=5),
    "currency in small letters": lambda m: Currency.objects.create(code="usd"),
    "rate of nothing": lambda m: FxRate.objects.create(currency_id="USD", month=DAY, kind="plan", rate=0),
    "rate in mid-month": lambda m: FxRate.objects.create(currency_id="USD", month=MID, kind="plan", rate=1),
    "rate of unknown kind": lambda m: FxRate.objects.create(currency_id="USD", month=DAY, kind="spot", rate=1),
    "item without code": lambda m: Item.objects.create(code="", name="X", is_sold=False),
    "same item twice": lambda m: Item.objects.create(code="CHAIR-OAK", name="X", is_sold=False),
    "sold without family": lambda m: Item.objects.create(code="X", name="X"),
    "ends before launch": lambda m: Item.objects.update(end_date=date(2011, 1, 1)),
    "own successor": lambda m: Item.objects.filter(code="CHAIR-OAK").update(successor=m.items["CHAIR-OAK"]),
    "like itself": lambda m: Item.objects.filter(code="CHAIR-OAK").update(like_item=m.items["CHAIR-OAK"]),
    "negative safety stock": lambda m: Item.objects.update(safety_stock_milli=-1),
    "market twice": lambda m: Market.objects.create(code="X", region=m.regions["NORTH"], channel=m.channels["DIRECT"]),
    "negative price": lambda m: ListPrice.objects.update(price=-1),
    "price ends before it begins": lambda m: ListPrice.objects.update(valid_to=date(2011, 1, 1)),
    "price for region and market": lambda m: ListPrice.objects.update(
        region=m.regions["NORTH"], market=m.markets["NORTH/DIRECT"]
    ),
    "price twice": lambda m: ListPrice.objects.create(
        item=m.items["CHAIR-OAK"], valid_from=HISTORY_START, price=1, currency_id="USD"
    ),
    "cost parts that do not add": lambda m: StandardCost.objects.update(material=Decimal(1)),
    "discount above 1": lambda m: PlannedDiscount.objects.create(
        market=m.markets["NORTH/DIRECT"], first_month=DAY, fraction=Decimal("1.01")
    ),
    "budget row twice": lambda m: ReferenceRow.objects.create(
        plan=m.budget, month=DAY, family=m.families["CHAIRS"], market=m.markets["NORTH/DIRECT"], revenue_cents=1
    ),
    "budget row at two levels": lambda m: ReferenceRow.objects.create(
        plan=m.budget, month=DAY, family=m.families["CHAIRS"], item=m.items["CHAIR-OAK"], revenue_cents=1
    ),
    "budget row in mid-month": lambda m: ReferenceRow.objects.update(month=MID),
    "refused batch without fault": lambda m: ImportBatch.objects.create(
        dataset="x", file_name="x", sha256="0" * 64, size_bytes=0, content=b"", status="refused", staged_by="x"
    ),
    "applied batch without time": lambda m: ImportBatch.objects.create(
        dataset="x", file_name="x", sha256="0" * 64, size_bytes=0, content=b"", status="applied", staged_by="x"
    ),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_the_database_refuses(made: SmallCompany, rule: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        BROKEN[rule](made)
