"""What a planner does a hundred times a day, without the mouse: the next exception, its change, the dollars, undo; a large paste."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Item, PlannedDiscount
from cycles.services.cycles import open_cycle
from demand.models import Edit, Series
from tests.cast import Cast
from tests.cycles.stand_ins import alone
from tests.demand.scene import FIRST, Scene, make_scene, open_demand, sell
from tests.e2e.conftest import Visitor
from tests.e2e.test_demand_page import NORTH, OAK, PINE, SOUTH, cell, give_reason, paste, said
from tests.small_company import HISTORY_START, small_company

pytestmark = pytest.mark.e2e
GRID = "/demand/2014-01/?show=units"
ROWS, MONTHS = 500, 24


def priced(scene: Scene) -> Scene:
    """Sold at list in the direct markets: an oak chair nets 100 USD, a pine chair 80."""
    PlannedDiscount.objects.bulk_create(
        PlannedDiscount(market=scene.company.markets[market], first_month=date(2014, 1, 1), fraction=0)
        for market in (NORTH, SOUTH)
    )
    return scene


def sum_line(page: Page, text: str) -> None:
    expect(page.locator("#grid-sum")).to_contain_text(text)


def test_from_the_next_exception_to_its_dollars_and_back_by_keyboard(visit: Callable[..., Visitor], cast: Cast) -> None:
    """Sold 1,000 oak chairs a month in the north, planned 30: the first exception. +10 there are 10 × 100 USD."""
    scene = priced(make_scene())
    sell(scene.company, {(OAK, NORTH): [1000] * 24, (PINE, NORTH): [60] * 24}, price=100)
    visitor = visit("demand_planner")
    page = visitor.open(GRID)
    page.wait_for_selector("[data-exception]:not([data-answered])")
    keys = page.keyboard
    keys.press("n")
    sum_line(page, "NORTH/DIRECT, Jan 2014: 30 · $3,000")
    keys.type("+10")
    keys.press("Enter")
    expect(page.locator("#reason-text")).to_contain_text("+10 units, +$1,000")
    expect(cell(page, "CHAIRS")).to_have_text("110")
    give_reason(page, "the dealer takes more")
    said(page, "1 saved · +10 units, +$1,000")
    assert scene.cell(OAK, NORTH) == 40_000
    keys.press("ArrowUp")  # Enter went on to the next row
    expect(page.locator("#selection")).to_contain_text("the dealer takes more")
    keys.press("u")
    expect(cell(page, "CHAIRS")).to_have_text("9,800")  # 40 and 10 oak chairs, 60 of pine: 50 × 100 + 60 × 80
    keys.press("Control+z")
    said(page, "Undone")
    expect(cell(page, "CHAIRS")).to_have_text("8,800")
    assert scene.cell(OAK, NORTH) == 30_000
    assert list(Edit.objects.values_list("reason", flat=True))[0] == "the dealer takes more"
    visitor.check()


def choose_reason(page: Page, words: str) -> None:
    """The code by its first letters, the comment after a Tab, Enter saves."""
    page.wait_for_selector("#reason-dialog[open]")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_selector("#reason-dialog:not([open])", state="attached")


def test_the_tools_by_keyboard_alone(visit: Callable[..., Visitor], cast: Cast) -> None:
    """70 chairs a month were sold, 100 are planned: last year's, a quarter and a year spread, and the baseline again."""
    scene = priced(make_scene())
    sell(scene.company, {(OAK, NORTH): [20] * 24, (PINE, NORTH): [50] * 24})
    visitor = visit("demand_planner")
    page = visitor.open(GRID)
    keys = page.keyboard
    expect(page.locator("#grid .tabulator-tableholder")).to_be_focused()
    keys.press("/")
    keys.press("Tab")
    keys.press("g")  # from elsewhere on the page into the grid
    expect(page.locator("#grid .tabulator-tableholder")).to_be_focused()
    keys.press("ArrowDown")
    sum_line(page, "CHAIRS, Jan 2014: 100")
    keys.press("l")
    choose_reason(page, "Data")
    sum_line(page, "CHAIRS, Jan 2014: 70")
    keys.press("Shift+ArrowRight")
    keys.press("Shift+ArrowRight")
    sum_line(page, "3 cells · Sum 270")
    keys.press("s")
    choose_reason(page, "330")  # the amount; code and comment are remembered
    sum_line(page, "3 cells · Sum 330")
    keys.press("End")
    keys.press("s")
    choose_reason(page, "2400")
    sum_line(page, "CHAIRS, Jan 2014 – Dec 2014: 2,400")
    keys.press("b")
    choose_reason(page, "")
    sum_line(page, "CHAIRS, Jan 2014 – Dec 2014: 1,200")
    told = Edit.objects.values_list("gesture__what", "reason_code").order_by("pk")
    assert list(told) == [(what, "Data correction") for what in ("last_year", "set", "set", "reset")]
    assert scene.cell(OAK, NORTH) == 30_000
    keys.press("a")
    expect(page.locator("#selection h2")).to_have_text("All families")
    visitor.check()


def wide_scene(cast: Cast) -> Scene:
    """A plan of 24 months with 500 items more in one family, 10 of each a month in one market."""
    company = small_company()
    family = company.families["LAMPS"]
    names = [f"LAMP-{number:03}" for number in range(ROWS)]
    made = Item.objects.bulk_create(Item(code=n, name=n, family=family, launch_date=HISTORY_START) for n in names)
    with alone():
        plan = open_cycle(month=date(2014, 1, 1), actor=cast.demand_planner, horizon=MONTHS)
    open_demand(plan)
    flat = [10_000] * MONTHS
    market = company.markets[NORTH]
    Series.objects.bulk_create(Series(plan=plan, item=i, market=market, baseline=flat, consensus=flat) for i in made)
    items = {**company.items, **dict(zip(names, made, strict=True))}
    return Scene(replace(company, items=items), cast, plan)


def test_a_block_of_500_rows_and_24_months_is_pasted(visit: Callable[..., Visitor], cast: Cast) -> None:
    """Row r, month m becomes r + m + 20,5 (decimal comma): 12,000 cells, one gesture, one undo; two are no numbers."""
    scene = wide_scene(cast)
    visitor = visit("demand_planner")
    page = visitor.open(GRID)
    page.wait_for_selector("#grid .tabulator-row")
    keys = page.keyboard
    keys.press("]")  # families open: a category, its family, then the items
    expect(page.locator("#grid .tabulator-row", has_text="LAMP-001")).to_have_count(1)
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    sum_line(page, "LAMP-000, Jan 2014: 10")
    block = [[f"{row + month + 20},5" for month in range(MONTHS)] for row in range(ROWS)]
    block[3][0], block[499][23] = "n.a.", "?"
    paste(page, "\n".join("\t".join(line) for line in block))
    give_reason(page, "the spring list")
    said(page, f"{ROWS * MONTHS - 2} saved")
    expect(page.locator("#rejected tbody tr")).to_have_count(2)
    assert scene.cell("LAMP-000", NORTH) == 20_500
    assert scene.cell("LAMP-499", NORTH, FIRST + 22) == (499 + 22 + 20) * 1000 + 500
    assert scene.cell("LAMP-499", NORTH, FIRST + 23) == 10_000
    keys.press("Control+z")
    said(page, "Undone")
    assert scene.cell("LAMP-000", NORTH) == 10_000
    assert Edit.objects.count() == 2
