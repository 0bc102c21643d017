"""The demand page in a browser on 2,000 series × 24 months: from the start of the navigation to painted figures."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession
from pytest_django.live_server_helper import LiveServer

from benchmarks.plans import BenchPlan
from benchmarks.whole_plans import make_demand_plan
from cycles.models import Membership, User
from cycles.policy import Role
from tests.e2e.conftest import Visitor, _orm_beside_playwright, browser

__all__ = ["_orm_beside_playwright", "browser"]
pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

CELLS, OPENINGS = 48_000, 5
#: Notes the moment at which the first cell with a figure is on the screen: the frame after the one that it came in.
WATCH = """
new MutationObserver((_, watch) => {
  const cell = document.querySelector('#grid .tabulator-row .tabulator-cell[tabulator-field=m0]');
  if (!cell?.textContent) return;
  watch.disconnect();
  window.cameIn = performance.now();
  requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
}).observe(document, {childList: true, subtree: true, characterData: true});
"""
PHASES = """() => {
  const [page] = performance.getEntriesByType('navigation');
  const grid = performance.getEntriesByType('resource').find((one) => /\\/grid\\/(\\?|$)/.test(one.name));
  return {html: page.responseEnd, asked: grid.startTime, answered: grid.responseEnd, cells: window.cameIn, painted: window.painted};
}"""


def open_once(context: BrowserContext, address: str) -> dict[str, float]:
    """Milliseconds since the start of the navigation, and of processor time: of the page's process, and here (the server's)."""
    page = context.new_page()
    page.add_init_script(WATCH)
    meter = context.new_cdp_session(page)
    meter.send("Performance.enable")
    before, began = _metrics(meter), time.process_time()
    page.goto(address, wait_until="commit")
    while not page.evaluate("window.painted"):
        page.wait_for_timeout(25)
    here = (time.process_time() - began) * 1000
    told: dict[str, Any] = page.evaluate(PHASES)
    work = _metrics(meter)
    work["ProcessTime"] -= before["ProcessTime"]
    page.wait_for_load_state("networkidle")
    page.close()
    return {
        **told,
        "here": here,
        **{name: work[name] for name in ("ProcessTime", "LayoutDuration", "RecalcStyleDuration")},
    }


def _metrics(meter: CDPSession) -> dict[str, float]:
    """Milliseconds by name, since the page's process began."""
    return {one["name"]: one["value"] * 1000 for one in meter.send("Performance.getMetrics")["metrics"]}


def show(what: str, runs: list[dict[str, float]]) -> None:
    half = {name: float(np.median([run[name] for run in runs])) for name in runs[0]}
    worst = max(run["painted"] for run in runs)
    print(
        f"{what:>12}: painted {half['painted']:.0f} ms (worst {worst:.0f}) · page {half['html']:.0f} · rows asked {half['asked']:.0f}, "
        f"there {half['answered']:.0f} · cells {half['cells']:.0f} · CPU page {half['ProcessTime']:.0f}, server {half['here']:.0f}, "
        f"layout {half['LayoutDuration']:.0f}, style {half['RecalcStyleDuration']:.0f}"
    )


def test_the_page_opens(browser: Browser, live_server: LiveServer, settings: Any) -> None:
    settings.SOP_WAKE_WORKERS = settings.SOP_LIVE = False
    bench: BenchPlan = make_demand_plan(CELLS)
    person = User.objects.create_user(username="planner")
    Membership.objects.create(user=person, role=Role.DEMAND_PLANNER.value)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    Visitor(context.new_page(), live_server.url).sign_in("planner")
    for display in ("units", "value"):
        address = f"{live_server.url}/demand/{bench.plan.number}/?show={display}"
        print(f"\n{len(bench.items):,} series × 24 months in {display}, load of the machine {os.getloadavg()[0]:.1f}")
        runs = [open_once(context, address) for _ in range(OPENINGS)]
        show("first", runs[:1])
        show("again", runs[1:])
    context.close()
