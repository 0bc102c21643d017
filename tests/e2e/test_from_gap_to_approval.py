"""From the pre-S&OP page to the approved number, as finance and the executive do it: by keyboard, light and dark, on paper."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from cycles.models import Snapshot
from tests.e2e.conftest import Visitor
from tests.e2e.test_pages_states import PAGE_IN_PDF
from tests.finance.sample_plan import Sample, land, open_reconciliation, sample_plan

pytestmark = pytest.mark.e2e
Visit = Callable[..., Visitor]
NUMBER = "2014-06"
PRE_SOP, EXECUTIVE = f"/finance/{NUMBER}/", f"/executive/{NUMBER}/"
FURTHEST = 200  # stops of the Tab key; a page with more of them is no page for the keyboard


@pytest.fixture
def landed(cast: object) -> Sample:
    """The small company's plan in its pre-S&OP stage, with a gap that nobody has answered."""
    sample = sample_plan()
    land(sample)
    open_reconciliation(sample)
    return sample


def walk_to(page: Page, selector: str) -> None:
    """Press Tab until the focus stands on what the selector names."""
    for _ in range(FURTHEST):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} is not reached by {FURTHEST} tabs")


def say(page: Page, words: str) -> None:
    """Write into the dialog's only text and send it, by keyboard; the page comes anew."""
    page.wait_for_selector("#dialog[open] textarea")
    walk_to(page, "#dialog textarea")
    page.keyboard.type(words)
    walk_to(page, "#dialog button[type=submit]")
    with page.expect_navigation(wait_until="networkidle"):
        page.keyboard.press("Enter")


def move_stage(page: Page, verb: str, words: str) -> None:
    """Reach a button of the stage by keyboard and confirm it with a comment."""
    walk_to(page, f"#stage-actions a[href$='/{verb}/']")
    page.keyboard.press("Enter")
    say(page, words)


def test_finance_and_executive_bring_the_gap_to_one_number(landed: Sample, visit: Visit) -> None:
    finance, executive = visit("finance"), visit("executive", theme="dark")
    page = finance.open(PRE_SOP)
    expect(page.locator(".headline")).to_contain_text("We land FY2014 at")
    walk_to(page, "#gaps a[href$='/gaps/company/']")
    page.keyboard.press("Enter")
    say(page, "Accept: the year is reforecast in July")
    finance.check()
    while page.locator("#gaps li.is-block a[href*='/gaps/']").count():
        walk_to(page, "#gaps li.is-block a[href*='/gaps/']")
        page.keyboard.press("Enter")
        say(page, "As the company")
    move_stage(page, "submit", "Gap explained and answered")

    page = executive.open(PRE_SOP)
    move_stage(page, "approve", "Agreed in the meeting")
    page = executive.open(EXECUTIVE)
    expect(page.locator("#decisions .decision")).not_to_have_count(0)
    while page.locator("#decisions a.btn").count():
        walk_to(page, "#decisions a.btn")
        page.keyboard.press("Enter")
        page.wait_for_selector("#dialog[open] [name=choice]")
        page.fill("#dialog [name=choice]", "Accept")
        page.fill("#dialog [name=reason]", "Nothing else is worth its cost")
        walk_to(page, "#dialog button[type=submit]")
        with page.expect_navigation(wait_until="networkidle"):
            page.keyboard.press("Enter")
        page = executive.open(EXECUTIVE)

    page = finance.open(EXECUTIVE)
    move_stage(page, "submit", "One number")
    page = finance.open(EXECUTIVE)
    expect(page.locator("#approval")).to_contain_text("somebody who edited nothing approves it")
    expect(page.locator("#approval")).to_contain_text("this is for: executive")
    page = executive.open(EXECUTIVE)
    expect(page.locator("#approval")).to_contain_text("waits for your approval")
    executive.check()
    move_stage(page, "approve", "This is the plan")

    snapshot = Snapshot.objects.get()
    page = executive.open(EXECUTIVE)
    expect(page.locator("#approval")).to_contain_text(f"Plan {snapshot.number} is approved and frozen")
    expect(page.locator("#approval code")).to_have_text(snapshot.root)
    expect(page.locator("#approval .said")).to_contain_text("This is the plan")
    expect(page.locator("a.btn", has_text=re.compile("Approve|Submit"))).to_have_count(0)
    executive.check()
    page.wait_for_selector(".waterfalllayer .point")
    assert len(PAGE_IN_PDF.findall(page.pdf(format="A4", print_background=True))) == 1
