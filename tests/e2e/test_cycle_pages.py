"""In a browser: every role signs in, the pages of the cycle in both themes and two widths, a real upload."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from catalog.models import Item, Market
from catalog.services.company import set_up_company
from cycles.models import Plan
from cycles.services.cycles import open_cycle
from tests.cast import PASSWORD, Cast
from tests.e2e.conftest import Visitor
from tests.small_company import small_company

pytestmark = pytest.mark.e2e
Visit = Callable[..., Visitor]
SHARED = Path(os.environ.get("SOP_SHARED", Path(django_settings.BASE_DIR).parent / "shared"))
PACK = SHARED / "data" / "adventureworks"
PAGES = (
    "/cycles/",
    "/cycles/my-work/",
    "/cycles/2014-01/data/",
    "/cycles/2014-01/decisions/",
    "/cycles/2014-01/assumptions/",
    "/cycles/audit/",
    "/cycles/people/",
    "/cycles/snapshots/",
    "/cycles/search/?q=chair",
    "/cycles/imports/",
)


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """A small company with an open cycle."""
    small_company()
    return open_cycle(month=date(2014, 1, 1), actor=cast.finance)


def test_every_role_signs_in_and_sees_the_board(plan: Plan, visit: Visit) -> None:
    for who in ("demand_planner", "supply_planner", "finance", "executive", "admin", "viewer"):
        visitor = visit(who, password=PASSWORD)
        visitor.open("/cycles/")
        assert visitor.page.inner_text("h1") == "Cycle board"
        visitor.check()


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 390)])
def test_pages_are_accessible_and_do_not_overflow(plan: Plan, visit: Visit, theme: str, width: int) -> None:
    visitor = visit("finance", theme=theme, width=width)
    for path in PAGES:
        visitor.open(path)
        visitor.check()


def test_theme_is_toggled_and_remembered(plan: Plan, visit: Visit) -> None:
    visitor = visit("viewer")
    visitor.open("/cycles/")
    with visitor.page.expect_response("**/preferences/"):
        visitor.page.click("[data-theme-toggle]")
    visitor.open("/cycles/people/")
    assert visitor.page.get_attribute("html", "data-theme") == "dark"


def test_display_stands_in_the_address_and_is_remembered(plan: Plan, visit: Visit) -> None:
    visitor = visit("viewer")
    visitor.open("/cycles/")
    with visitor.page.expect_response("**/preferences/"):
        visitor.page.click(".switch >> text=Units")
    page = visitor.open("/cycles/people/")
    assert "show=units" in page.url


def test_submit_dialog_lists_what_blocks_and_links_to_it(plan: Plan, visit: Visit) -> None:
    visitor = visit("finance")
    page = visitor.open("/cycles/2014-01/data/")
    page.click("text=Submit data")
    page.wait_for_selector("#dialog[open]")
    assert page.is_disabled("#dialog button[type=submit]")
    assert page.locator("#dialog .is-block").count() > 0
    visitor.check()
    page.keyboard.press("Escape")
    assert page.locator("#dialog[open]").count() == 0


def test_keys_search_and_shortcuts(plan: Plan, visit: Visit) -> None:
    page = visit("viewer").open("/cycles/")
    page.keyboard.press("/")
    page.keyboard.type("lamp")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=LAMP-DESK")
    page.keyboard.press("Tab")
    page.locator("h1").click()
    page.keyboard.press("?")
    assert page.locator("#shortcuts[open]").count() == 1


def _upload(visitor: Visitor, dataset: str, file: Path, work: Callable[[], None]) -> None:
    page = visitor.open(f"/cycles/imports/?dataset={dataset}")
    page.set_input_files("#id_file", file)
    page.click("text=Check the file")
    page.wait_for_selector("text=The file passes every check")
    visitor.check()
    page.click("button:has-text('Apply')")
    page.wait_for_selector(".run")
    with page.expect_navigation(wait_until="networkidle"):  # the page is loaded anew when the run has ended
        work()
    page.wait_for_selector("text=Applied.")
    visitor.check()


@pytest.mark.skipif(not PACK.exists(), reason="the shared AdventureWorks files are not beside the checkout")
def test_items_and_markets_of_adventureworks_by_upload(visit: Visit, work: Callable[[], None]) -> None:
    set_up_company(
        name="Adventure Works Cycles", currency="USD", fiscal_year_start_month=5, history_start=date(2011, 5, 1)
    )
    visitor = visit("admin")
    for dataset in ("channels", "markets", "products"):
        _upload(visitor, dataset, PACK / f"{dataset}.csv", work)
    lines = (PACK / "products.csv").read_text(encoding="utf-8-sig").splitlines()
    assert Item.objects.count() == len(lines) - 1
    assert Market.objects.exists()


def test_fault_is_shown_with_row_column_and_remedy(plan: Plan, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "channels.csv"
    file.write_text("channel,name\nDIRECT,Direct\n,Nameless\n")
    visitor = visit("finance")
    page = visitor.open("/cycles/imports/?dataset=channels")
    page.set_input_files("#id_file", file)
    page.click("text=Check the file")
    row = page.locator("table tbody tr").first
    assert row.locator("td").nth(0).inner_text() == "3"
    assert row.locator("td").nth(1).inner_text() == "channel"
    visitor.check()
