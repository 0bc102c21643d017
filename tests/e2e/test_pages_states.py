"""Every page in its states: empty, locked, refused, on paper, by keyboard; both themes, phone to wide screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.services.company import set_up_company
from cycles.models import Plan, Stage
from cycles.services.cycles import open_cycle
from tests.cast import Cast
from tests.e2e.conftest import Visitor
from tests.finance.sample_plan import Sample, land, open_reconciliation, sample_plan
from tests.small_company import small_company

pytestmark = pytest.mark.e2e
Visit = Callable[..., Visitor]
NUMBER = "2014-06"
PLAN_PAGES = (
    "/demand/{0}/",
    "/demand/{0}/accuracy/",
    "/demand/{0}/review/",
    "/demand/{0}/promotions/",
    "/supply/{0}/",
    "/finance/{0}/",
    "/finance/{0}/cash/",
    "/executive/{0}/",
)
SHEETS = ("Letter", "A4")
WINDOWS = [("dark", 390), ("light", 1920)]  # the other windows stand in the tests of each page
PAGE_IN_PDF = re.compile(rb"/Type\s*/Page[^s]")


@pytest.fixture
def landed(cast: Cast) -> Sample:
    """The small company's plan in its pre-S&OP stage."""
    sample = sample_plan()
    land(sample)
    open_reconciliation(sample)
    return sample


@pytest.fixture
def bare(cast: Cast) -> Plan:
    """A company with an open cycle and nothing computed yet."""
    small_company()
    return open_cycle(month=date(2014, 1, 1), actor=cast.finance)


def judge_numbers(page: Page) -> None:
    """Numbers in tables stand to the right, in figures of one width."""
    wrong = page.evaluate(
        """() => [...document.querySelectorAll("td.num")].filter((cell) => {
            const style = getComputedStyle(cell);
            return style.textAlign !== "right" || !style.fontVariantNumeric.includes("tabular-nums");
        }).length"""
    )
    assert wrong == 0


@pytest.mark.parametrize(("theme", "width"), WINDOWS)
def test_pages_in_every_window(landed: Sample, visit: Visit, theme: str, width: int) -> None:
    visitor = visit("finance", theme=theme, width=width)
    for path in PLAN_PAGES:
        visitor.open(path.format(NUMBER) + ("?show=units" if width == 390 else "?show=value"))
        judge_numbers(visitor.page)
        visitor.check()


def test_error_pages_are_pages_too(bare: Plan, visit: Visit) -> None:
    visitor = visit("viewer", theme="dark", width=390)
    for path, title in (("/no/such/page/", "Not found"), ("/finance/2014-01/compute/", "Nothing to see here")):
        visitor.open(path)
        expect(visitor.page.locator("h1")).to_have_text(title)
        expect(visitor.page.locator(".error-number code")).to_have_text(re.compile("[0-9a-f-]{36}"))
        visitor.check()
    visitor.page.context.clear_cookies()
    visitor.open("/no/such/page/")
    visitor.check()


def test_before_its_numbers_a_page_tells_the_next_step(bare: Plan, visit: Visit) -> None:
    visitor = visit("demand_planner")
    for path in PLAN_PAGES:
        page = visitor.open(path.format("2014-01"))
        expect(page.locator(".empty .empty-title")).to_have_count(1)
        assert page.locator(".empty a.btn").get_attribute("href")
        visitor.check()


def test_a_portal_without_a_company_tells_where_to_begin(cast: Cast, visit: Visit) -> None:
    visitor = visit("demand_planner", width=390)
    for path in ("/cycles/", "/cycles/my-work/", "/cycles/snapshots/"):
        visitor.open(path)
        visitor.check()


def test_an_ended_session_leads_to_the_sign_in_and_back(landed: Sample, visit: Visit) -> None:
    visitor = visit("finance")
    page = visitor.open(f"/finance/{NUMBER}/?show=value")
    page.context.clear_cookies()
    page.click("#drill >> text=CHAIRS")
    page.wait_for_url("**/login/**")
    assert f"/finance/{NUMBER}/" in page.url


