"""The demand page in a browser: fold, type, reason, totals, undo, paste, conflict; keyboard only where people work so."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from demand.models import Edit
from tests.cast import Cast
from tests.demand.scene import Scene, make_scene, one, sell
from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e
Opened = Callable[..., tuple[Visitor, Page]]
OAK, PINE, NORTH, SOUTH = "CHAIR-OAK", "CHAIR-PINE", "NORTH/DIRECT", "SOUTH/DIRECT"


@pytest.fixture
def scene(cast: Cast) -> Scene:
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [20] * 24, (PINE, NORTH): [50] * 24})
    return made


@pytest.fixture
def open_grid(visit: Callable[..., Visitor]) -> Iterator[Callable[..., tuple[Visitor, Page]]]:
    """Open the grid as somebody; at the end wait until every window has its answers."""
    pages: list[Page] = []

    def arrive(who: str = "demand_planner", **other: object) -> tuple[Visitor, Page]:
        visitor = visit(who, **other)
        pages.append(visitor.open("/demand/2014-01/?show=units"))
        pages[-1].wait_for_selector(".tabulator-row")
        return visitor, pages[-1]

    yield arrive
    for page in pages:
        page.wait_for_timeout(400)
        page.wait_for_load_state("networkidle")


def cell(page: Page, name: str, position: int = 0) -> Locator:
    row = page.locator(".tabulator-row", has=page.locator(f".grid-name > span:text-is('{name}')"))
    return row.locator(f"[tabulator-field=m{position}]").first


def give_reason(page: Page, words: str = "agreed with sales") -> None:
    page.wait_for_selector("#reason-dialog[open]")
    page.select_option("#reason-code", "Customer information")
    page.fill("#reason-words", words)
    page.keyboard.press("Enter")
    page.wait_for_selector("#reason-dialog:not([open])", state="attached")


def type_into(page: Page, name: str, text: str) -> None:
    cell(page, name).click()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def said(page: Page, text: str) -> None:
    expect(page.locator("#grid-said")).to_contain_text(text)


def test_a_family_total_is_typed_spread_undone_and_redone(open_grid: Opened, scene: Scene) -> None:
    visitor, page = open_grid()
    expect(cell(page, "CHAIRS")).to_have_text("100")
    type_into(page, "CHAIRS", "110")
    give_reason(page)
    expect(cell(page, "CHAIRS")).to_have_text("110")
    said(page, "1 saved")
    assert scene.cell(OAK, NORTH) == 33_000
    page.keyboard.press("Control+z")
    expect(cell(page, "CHAIRS")).to_have_text("100")
    page.keyboard.press("Control+y")
    expect(cell(page, "CHAIRS")).to_have_text("110")
    assert Edit.objects.count() == 3
    visitor.check()


def test_every_gesture_is_asked_for_its_reason(open_grid: Opened, scene: Scene) -> None:
    """The last reason is offered again; the Enter that ends the typing does not accept it unread."""
    _, page = open_grid()
    type_into(page, "CHAIRS", "110")
    give_reason(page, "first")
    type_into(page, "CHAIRS", "120")
    page.wait_for_selector("#reason-dialog[open]")
    page.wait_for_timeout(200)
    assert Edit.objects.count() == 1
    assert (page.input_value("#reason-code"), page.input_value("#reason-words")) == ("Customer information", "first")
    page.keyboard.press("Enter")
    expect(cell(page, "CHAIRS")).to_have_text("120")


def paste(page: Page, text: str) -> None:
    """Paste a text into what is selected, as the browser would."""
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData('text/plain', text);
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true})); }""",
        text,
    )


