"""The queue of exceptions in a browser: next, ask, answer, filter, by keyboard; and what changed since the last cycle."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from catalog.models import Company
from cycles.models import Notification
from demand.models import ExceptionAnswer
from tests.cast import Cast
from tests.demand.scene import make_scene, sell
from tests.e2e.conftest import Visitor
from tests.e2e.pages import confirm

pytestmark = pytest.mark.e2e


def test_the_queue_from_next_to_the_last_answer(visit: Callable[..., Visitor], cast: Cast) -> None:
    """Oak sold 20 a month in the north and pine nothing there; 90 chairs are planned: one exception above 100.00."""
    scene = make_scene()
    sell(scene.company, {("CHAIR-OAK", "NORTH/DIRECT"): [20] * 24})
    Company.objects.update(exception_amount_cents=100_00)
    visitor = visit("demand_planner")
    page = visitor.open("/demand/2014-01/exceptions/")
    visitor.check()
    page.keyboard.press("n")
    expect(page.locator("[data-current] [data-goto]").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("[data-current] button:has-text('Change')")).to_be_focused()
    page.locator("[data-current] a:has-text('Ask someone')").press("Enter")
    confirm(page, {"person": cast.finance.username, "reason": "Is the dealer signed?"})
    expect(page.locator("#exceptions")).to_contain_text("Waits for")
    assert Notification.objects.filter(recipient=cast.finance).exists()
    page.locator("#exceptions a:has-text('Answer')").press("Enter")
    confirm(page, {"reason": "New dealer, says finance"})
    expect(page.locator("#exceptions")).to_contain_text("1 of 1 answered")
    page.locator(".queue-filters summary").press("Enter")
    page.locator("#queue-open").press("Space")
    expect(page.locator("#exceptions")).to_contain_text("Nothing fits these filters")
    expect(page.locator("#queue-open")).to_be_focused()
    assert [answer.how for answer in ExceptionAnswer.objects.order_by("id")] == ["ask", "accept"]
    visitor.check()
    visitor.open("/demand/2014-01/changed/")
    visitor.check()
