"""The supply page in a browser: both themes, desk and phone, a pin and a decision by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supply.models import OverloadDecision, Pin
from tests.cast import Cast
from tests.e2e.conftest import Visitor
from tests.e2e.pages import confirm, decide_overloads, move
from tests.supply.company import SupplyCompany, demand, open_supply_stage, solve, supply_company

pytestmark = pytest.mark.e2e
Visit = Callable[..., Visitor]
PAGE = "/supply/2014-01/"


@pytest.fixture
def company(cast: Cast) -> SupplyCompany:
    """1,000 chairs in January on 310 hours: overtime, a shortage, an overload to decide."""
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [1000.0, 100, 100, 100, 100, 100]})
    open_supply_stage(company)
    solve(company)
    return company


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 390)])
def test_page_is_accessible_and_does_not_overflow(company: SupplyCompany, visit: Visit, theme: str, width: int) -> None:
    visitor = visit("supply_planner", theme=theme, width=width)
    more = (f"{PAGE}inventory/", f"{PAGE}items/CHAIR-OAK/", f"{PAGE}loads/WOOD/2014-01/?load=needed")
    for path in (PAGE, f"{PAGE}?load=planned&show=units", f"{PAGE}pins/new/", f"{PAGE}overloads/", *more):
        visitor.open(path)
        visitor.check()


def test_a_pin_and_a_decision_by_hand(company: SupplyCompany, visit: Visit, work: Callable[[], None]) -> None:
    page = visit("supply_planner").open(PAGE)
    assert page.locator("#stock .scatterlayer .point").count() == 6
    page.click("text=Fix a quantity")
    page.fill("#dialog [name=item]", "CHAIR-OAK")
    page.fill("#dialog [name=quantity]", "120")
    page.select_option("#dialog [name=month]", label="Mar 2014")
    page.fill("#dialog [name=reason]", "Tools are away in April")
    page.click("#dialog >> text=Record")
    page.wait_for_selector("#pins >> text=Tools are away in April")
    assert Pin.objects.get().quantity == 120_000
    page.wait_for_selector("#supply-body .run")
    work()
    page.wait_for_selector("#supply-body .run", state="detached")
    page.wait_for_load_state("networkidle")
    page.click("text=Decide all open")
    page.fill("#dialog [name=reason]", "Agreed with the shop")
    page.click("#dialog >> text=Record")
    page.wait_for_selector("#overloads >> text=Agreed with the shop")
    page.wait_for_load_state("networkidle")
    assert OverloadDecision.objects.count() >= 1
    page.click("#pins >> text=Release")
    confirm(page, {"reason": "The tools stay"})
    page.wait_for_selector("#pins >> text=None.")
    assert Pin.objects.order_by("id").last().quantity is None


def test_from_the_heat_map_to_an_item_an_option_and_the_approval(
    company: SupplyCompany, visit: Visit, work: Callable[[], None]
) -> None:
    """January's cell names the chair that fills it; extra hours are priced, chosen, and the shortage is gone."""
    visitor = visit("supply_planner")
    page = visitor.open(PAGE)
    page.press("#loads td a[aria-label^='WOOD Jan 14']", "Enter")
    page.wait_for_selector("#drawer[open] >> text=CHAIR-OAK")
    visitor.check()
    page.press("#drawer a:has-text('CHAIR-OAK')", "Enter")
    page.wait_for_selector("h1:has-text('CHAIR-OAK')")
    page = visitor.open(PAGE)
    short = page.locator(".kpi:has(h2:text-is('Short'))")
    assert "$0" not in short.inner_text()
    page.click("text=Price the options")
    page.wait_for_selector("#shortages .run")
    work()
    page.wait_for_selector("#shortages .run", state="detached")
    row = page.locator("#shortages tr:has-text('Extra hours')")
    margin, cash = row.locator("td").nth(1).inner_text(), row.locator("td").nth(2).inner_text()
    assert margin.startswith("+$") and cash.startswith("+$")
    visitor.check()
    page.press("#shortages a:has-text('Put to the executive')", "Enter")
    page.wait_for_selector("#dialog[open] >> text=Every option goes along with its price")
    visitor.check()
    page.keyboard.press("Escape")
    page.wait_for_selector("#dialog[open]", state="detached")
    row.locator("a:has-text('Choose')").press("Enter")
    confirm(page, {"reason": "A second shift in January"})
    page.wait_for_selector("#supply-body .run")
    work()
    page.wait_for_selector("#supply-body .run", state="detached")
    page.wait_for_load_state("networkidle")
    assert short.locator(".kpi-value").inner_text() == "$0"
    decided = page.locator("#shortage-decisions tr:has-text('A second shift in January')")
    assert [decided.locator("td").nth(at).inner_text() for at in (2, 3)] == [margin, cash]
    decide_overloads(visitor, "2014-01", "Agreed with the shop")
    move(visitor, "2014-01", "supply", verb="submit", words="It can be made")
    move(visit("finance"), "2014-01", "supply", verb="approve", words="Agreed")
    assert company.plan.stages.get(kind="supply").status == "approved"
    page = visitor.open(PAGE)
    assert (
        page.locator(
            "main a:has-text('Fix a quantity'), main a:has-text('Choose'), #pins a:has-text('Release')"
        ).count()
        == 0
    )
    listed = visitor.open("/cycles/2014-01/decisions/")
    assert (
        listed.locator("article:has-text('CHAIR-OAK is short of')").locator("text=A second shift in January").count()
        == 1
    )
