"""The supply page in a browser: both themes, desk and phone, a pin and a decision by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from supply.models import OverloadDecision, Pin
from tests.cast import Cast
from tests.e2e.conftest import Visitor
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


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 390)])
def test_page_is_accessible_and_does_not_overflow(company: SupplyCompany, visit: Visit, theme: str, width: int) -> None:
    visitor = visit("supply_planner", theme=theme, width=width)
    for path in (PAGE, f"{PAGE}?load=planned&show=units", f"{PAGE}pins/new/", f"{PAGE}overloads/"):
        visitor.open(path)
        visitor.check()


def test_a_pin_and_a_decision_by_hand(company: SupplyCompany, visit: Visit, work: Callable[[], None]) -> None:
    page = visit("supply_planner").open(PAGE)
    assert page.locator("#stock .barlayer .point").count() == 6
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
