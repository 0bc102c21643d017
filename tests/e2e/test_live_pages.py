"""Two windows see each other: an edit, a run, and the way back to asking when Redis is away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from cycles.services.runs import drain_runs, request_run
from demand.services.baseline import KIND
from tests.cast import Cast
from tests.demand.scene import Scene, make_scene, one, sell
from tests.e2e.conftest import Visitor, axe_violations
from tests.e2e.test_demand_page import NORTH, OAK, PINE, cell, give_reason, type_into
from tests.live.serving import serving

pytestmark = pytest.mark.e2e
Look = Callable[[str], Page]
FAMILY = "CHAIRS"
GRID = "/demand/2014-01/?show=units"


@pytest.fixture
def scene(cast: Cast) -> Scene:
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [20] * 24, (PINE, NORTH): [50] * 24})
    return made


@pytest.fixture
def look(browser: Browser, settings: Any, scene: Scene) -> Iterator[Look]:
    """Open the grid as somebody in a window of its own, on a server whose pages are live."""
    settings.SOP_LIVE, settings.SOP_WAKE_WORKERS = True, False
    visitors: list[Visitor] = []
    with serving() as serve:
        address = f"http://127.0.0.1:{serve().port}"

        def arrive(who: str) -> Page:
            visitors.append(Visitor(browser.new_context(viewport={"width": 1440, "height": 900}).new_page(), address))
            page = visitors[-1].sign_in(who).page
            page.goto(f"{address}{GRID}")
            page.wait_for_selector(".tabulator-row")
            return page

        yield arrive
        for visitor in visitors:
            visitor.page.context.close()
    assert [trouble for visitor in visitors for trouble in visitor.troubles] == []


def is_live(page: Page) -> None:
    expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=15_000)


def test_an_edit_appears_in_the_other_window_and_a_half_typed_value_survives_it(look: Look, scene: Scene) -> None:
    ann, bob = look("demand_planner"), look("demand_planner2")
    for page in (ann, bob):
        is_live(page)
    type_into(ann, FAMILY, "110")
    give_reason(ann)
    expect(cell(bob, FAMILY)).to_have_text("110", timeout=10_000)
    expect(bob.locator("#grid-said")).to_contain_text("Demand Planner changed 3 series")
    expect(bob.locator("#plan-revision")).to_contain_text(ann.locator("#plan-revision").inner_text().split()[-1])
    expect(bob.locator("#present")).to_contain_text("Demand Planner looks at", timeout=10_000)
    expect(bob.locator("#grid .here").first).to_have_text("DP")

    cell(bob, FAMILY).click()
    bob.keyboard.type("95")
    scene.edit(one(scene.node(family=FAMILY), 120_000))
    expect(bob.locator("#grid-said")).to_contain_text("shown when you leave this cell", timeout=10_000)
    assert bob.locator("#grid .tabulator-editing input").input_value() == "95"
    bob.keyboard.press("Enter")
    give_reason(bob, "sure of it")
    expect(bob.locator(".conflict")).to_contain_text("changed this to 120")
    expect(bob.locator(".conflict")).to_contain_text("Yours: 95")
    assert axe_violations(bob) == []


def test_a_run_is_followed_without_asking(look: Look, scene: Scene) -> None:
    bob = look("demand_planner2")
    is_live(bob)
    asked: list[str] = []
    bob.wait_for_timeout(1000)
    bob.on("request", lambda request: asked.append(request.url))
    bob.wait_for_timeout(3000)
    assert asked == [], "an open stream is no reason to ask"
    request_run(kind=KIND, plan=scene.plan, actor=scene.cast.demand_planner)
    expect(bob.locator("#active-runs")).to_contain_text("waits", timeout=10_000)
    drain_runs()
    expect(bob.locator("#active-runs")).to_contain_text("Up to date", timeout=10_000)


def test_without_redis_the_page_asks_and_it_is_live_again_when_redis_is_back(
    look: Look, scene: Scene, settings: Any
) -> None:
    right, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    request_run(kind=KIND, plan=scene.plan, actor=scene.cast.demand_planner)
    bob = look("demand_planner2")
    expect(bob.locator("#live")).to_have_attribute("data-state", "waiting")
    expect(bob.locator("#active-runs")).to_contain_text("waits")
    drain_runs()
    expect(bob.locator("#active-runs")).to_contain_text("Up to date", timeout=10_000)
    settings.REDIS_URL = right
    is_live(bob)
    expect(bob.locator("#live [data-words]")).to_contain_text("Live")
