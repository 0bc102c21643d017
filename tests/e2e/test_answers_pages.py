"""Adjustments and actions in a browser: both themes, desk and phone, and a timing that is corrected in its dialog."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from finance.models import Action, Adjustment
from tests.cast import Cast
from tests.e2e.conftest import Visitor
from tests.finance.sample_plan import Sample, land, open_reconciliation, sample_plan

pytestmark = pytest.mark.e2e
Visit = Callable[..., Visitor]
ADJUSTMENTS, ACTIONS = "/finance/2014-06/adjustments/", "/finance/2014-06/actions/"


@pytest.fixture
def landed(cast: Cast) -> Sample:
    sample = sample_plan()
    land(sample)
    open_reconciliation(sample)
    return sample


def test_a_timing_by_keyboard_and_an_action_by_month(landed: Sample, visit: Visit) -> None:
    visitor = visit("finance")
    page = visitor.open(ADJUSTMENTS)
    visitor.check()
    page.focus(".page-head .btn-primary")
    page.keyboard.press("Enter")
    page.wait_for_selector("#dialog[open]")
    visitor.check()
    page.fill("#dialog [name=title]", "Slip into July")
    page.select_option("#dialog [name=kind]", "timing")
    page.fill("#dialog [name=by_month]", "-300; 299")
    page.fill("#dialog [name=evidence]", "Call of 3 June")
    page.fill("#dialog [name=reason]", "A late ship")
    page.click("#dialog button[type=submit]")
    page.wait_for_selector("#dialog .field-error >> text=nets to zero")
    page.fill("#dialog [name=by_month]", "-300; 300")
    page.click("#dialog button[type=submit]")
    page.wait_for_selector("#ledger >> text=Slip into July")
    assert Adjustment.objects.get().cents == [-300_00, 300_00]
    page.click("#ledger summary")
    visitor.check()
    page = visitor.open(ACTIONS)
    page.click(".page-head .btn-primary")
    page.wait_for_selector("#dialog[open]")
    page.fill("#dialog [name=title]", "Second shift")
    page.select_option("#dialog [name=owner]", str(landed.cast.supply_planner.pk))
    page.fill("#dialog [name=revenue_by_month]", "1000; 2000")
    page.click("#dialog button[type=submit]")
    page.wait_for_selector("#action-list >> text=Second shift")
    assert Action.objects.get().revenue_months == [1_000_00, 2_000_00]
    page.click("#action-list summary")
    visitor.check()


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 390)])
def test_pages_in_the_dark_and_on_a_phone(landed: Sample, visit: Visit, theme: str, width: int) -> None:
    visitor = visit("viewer", theme=theme, width=width)
    for path in (ADJUSTMENTS, ACTIONS):
        visitor.open(path)
        visitor.check()