def test_a_paste_takes_what_it_can_and_lists_the_rest(open_grid: Opened, scene: Scene) -> None:
    """A block with a decimal comma: 1.000,5 is a thousand and a half; letters and negatives are listed, each with a jump."""
    visitor, page = open_grid()
    cell(page, "LAMPS").click()
    paste(page, "8\t1.000,5\tx\t(3)")
    give_reason(page)
    said(page, "2 saved")
    first = scene.plan.first_month_index
    assert [scene.cell("LAMP-DESK", "NORTH/DEALER", first + k) for k in range(4)] == [8_000, 1_000_500, 7_000, 7_000]
    assert Edit.objects.count() == 1
    rows = page.locator("#rejected tbody tr")
    assert [" ".join(row.split()[:4]) for row in rows.all_inner_texts()] == ["LAMPS Mar 2014 x", "LAMPS Apr 2014 (3)"]
    expect(rows.nth(0)).to_contain_text("It is not a number.")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#grid-sum")).to_contain_text("LAMPS, Apr 2014: 7")
    visitor.check()


def test_adjust_by_percent(open_grid: Opened, scene: Scene) -> None:
    _, page = open_grid()
    cell(page, "CHAIRS").click()
    page.keyboard.press("p")
    page.fill("#reason-amount", "-10")
    page.keyboard.press("Tab")
    page.keyboard.type("Comp")  # of the codes only Competitor begins so
    page.keyboard.press("Enter")
    expect(cell(page, "CHAIRS")).to_have_text("90")
    said(page, "1 saved")
    assert Edit.objects.get().why == "Competitor"


def test_a_conflict_is_told_and_resolved_both_ways_by_key(open_grid: Opened, scene: Scene) -> None:
    """OAK in the north goes from 30 to 45 and to 60: CHAIRS from 100 to 115 and, after 110 was kept, by 15 more."""
    _, page = open_grid()
    other = {"actor": scene.cast.demand_planner2}
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000), **other)
    type_into(page, "CHAIRS", "110")
    give_reason(page)
    expect(page.locator("#conflicts")).to_contain_text("Demand Planner2 changed this to 115")
    expect(cell(page, "CHAIRS")).to_have_text("115")
    page.keyboard.press("k")
    expect(cell(page, "CHAIRS")).to_have_text("110")
    expect(page.locator("#conflicts")).to_be_hidden()
    said(page, "1 saved")

    theirs = scene.cell(OAK, NORTH) // 1000 * 1000 + 15_000
    after = 110 + (theirs - scene.cell(OAK, NORTH)) / 1000
    scene.edit(one(scene.node(item=OAK, market=NORTH), theirs), **other)
    type_into(page, "CHAIRS", "90")
    give_reason(page)
    expect(page.locator("#conflicts")).to_contain_text("Yours: 90")
    page.keyboard.press("t")
    expect(page.locator("#conflicts")).to_be_hidden()
    expect(cell(page, "CHAIRS")).to_have_text(f"{after:.0f}")


def test_the_selection_shows_its_past_and_who_edited(open_grid: Opened, scene: Scene) -> None:
    scene.edit(one(scene.node(family="CHAIRS"), 110_000), reason="New dealer in the north")
    visitor, page = open_grid()
    cell(page, "CHAIRS").click()
    expect(page.locator("#selection")).to_contain_text("New dealer in the north")
    page.wait_for_selector("#selection .scatterlayer .trace", state="attached")
    visitor.check()


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 390)])
def test_dark_and_narrow(open_grid: Opened, scene: Scene, theme: str, width: int) -> None:
    visitor, _ = open_grid(theme=theme, width=width)
    visitor.check()


@pytest.mark.parametrize(
    ("keys", "typed", "months"),
    [
        pytest.param([], "+5", {0: 105}, id="plus"),
        pytest.param([], "-10%", {0: 90}, id="percent"),
        pytest.param(["Shift+ArrowRight"], "*1.1", {0: 110, 1: 110, 2: 100}, id="a block scaled"),
        pytest.param(["End"], "1320", {0: 110, 11: 110}, id="a year spread: 12 x 100 become 12 x 110"),
    ],
)
def test_operators_are_typed(
    open_grid: Opened, scene: Scene, keys: list[str], typed: str, months: dict[int, int]
) -> None:
    _, page = open_grid()
    cell(page, "CHAIRS").click()
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    give_reason(page)
    said(page, "saved")
    page.locator("#grid").press("Home")
    for position, units in months.items():
        expect(cell(page, "CHAIRS", position)).to_have_text(str(units))
    assert Edit.objects.count() == 1


