"""The finance pages in a browser: both themes, desk and phone, the drill by a click, an adjustment by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from finance.models import Adjustment
from tests.cast import Cast
from tests.e2e.conftest import Visitor
from tests.finance.sample_plan import Sample, land, open_reconciliation, sample_plan

pytestmark = pytest.mark.e2e
Visit = Callable[..., Visitor]
PAGES = ("/finance/2014-06/", "/finance/2014-06/cash/", "/finance/2014-06/drill/?level=item", "/executive/2014-06/")


@pytest.fixture
def landed(cast: Cast) -> Sample:
    """The small company's plan in its pre-S&OP stage."""
    sample = sample_plan()
    land(sample)
    open_reconciliation(sample)
    return sample


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 390)])
def test_pages_are_accessible_and_do_not_overflow(landed: Sample, visit: Visit, theme: str, width: int) -> None:
    visitor = visit("finance", theme=theme, width=width)
    for path in PAGES:
        visitor.open(path)
        visitor.check()


def test_the_waterfall_is_drawn_and_the_drill_opens(landed: Sample, visit: Visit) -> None:
    page = visit("viewer").open("/finance/2014-06/")
    assert page.locator("#bridge .waterfalllayer .point").count() >= 3
    page.click("#drill >> text=CHAIRS")
    page.wait_for_selector("#drill >> text=CHAIR-OAK")
    page.click("#bridge nav >> text=COGS")
    page.wait_for_selector("#bridge h2 >> text=COGS: from budget to landing")
    page.select_option("#bridge-from", "last_year")
    page.wait_for_selector("#bridge h2 >> text=COGS: from last year to landing")
    page.wait_for_selector("#bridge .waterfalllayer .point")
    assert "from=last_year" in page.url
    page.click("#bridge nav >> text=By stream")
    page.wait_for_selector("#bridge h2 >> text=Who moved the plan")


def test_an_adjustment_by_hand(landed: Sample, visit: Visit) -> None:
    page = visit("finance").open("/finance/2014-06/")
    page.click("#adjustments .card-head a.btn")
    page.fill("#dialog [name=title]", "Dealer risk")
    page.fill("#dialog [name=amount]", "-1000")
    page.fill("#dialog [name=evidence]", "Call of 3 June")
    page.fill("#dialog [name=reason]", "Two dealers are late")
    page.click("#dialog >> text=Record")
    page.wait_for_selector("#adjustments >> text=Dealer risk")
    page.wait_for_load_state("networkidle")
    assert Adjustment.objects.get().total_cents == -1000_00
