"""The inventory page's figures from a small company: bands, budget, stranded stock and what would have used it."""

from datetime import date

import pytest
from django.test import Client

from catalog.models import Item
from catalog.services.imports import apply_batch, stage_file
from cycles.selectors import scope_of
from supply.models import ProductionActual, StockBudget, StockOnHand, StockRule
from supply.services.inventory import Inventory, inventory_of
from tests.kept import fresh, kept
from tests.supply.company import SupplyCompany, demand, solve, supply_company

pytestmark = pytest.mark.django_db
NORTH = "NORTH/DIRECT"
LAST_DAY = date(2013, 12, 31)


def _company() -> SupplyCompany:
    """20 oak chairs on stock with 30 a month to come; 20 pine ones that nobody wants; 400 desk lamps, 10 a month."""
    company = supply_company()
    StockOnHand.objects.create(
        item=company.base.items["LAMP-DESK"], site=company.base.site, as_of=LAST_DAY, quantity=400_000
    )
    ProductionActual.objects.create(
        item=company.base.items["CHAIR-PINE"], site=company.base.site, month=date(2013, 9, 1), good_milli=50_000
    )
    demand(company, {("CHAIR-OAK", NORTH): [30.0] * 6, ("LAMP-DESK", NORTH): [10.0] * 6})
    solve(company)
    return company


company_once = kept(_company)


@pytest.fixture
def company(company_once: SupplyCompany) -> SupplyCompany:
    return fresh(company_once)


def read(company: SupplyCompany) -> Inventory:
    return inventory_of(company.plan, scope_of(company.cast.supply_planner))


def hand_in(company: SupplyCompany, dataset: str, text: str) -> list[str]:
    """Stage and apply; the reasons of what is wrong."""
    batch = stage_file(
        dataset=dataset, file_name=f"{dataset}.csv", content=text.encode(), actor=company.cast.demand_planner
    )
    if batch.faults:
        return [fault["reason"] for fault in batch.faults]
    apply_batch(batch_id=batch.pk, actor=company.cast.demand_planner)
    return []


def test_stock_against_target_budget_and_the_demand_to_come(company: SupplyCompany, client: Client) -> None:
    """Band without a safety stock: 0 to one month. Oak lasts 20 / 30 of January: 31 · 2/3 days.

    Lamps: 400 against 60 in the window of six months: 340 excess at 45; pine: 20 obsolete, made 3.5 months before.
    """
    rows = {row.code: row for row in read(company).items}
    oak, pine, lamp = (rows[code] for code in ("CHAIR-OAK", "CHAIR-PINE", "LAMP-DESK"))
    assert (oak.least, oak.most, oak.status) == (0, 30_000, "inside")
    assert oak.cover == pytest.approx(31 * 20 / 30)
    assert (lamp.excess, lamp.obsolete, lamp.status) == (400_000 - 6 * 10_000, 0, "above")
    assert (pine.excess, pine.obsolete, pine.status, pine.cover) == (0, 20_000, "no demand", None)
    assert (pine.age, pine.older, oak.age) == (pytest.approx(3.5), 0, None)
    found = read(company)
    assert [row.code for row in found.stranded] == sorted(
        ("CHAIR-PINE", "LAMP-DESK"), key=lambda code: -rows[code].stranded_cents
    )
    assert found.months[0].plan == sum(row.cents or 0 for row in rows.values())
    assert (found.months[0].budget, found.storage_cents) == (None, None)
    client.force_login(company.cast.viewer)
    text = client.get("/supply/2014-01/inventory/").content.decode()
    assert "no demand" in text and "LAMP-DESK" in text and "n/a: no cycle before" in text and "999" not in text
    lines = client.get("/supply/2014-01/inventory.csv").content.decode().splitlines()
    assert len(lines) == 1 + len(found.items)
    client.force_login(company.cast.outsider)
    assert client.get("/supply/2014-01/inventory/").status_code == 404


def test_rules_and_budget_come_from_files(company: SupplyCompany) -> None:
    """The narrowest rule wins: 14 to 28 days of oak's 30 in January; the family's storage of 2 a unit; class A 99 %."""
    header = "sku,family,abc_class,service_level,least_days,most_days,shelf_life_days,storage_cost\n"
    assert (
        hand_in(company, "stock_rules", header + "CHAIR-OAK,,,0.97,14,28,,\n,CHAIRS,,0.9,,,,2\n,,,0.99,,,31,\n") == []
    )
    assert hand_in(company, "stock_budget", "month,family,value\n2014-01-01,,1000.00\n2014-02-01,CHAIRS,10.00\n") == []
    assert (StockRule.objects.count(), StockBudget.objects.count()) == (3, 2)
    found = read(company)
    rows = {row.code: row for row in found.items}
    assert (rows["CHAIR-OAK"].service, rows["CHAIR-PINE"].service, rows["LAMP-DESK"].service) == (0.97, 0.9, 0.99)
    assert rows["CHAIR-OAK"].least == round(30_000 * 14 / 31) and rows["CHAIR-OAK"].most == round(30_000 * 28 / 31)
    assert (rows["CHAIR-OAK"].storage_cents, rows["LAMP-DESK"].storage_cents) == (20 * 2 * 100, None)
    assert rows["LAMP-DESK"].expires == 390_000
    assert [month.budget for month in found.months[:4]] == [None, 100_000, 1_000, None]
    assert found.months[1].gap == found.months[1].plan - 100_000
    assert hand_in(company, "stock_rules", header + "CHAIR-OAK,CHAIRS,,,1,2,,\n") != []
    assert hand_in(company, "stock_rules", header + ",,A,1,,,,\n") != []


def test_an_item_without_a_standard_cost_is_not_worth_nothing(company: SupplyCompany) -> None:
    Item.objects.get(code="LAMP-DESK").standard_costs.all().delete()
    found = read(company)
    lamp = next(row for row in found.items if row.code == "LAMP-DESK")
    assert (lamp.cents, found.uncosted) == (None, 1)