def test_closed_months_and_comparisons_stand_in_the_columns_of_the_plan(open_grid: Opened, scene: Scene) -> None:
    """70 chairs were sold a month; the budget is 100 in each of four markets: the plan of 100 is 75 % below it.

    They stand beneath the row and are passed over by the arrows; at 77 the plan is a tenth above last year.
    """
    visitor, page = open_grid()
    cell(page, "CHAIRS").click()
    page.keyboard.press("h")
    said(page, "24 closed months")
    past = page.locator(".tabulator-row", has=page.locator(".grid-name > span:text-is('CHAIRS')"))
    expect(past.locator("[tabulator-field=h23]")).to_have_text("70")
    page.keyboard.press("c")
    beneath = [past.locator(f"xpath=following-sibling::div[{k}]").locator("[tabulator-field=m0]") for k in (1, 2)]
    expect(beneath[0]).to_have_text("70+42.9%")  # 100 / 70 − 1
    page.click(".toolbar summary:has-text('Compare')")
    page.check("[data-compare][value=budget]")
    expect(beneath[1]).to_have_text("400−75%")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#grid-sum")).to_contain_text("CHAIRS, Jan 2014: 100")
    page.keyboard.type("77")
    page.keyboard.press("Enter")
    give_reason(page)
    expect(beneath[0]).to_have_text("70+10%")
    visitor.check()
    cell(page, "CHAIRS").click()
    page.click(".toolbar summary:has-text('Compare')")
    page.check("[data-compare-below]")
    lines = page.locator("#compare tbody tr")
    expect(lines.nth(1).locator("> *").nth(1 + 24)).to_contain_text("400")  # after the name and the closed months


def test_a_save_that_does_not_arrive_keeps_what_was_typed(open_grid: Opened, scene: Scene) -> None:
    """Offline: the cell holds the typed value and is marked, a line offers to try again, which saves it once."""
    visitor, page = open_grid()
    page.route("**/edits/**", lambda route: route.abort())
    type_into(page, "CHAIRS", "+10")
    give_reason(page)
    expect(page.locator("#unsaved")).to_contain_text("What you typed stays here")
    expect(cell(page, "CHAIRS")).to_have_text("110")
    assert "is-unsaved" in (cell(page, "CHAIRS").get_attribute("class") or "")
    assert not Edit.objects.exists()
    visitor.check()
    page.unroute("**/edits/**")
    page.once("dialog", lambda dialog: dialog.accept())  # the browser asks whether to leave
    page.reload()
    said(page, "1 value typed here is not saved")
    expect(cell(page, "CHAIRS")).to_have_text("110")
    page.keyboard.press("r")
    said(page, "1 saved")
    expect(page.locator("#unsaved")).to_be_hidden()
    page.reload()
    expect(page.locator("#grid .tabulator-tableholder")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(cell(page, "CHAIRS")).to_have_text("100")
    assert [line["change_milli"] for line in Edit.objects.values_list("gesture", flat=True)] == [10_000, -10_000]
    visitor.troubles.clear()


def test_a_reader_cannot_type(open_grid: Opened, scene: Scene) -> None:
    visitor, page = open_grid("viewer")
    type_into(page, "CHAIRS", "110")
    said(page, "Read only for you")
    assert not Edit.objects.exists()
    visitor.check()


def test_the_accuracy_page(visit: Callable[..., Visitor], scene: Scene) -> None:
    visitor = visit("viewer")
    visitor.open("/demand/2014-01/accuracy/")
    visitor.check()
