"""Checks before solving and requirements for purchasing: what the pages and files say, and to whom."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cycles.models import Membership, User
from cycles.policy import Role
from cycles.selectors import scope_of
from supply.calc.plan_checks import CheckKind
from supply.frames import load_production
from supply.models import BomLine, PurchaseTerm, Routing
from supply.services.checks import checks_of
from supply.services.requirements import PRICE, STANDARD, requirements_of
from tests.kept import fresh, kept
from tests.supply.company import SupplyCompany, demand, open_supply_stage, solve, supply_company

pytestmark = pytest.mark.django_db
PAGES = ("checks/", "checks.csv", "requirements/", "requirements.csv")
LEAD_DAYS = 45


def _company() -> SupplyCompany:
    """1,000 oak chairs in January, one kit each; 310 h and 25 % on top make 387. Kits take 45 days and cost 28."""
    company = supply_company()
    PurchaseTerm.objects.create(
        item=company.kit, supplier=company.supplier, lead_time_days=LEAD_DAYS, price=Decimal(28), currency_id="USD",
        uom=company.kit.uom, on_order_milli=5_000,
    )  # fmt: skip
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [1000.0, 0, 50, 0, 0, 0]})
    open_supply_stage(company)
    solve(company)
    return company


company_once = kept(_company)


@pytest.fixture
def company(company_once: SupplyCompany) -> SupplyCompany:
    return fresh(company_once)


def everything(company: SupplyCompany) -> object:
    return scope_of(company.cast.supply_planner)


def test_the_hours_that_no_plan_has_stand_first_with_the_revenue_that_waits(company: SupplyCompany) -> None:
    """20 chairs are in stock: 980 hours of 310 + 25 % are asked for; that share of 1,000 chairs at 100 waits."""
    shown = checks_of(company.plan, everything(company))
    first = next(row for row in shown.rows if row.kind is CheckKind.HOURS)
    lacking = 980 - 310 * 1.25
    assert (first.subject, first.first, first.quantity) == ("WOOD", date(2014, 1, 1), round(lacking * 1000))
    assert first.revenue_cents == pytest.approx(1000 * 100_00 * lacking / 980, abs=1)
    assert shown.loads[0].loads[0] == pytest.approx(980 / (310 * 1.25))


def test_a_part_inside_its_lead_time_costs_its_premium(company: SupplyCompany) -> None:
    """980 kits in January cannot be ordered 45 days before: 25 % of the standard of 30 on each."""
    rows = {row.kind: row for row in checks_of(company.plan, everything(company)).rows}
    assert rows[CheckKind.LEAD_TIME].subject == "KIT"
    assert rows[CheckKind.LEAD_TIME].premium_cents == 980 * 30_00 // 4
    assert CheckKind.NO_SUPPLIER not in rows and rows[CheckKind.LEAD_TIME].revenue_cents


def test_what_is_taken_from_the_files_is_found_without_solving(company: SupplyCompany) -> None:
    PurchaseTerm.objects.all().delete()
    Routing.objects.filter(item__code="CHAIR-OAK").delete()
    BomLine.objects.filter(parent__code="CHAIR-OAK").update(valid_to=date(2014, 1, 31))
    rows = {row.kind: row for row in checks_of(company.plan, everything(company)).rows}
    assert rows[CheckKind.NO_ROUTING].subject == "CHAIR-OAK"
    assert (rows[CheckKind.BOM_ENDED].first, rows[CheckKind.BOM_ENDED].quantity) == (date(2014, 3, 1), 50_000)
    assert rows[CheckKind.NO_SUPPLIER].subject == rows[CheckKind.NO_LEAD_TIME].subject == "KIT"


def test_requirements_follow_the_plan_and_say_when_to_order(company: SupplyCompany) -> None:
    """What chairs are made takes as many kits; the first of the month less 45 days is the day to order by."""
    made = load_production(company.plan)
    chairs = made.item_ids.tolist().index(company.base.items["CHAIR-OAK"].pk)
    rows = {row.month: row for row in requirements_of(company.plan, everything(company)).rows}
    january, march = rows[date(2014, 1, 1)], rows[date(2014, 3, 1)]
    assert january.needed == january.order == int((made.make + made.overtime)[chairs, 0])
    assert january.expedited == january.order and january.is_late and not march.is_late
    assert march.order_by == date(2014, 1, 15), "45 days before the first of March"
    assert [(parent.code, parent.milli) for parent in march.parents] == [("CHAIR-OAK", march.needed)]
    assert (march.cents, march.basis) == (march.order * 28 // 10, PRICE)
    assert (march.supplier, march.on_order) == ("S1", 5_000)


def test_a_price_of_another_unit_is_no_price(company: SupplyCompany) -> None:
    PurchaseTerm.objects.update(uom="CS")
    row = requirements_of(company.plan, everything(company)).rows[0]
    assert (row.cents, row.basis, row.on_order) == (row.order * 30 // 10, STANDARD, None)
    company.kit.standard_costs.all().delete()
    found = requirements_of(company.plan, everything(company))
    assert found.rows[0].cents is None and found.unvalued == len(found.orders)


@pytest.mark.parametrize("path", PAGES)
def test_pages_and_files_are_for_those_who_see_the_plan(client: Client, company: SupplyCompany, path: str) -> None:
    address = f"/supply/2014-01/{path}"
    assert client.get(address).status_code == 302
    client.force_login(company.cast.outsider)
    assert client.get(address).status_code == 404
    client.force_login(company.cast.viewer)
    text = client.get(address).content.decode()
    assert "KIT" in text and "style=" not in text
    assert client.post(address).status_code == 405


def test_the_pages_narrow_and_the_files_hold_everything(
    client: Client, company: SupplyCompany, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(company.cast.supply_planner)
    with django_assert_max_num_queries(75):
        hours = client.get("/supply/2014-01/checks/", {"of": "hours"}).content.decode()
    assert "Hours that no plan has" in hours and "Needed inside the lead time" not in hours
    late = client.get("/supply/2014-01/requirements/", {"rows": "late", "supplier": "S1"}).content.decode()
    assert "Expedite" in late and "15 Jan" not in late
    file = csv.DictReader(io.StringIO(client.get("/supply/2014-01/checks.csv").content.decode()))
    assert {row["check"] for row in file} >= {"hours", "lead_time"}
    file = csv.DictReader(io.StringIO(client.get("/supply/2014-01/requirements.csv").content.decode()))
    assert [row["order_by"] for row in file] == ["2013-11-17", "2014-01-15"]


def test_a_planner_of_lamps_sees_no_kit_but_the_work_centres(client: Client, company: SupplyCompany) -> None:
    person = User.objects.create_user(username="lamps", password="irrelevant here")
    Membership.objects.create(user=person, role=Role.SUPPLY_PLANNER.value).families.add(company.base.families["LAMPS"])
    client.force_login(person)
    shown = client.get("/supply/2014-01/checks/").content.decode()
    assert "WOOD" in shown and "KIT" not in shown
    assert "KIT" not in client.get("/supply/2014-01/requirements.csv").content.decode()


def test_a_bill_of_materials_that_contains_itself_is_named(client: Client, company: SupplyCompany) -> None:
    BomLine.objects.create(
        parent=company.kit, component=company.base.items["CHAIR-OAK"], quantity=1, valid_from=date(2012, 1, 1)
    )
    company.kit.make_or_buy = "make"
    company.kit.save()
    client.force_login(company.cast.supply_planner)
    assert "contains itself" in client.get("/supply/2014-01/checks/").content.decode()
