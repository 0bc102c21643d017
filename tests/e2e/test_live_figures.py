"""A demand edit in one window moves the finance headline in another within a second, before any run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import caches
from playwright.sync_api import Browser, Page, expect

from cycles.models import Plan, Run, RunState, Stage
from cycles.services.runs import drain_runs
from cycles.workflow import StageKind
from tests.cast import Cast
from tests.e2e.conftest import Visitor, axe_violations
from tests.e2e.test_demand_page import give_reason, type_into
from tests.finance.sample_plan import Sample, land, sample_plan
from tests.live.serving import serving

pytestmark = pytest.mark.e2e
Look = Callable[[str, str], Page]
PATIENCE_SECONDS = 10.0  # of a busy machine; what it took is printed
GRID = "/demand/2014-06/?show=units"


@pytest.fixture
def landed(cast: Cast) -> Sample:
    """The small company's plan, landed, with its demand stage open."""
    for name in ("figures", "rates"):
        caches[name].clear()
    sample = sample_plan()
    land(sample)
    stages = Stage.objects.filter(plan=sample.plan)
    stages.filter(kind=StageKind.DATA.value).update(status="not_started")
    stages.filter(kind=StageKind.DEMAND.value).update(status="open")
    return sample


@pytest.fixture
def look(browser: Browser, settings: Any, landed: Sample) -> Iterator[Look]:
    """Open a page as somebody in a window of its own, on a server whose pages are live and whose workers sleep."""
    settings.SOP_LIVE, settings.SOP_WAKE_WORKERS = True, False
    visitors: list[Visitor] = []
    with serving() as serve:
        address = f"http://127.0.0.1:{serve().port}"

        def arrive(who: str, path: str) -> Page:
            visitors.append(Visitor(browser.new_context(viewport={"width": 1440, "height": 900}).new_page(), address))
            page = visitors[-1].sign_in(who).page
            page.goto(f"{address}{path}")
            expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=15_000)
            return page

        yield arrive
        for visitor in visitors:
            visitor.page.context.close()
    assert [trouble for visitor in visitors for trouble in visitor.troubles] == []


def test_an_edit_moves_the_headline_of_another_window_before_any_run(look: Look, landed: Sample) -> None:
    cfo = look("finance", "/finance/2014-06/")
    expect(cfo.locator("#finance-live")).to_contain_text("Figures as of revision")
    assert cfo.locator("#live-headline").inner_text() == ""
    planner = look("demand_planner", GRID)
    planner.wait_for_selector(".tabulator-row")
    type_into(planner, "CHAIRS", "1000")
    give_reason(planner)
    start = time.monotonic()
    expect(cfo.locator("#live-headline")).to_contain_text("Live", timeout=PATIENCE_SECONDS * 1000)
    took = time.monotonic() - start
    print(f"\nheadline moved {took:.2f} s after the edit")
    assert Run.objects.filter(kind="finance.landing", state=RunState.QUEUED.value).exists(), "no run was needed"
    revision = Plan.objects.get(pk=landed.plan.pk).revision
    expect(cfo.locator("#finance-live")).to_contain_text(f"as of revision {revision}")
    assert axe_violations(cfo) == []
    drain_runs()
    expect(cfo.locator("#finance-live")).to_contain_text("Figures as of revision", timeout=PATIENCE_SECONDS * 1000)
    expect(cfo.locator("#live-headline")).to_have_text("")


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 390)])
def test_the_statement_in_every_period_theme_and_width(
    landed: Sample, visit: Callable[..., Visitor], theme: str, width: int
) -> None:
    visitor = visit("finance", theme=theme, width=width)
    for query in ("by=month", "by=year", "by=rolling", "by=quarter&show=units", "by=quarter&show=value"):
        page = visitor.open(f"/finance/2014-06/cash/?{query}")
        visitor.check()
        assert page.locator("table.statement tbody tr").count() > 4
        assert page.locator("[data-chart='profit-figure'] .plot-container").count() == 1
