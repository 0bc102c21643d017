"""The gates of stock and structure: what holds the data stage back for goods, and what never does for services."""

from datetime import date

import pytest

from catalog.models import Item
from catalog.services.imports import stage_file
from cycles.registry import Finding
from supply.gates import bom_missing, opening_stock, service_stocked, stock_of_ended
from supply.models import BomLine, PinKind, StockOnHand, SupplySeries
from supply.services.ledger import PinEntry, PinInvalid, record_pins
from tests.kept import fresh, kept
from tests.supply.company import HORIZON, SupplyCompany, demand, open_supply_stage, solve, supply_company

pytestmark = pytest.mark.django_db
PRODUCTS = "sku,name,category,family,uom,make_buy,finished_good,sold,service,safety_stock,sell_start,sell_end\n"


def _company() -> SupplyCompany:
    return supply_company()


company_once = kept(_company)


@pytest.fixture
def company(company_once: SupplyCompany) -> SupplyCompany:
    return fresh(company_once)


def services_only() -> None:
    """The company sells hours from now on: its range are services, and the kit is gone."""
    BomLine.objects.all().delete()
    StockOnHand.objects.all().delete()
    Item.objects.filter(code="KIT").delete()
    Item.objects.update(is_service=True)


def the_one(findings: object) -> Finding:
    (found,) = findings  # type: ignore[misc]
    return found


def test_goods_need_an_opening_stock_and_services_do_not(company: SupplyCompany) -> None:
    assert not list(opening_stock(company.plan))
    StockOnHand.objects.all().delete()
    found = the_one(opening_stock(company.plan))
    assert (found.severity, found.waivable) == ("block", False)
    services_only()
    assert not list(opening_stock(company.plan))


def test_made_goods_need_a_bill_of_materials_and_services_do_not(company: SupplyCompany) -> None:
    assert not list(bom_missing(company.plan))
    BomLine.objects.all().delete()
    found = the_one(bom_missing(company.plan))
    assert (found.severity, found.waivable, found.title[:16]) == ("block", True, "2 goods are made")
    services_only()
    assert not list(bom_missing(company.plan))


def test_stock_of_what_became_a_service_is_left_out_and_told(company: SupplyCompany) -> None:
    """20 oak chairs at a standard of 60 stand in the books when chairs become a service."""
    assert not list(service_stocked(company.plan))
    Item.objects.filter(code="CHAIR-OAK").update(is_service=True)
    found = the_one(service_stocked(company.plan))
    assert (found.severity, found.money_cents) == ("block", 20 * 60 * 100)
    assert "CHAIR-OAK" in found.title
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [10.0] * HORIZON})
    solve(company)
    row = SupplySeries.objects.get(item=company.base.items["CHAIR-OAK"])
    assert row.opening == 0 and not any(row.inventory)


@pytest.mark.parametrize(
    ("dataset", "text", "column"),
    [
        ("products", PRODUCTS + "CHAIR-OAK,Oak,FURNITURE,CHAIRS,EA,MAKE,Y,Y,Y,5,,\n", "safety_stock"),
        ("inventory", "sku,on_hand,as_of\nCHAIR-OAK,3,2014-01-31\n", "sku"),
    ],
)
def test_a_file_that_stocks_a_service_is_refused(company: SupplyCompany, dataset: str, text: str, column: str) -> None:
    Item.objects.filter(code="CHAIR-OAK").update(is_service=True)
    actor = company.cast.finance
    batch = stage_file(dataset=dataset, file_name=f"{dataset}.csv", content=text.encode(), actor=actor)
    assert batch.status == "refused"
    assert (batch.faults[0]["column"], batch.faults[0]["reason"]) == (column, "A service cannot be stocked.")


def test_what_is_left_of_an_ended_item_is_told_with_its_dollars(company: SupplyCompany) -> None:
    """20 oak chairs are on stock, 5 are asked for in January: 15 stay when the chair ends in February."""
    item = company.base.items["CHAIR-OAK"]
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [5.0, *[0.0] * (HORIZON - 1)]})
    solve(company)
    assert not list(stock_of_ended(company.plan))
    Item.objects.filter(pk=item.pk).update(end_date=date(2014, 2, 28))
    found = the_one(stock_of_ended(company.plan))
    assert (found.subject, found.severity, found.money_cents) == ("CHAIR-OAK", "warn", (20 - 5) * 60 * 100)


def test_a_pin_is_a_whole_number_of_planning_steps(company: SupplyCompany) -> None:
    open_supply_stage(company)
    Item.objects.filter(code="CHAIR-OAK").update(plan_decimals=0)
    item = company.base.items["CHAIR-OAK"]
    entry = PinEntry(PinKind.MAKE, date(2014, 3, 1), 1_500, item_id=item.pk, site_id=company.base.site.pk)
    with pytest.raises(PinInvalid, match="planned in steps of 1"):
        record_pins(
            plan_id=company.plan.pk,
            entries=[entry],
            reason="Half a chair",
            base_revision=0,
            actor=company.cast.supply_planner,
        )
