"""Two people talk about a stage by keyboard alone: name, bell, thread, reply, resolve; in both themes and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from cycles.models import Notification, Plan, Thread
from cycles.services.conversations import About, Words, open_thread
from cycles.services.cycles import open_cycle
from tests.cast import Cast
from tests.e2e.conftest import Visitor
from tests.small_company import small_company

pytestmark = pytest.mark.e2e

TALK = "/cycles/2014-01/comments/stage/demand/"


@pytest.fixture
def plan(cast: Cast, settings: object) -> Plan:
    """January 2014, just opened; what that told people is read."""
    settings.SOP_WAKE_WORKERS = False  # type: ignore[attr-defined]
    small_company()
    plan = open_cycle(month=date(2014, 1, 1), actor=cast.finance)
    Notification.objects.all().delete()
    return plan


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_question_is_asked_answered_and_resolved_by_keyboard(
    plan: Plan, visit: Callable[..., Visitor], cast: Cast
) -> None:
    asking = visit("demand_planner")
    page = asking.open(TALK)
    page.focus("#text-new")
    page.keyboard.type("Is the launch in @fin")
    expect(page.locator("#people-new li")).to_have_count(2)
    press(page, "ArrowDown", "ArrowUp", "Enter")
    page.keyboard.type("plan?")
    expect(page.locator("#text-new")).to_have_value("Is the launch in @finance plan?")
    page.evaluate("document.getElementById('text-new').style.height = '120px'")  # as if dragged by its corner
    press(page, "Control+Enter")
    expect(page.locator(".thread .mention")).to_have_text("@finance")
    asking.check()

    answering = visit("finance", theme="dark")
    page = answering.open("/cycles/my-work/")
    expect(page.locator("#bell")).to_have_attribute("aria-label", "1 unread notification")
    page.focus("#main")
    press(page, "b")
    line = page.locator("#drawer .notice-go")
    expect(line).to_contain_text("Demand Planner mentions you: Demand · 2014-01")
    answering.check()
    line.focus()
    press(page, "Enter")
    page.wait_for_url("**/comments/stage/demand/**")
    expect(page.locator(f"#thread-{Thread.objects.get().pk}")).to_be_focused()
    expect(page.locator("#bell")).to_have_attribute("aria-label", "Notifications")
    page.locator(".thread summary", has_text="Reply").focus()
    press(page, "Enter", "Tab")
    page.keyboard.type("Yes, from March.")
    press(page, "Control+Enter")
    expect(page.locator(".remark")).to_have_count(2)
    answering.check()

    page = asking.open("/cycles/my-work/")
    press(page, "b")
    expect(page.locator("#drawer .notice-go")).to_contain_text("Finance replied: Demand · 2014-01")
    page.locator("#drawer .notice-go").focus()
    press(page, "Enter")
    page.wait_for_url("**/comments/stage/demand/**")
    page.locator(".talk-verb", has_text="Resolve").focus()
    press(page, "Enter")
    expect(page.locator(".thread-state")).to_contain_text("Resolved")
    asking.check()
    assert cast.finance.notifications.filter(kind="conversation.resolved").count() == 1


def test_naming_somebody_unknown_keeps_the_text_and_says_why(plan: Plan, visit: Callable[..., Visitor]) -> None:
    visitor = visit("viewer")
    page = visitor.open(TALK)
    page.fill("#text-new", "Ask @outsider.")
    press(page, "Control+Enter")
    expect(page.locator(".talk [role=alert]")).to_contain_text("Nobody named @outsider may see")
    expect(page.locator("#text-new")).to_have_value("Ask @outsider.")
    visitor.check()
    assert Thread.objects.count() == 0


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1440)])
def test_board_drawer_and_list_are_whole_on_every_screen(
    plan: Plan, cast: Cast, visit: Callable[..., Visitor], theme: str, width: int
) -> None:
    words = Words("@viewer, is the list of prices complete? See `prices.csv`.", uuid4())
    open_thread(about=About(plan, "stage", "data"), words=words, actor=cast.finance)
    visitor = visit("viewer", theme=theme, width=width)
    page = visitor.open("/cycles/2014-01/")
    page.locator(".lane .discuss", has_text="Discuss").first.click()
    expect(page.locator("#drawer[open] .thread")).to_have_count(1)
    visitor.check()
    press(page, "Escape", "b")
    expect(page.locator("#drawer[open] .notice-line.is-unread")).to_have_count(1)
    visitor.check()
    visitor.open("/cycles/notifications/")
    visitor.check()
