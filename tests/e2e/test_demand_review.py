"""The demand review in a browser: sentence, bridge, drill, owed, classes, accuracy; both themes, phone to wide screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import expect

from cycles.models import Cycle, Plan
from demand.models import FamilyConfirmation
from tests.cast import Cast
from tests.demand.scene import FIRST, Scene, make_scene, one, sell
from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e
Visit = Callable[..., Visitor]
OAK, NORTH = "CHAIR-OAK", "NORTH/DIRECT"


@pytest.fixture
def scene(cast: Cast) -> Scene:
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [20] * 24 + [40]})
    made.edit(one(made.node(item=OAK, market=NORTH), 45_000, FIRST, FIRST + 1), reason="New dealer in the north")
    return made


def test_from_the_sentence_to_the_edit_and_the_grid(scene: Scene, visit: Visit) -> None:
    visitor = visit("demand_planner")
    page = visitor.open("/demand/2014-01/review/?show=value")
    expect(page.locator(".headline")).to_contain_text("against budget")
    page.locator("#bridge .barlayer .point, #bridge .waterfalllayer .point").nth(1).click(force=True)
    expect(page.locator("#drill")).to_contain_text("New dealer in the north")
    page.click("#nodes >> text=Region")
    page.click("#nodes >> text=North")
    expect(page.locator("#nodes h2")).to_contain_text("in North")
    page.click("#owed >> text=It stands LAMPS")
    expect(page.locator("#owed")).not_to_contain_text("LAMPS")
    assert FamilyConfirmation.objects.get().family.code == "LAMPS"
    visitor.check()
    page.click("#nodes tbody >> text=CHAIRS")
    page.wait_for_selector(".tabulator-row")
    expect(page.locator("#selection")).to_contain_text("CHAIRS")


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 390)])
def test_every_page_of_the_review_in_its_windows(scene: Scene, visit: Visit, theme: str, width: int) -> None:
    first = date(2014, 2, 1)
    cycle = Cycle.objects.create(month=first, opened_by=scene.cast.demand_planner)
    Plan.objects.create(cycle=cycle, number="2014-02", first_month=first, horizon=12)
    visitor = visit("finance", theme=theme, width=width)
    for path in ("2014-01/review/?show=units", "2014-02/accuracy/", "2014-02/classes/?class=AX", "2014-02/review/"):
        visitor.open(f"/demand/{path}")
        visitor.check()