@pytest.mark.parametrize("path", ["/finance/{0}/", "/executive/{0}/"])
def test_a_page_of_the_meeting_fits_one_sheet(landed: Sample, visit: Visit, path: str) -> None:
    """Printed from the dark theme: one sheet, no rail, and charts in the colours of paper."""
    page = visit("finance", theme="dark").open(path.format(NUMBER) + "?show=value")
    page.wait_for_selector(".waterfalllayer .point")
    for sheet in SHEETS:
        assert len(PAGE_IN_PDF.findall(page.pdf(format=sheet, print_background=True))) == 1
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(255, 255, 255)"
    ink = page.evaluate("getComputedStyle(document.querySelector('.waterfalllayer .point path')).fill")
    assert ink == "rgb(43, 58, 85)"  # --total of the light theme, #2b3a55
    expect(page.locator("#rail")).to_be_hidden()
    expect(page.locator(".btn-primary").first).to_be_hidden()


def test_a_dialog_keeps_the_keys_and_gives_them_back(landed: Sample, visit: Visit) -> None:
    visitor = visit("finance")
    page = visitor.open(f"/finance/{NUMBER}/?show=value")
    opener = page.locator("#adjustments .card-head a.btn")
    opener.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#dialog[open]")
    visitor.check()
    for _ in range(14):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#dialog')")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog[open]")).to_have_count(0)
    expect(opener).to_be_focused()


def test_the_list_of_keys_is_true(landed: Sample, visit: Visit) -> None:
    """Each key that `?` lists on a page without a grid does there what the list says."""
    page = visit("finance").open(f"/finance/{NUMBER}/?show=value")
    page.keyboard.press("?")
    expect(page.locator("#shortcuts[open]")).to_have_count(1)
    listed = page.locator("#shortcuts dt").all_inner_texts()
    assert listed == ["/", "?", "b", "Esc", "Tab"]
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts[open]")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("b")
    expect(page.locator("#drawer[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#drawer[open]")).to_have_count(0)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_why_a_plan_is_locked_and_who_can_open_it(landed: Sample, visit: Visit, cast: Cast) -> None:
    now = timezone.now()
    signed = {"submitted_by": cast.demand_planner, "submitted_at": now, "approved_by": cast.finance, "approved_at": now}
    Stage.objects.filter(plan=landed.plan, kind="demand").update(status="approved", **signed)
    page = visit("demand_planner").open(f"/demand/{NUMBER}/?show=value")
    expect(page.locator("#lock-why")).to_contain_text("Finance approved this plan")


def test_dollars_are_typed_where_they_are_shown_and_one_key_shows_units(landed: Sample, visit: Visit) -> None:
    stages = Stage.objects.filter(plan=landed.plan)
    stages.update(status="not_started")
    stages.filter(kind="demand").update(status="open")
    page = visit("demand_planner").open(f"/demand/{NUMBER}/?show=value")
    expect(page.locator("#lock-why")).to_have_count(0)
    page.locator("#grid .tabulator-row .tabulator-cell[tabulator-field=m0]").first.click()
    selected = page.locator("#grid-sum").inner_text().split(":")[0]
    page.keyboard.press("5")
    assert page.locator("#grid .tabulator-editing input").input_value() == "5"
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    page.wait_for_url("**show=units**")
    expect(page.locator("#grid-sum")).to_contain_text(selected)
    page.keyboard.press("?")
    assert {"n", "F2", "Enter Tab", "Ctrl Z Ctrl Y"} <= set(page.locator("#shortcuts dt").all_inner_texts())


def test_a_company_without_a_cycle_says_who_opens_one(cast: Cast, visit: Visit) -> None:
    set_up_company(name="New", currency="USD", fiscal_year_start_month=1, history_start=date(2012, 1, 1))
    page = visit("viewer").open("/cycles/")
    expect(page.locator("main")).to_contain_text("cycle")
