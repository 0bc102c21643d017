"""The trace of one edited cell in a browser: from the executive page down to a person and up again, equal at each step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from tests.cast import Cast
from tests.e2e.conftest import Visitor
from tests.finance.edited_plan import Edited, edited_plan

pytestmark = pytest.mark.e2e
Visit = Callable[..., Visitor]
NUMBER = "2014-06"


@pytest.fixture
def edited(cast: Cast) -> Edited:
    """The small company's plan with two edits on one cell, in its pre-S&OP stage."""
    return edited_plan()


def cents(place: Locator) -> int:
    """The exact amount behind a figure."""
    return int(place.first.get_attribute("value") or "")


def flagged(row: Locator) -> int:
    """The figure of the driver in focus in a row of the drill."""
    return cents(row.locator("td.is-flagged data"))


def step_down(page: Page, code: str) -> int:
    """Open a row of the drill; its figure before the click, which the next table's total must equal."""
    row = page.locator("tbody tr", has=page.locator(f"th a:text-is('{code}')"))
    told = flagged(row)
    row.locator("th a").click()
    page.wait_for_selector(f".trail [aria-current]:text-is('{code}')")
    assert flagged(page.locator("tfoot tr")) == told
    assert cents(page.locator(".trail li").last.locator("data")) == told
    return told


def test_from_the_executive_page_down_to_a_person_and_up_again(edited: Edited, visit: Visit) -> None:
    visitor = visit("executive")
    page = visitor.open(f"/executive/{NUMBER}/")
    page.locator("details.more summary").first.click()
    page.click("a[data-step=supply_constraint]")
    page.wait_for_selector("#drill th.is-flagged")
    headline = flagged(page.locator("tfoot tr"))
    told = [headline] + [step_down(page, code) for code in ("CHAIRS", "CHAIR-OAK", "NORTH/DIRECT")]
    assert set(told) == {-5 * 90_00}  # all of the shortage is this one cell's: 5 units at 90
    month = page.locator("tbody tr", has=page.locator("th a:text-is('2014-06')"))
    assert flagged(month) == headline
    month.locator("th a").click()
    page.wait_for_selector("#cell-edits")
    assert cents(page.locator("#cell-drivers td.is-flagged data")) == headline
    visitor.check()
    promotion = page.locator("#cell-edits tbody tr", has_text="Spring promotion")
    assert "Demand Planner" in promotion.inner_text()
    moved = cents(promotion.locator("data"))
    assert moved == 10 * 90_00
    promotion.locator("a").click()
    page.wait_for_selector("#edit-moved")
    assert "This edit moved" in page.locator(".headline").inner_text()
    cell = page.locator("#edit-cells tbody tr", has_text="Jun 14")
    assert cents(cell.locator("data")) == moved
    visitor.check()
    up(page, headline)


def up(page: Page, headline: int) -> None:
    """From the edit to the company: every node's gap is the total of the table that it opens."""
    rows = page.locator("#edit-up tbody tr")
    ways = [(rows.nth(at).locator("a").get_attribute("href"), cents(rows.nth(at).locator("data"))) for at in range(5)]
    for address, gap in reversed(ways):
        page.goto(page.url.split("/finance/")[0] + str(address))
        total = page.locator("tfoot tr td").last.locator("data")
        assert cents(total) == gap
    page.goto(page.url.split("?")[0] + "?level=family&driver=supply_constraint")
    assert flagged(page.locator("tfoot tr")) == headline


def test_a_bar_of_the_bridge_opens_the_drill_with_its_driver(edited: Edited, visit: Visit) -> None:
    page = visit("finance").open(f"/finance/{NUMBER}/")
    page.wait_for_selector("#drill table")
    page.wait_for_selector("#bridge .waterfalllayer .point")
    page.evaluate(
        "document.querySelector('[data-chart=bridge-figure]').dispatchEvent("
        "new CustomEvent('chartpick', {bubbles: true, detail: {label: 'Volume', data: 'volume'}}))"
    )
    page.wait_for_selector("#drill th.is-flagged:text-is('Volume')")


def test_plan_vs_budget_by_keyboard_down_to_the_cell(edited: Edited, visit: Visit) -> None:
    visitor = visit("viewer")
    page = visitor.open(f"/finance/{NUMBER}/plan-vs-budget/?rows=family&columns=month")
    gap = cents(page.locator("tbody tr").first.locator("td data").nth(2))
    page.locator("#gap-table tbody th a").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_selector(".trail")
    assert cents(page.locator("tfoot td data").nth(2)) == gap
    page.goto(f"{visitor.address}/finance/{NUMBER}/plan-vs-budget/?rows=market&columns=month&item={edited.item.pk}")
    page.locator(f"td a[href*='market={edited.market.pk}&month=2014-06']").click()
    page.wait_for_selector("#cell-edits")
    assert "CHAIR-OAK" in page.locator("h1").inner_text()


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 390)])
def test_pages_are_accessible_and_do_not_overflow(edited: Edited, visit: Visit, theme: str, width: int) -> None:
    visitor = visit("finance", theme=theme, width=width)
    series = f"item={edited.item.pk}&market={edited.market.pk}"
    pages = [
        f"cell/?{series}&month=2014-06",
        "edits/1/",
        "plan-vs-budget/?rows=item&columns=month&figures=all&measure=cogs",
        "drill/?level=item&driver=volume",
    ]
    if (theme, width) == ("light", 1440):
        pages += ["edits/", "plan-vs-budget/?show=units", "plan-vs-budget/?item=999999"]
    for path in pages:
        visitor.open(f"/finance/{NUMBER}/{path}")
        visitor.check()
