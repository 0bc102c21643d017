"""The demand grid as a browser meets it, on 2,000 series and on a plan of 1,000,000 cells: each beside its floor."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from benchmarks.grid_floors import floor_of_edit, floor_of_load
from benchmarks.plans import BenchPlan
from benchmarks.whole_plans import make_demand_plan
from cycles.models import Membership, User
from cycles.policy import Role

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

CELLS = (48_000, 1_000_000)
EDITS, SPREADS = 60, 5
PASTED_SERIES, PASTED_MONTHS = 500, 22
SPREAD_LEAVES = 2_000


class Planner:
    """A demand planner's browser: what it asks, and how long the server takes."""

    def __init__(self, bench: BenchPlan) -> None:
        """Signed in, at the plan's present revision."""
        person = User.objects.create_user(username="planner")
        Membership.objects.create(user=person, role=Role.DEMAND_PLANNER.value)
        self._client = Client()
        self._client.force_login(person)
        self._bench = bench
        self.revision = bench.plan.revision

    def load(self, name: str = "grid", **query: str) -> tuple[float, int]:
        """Seconds and bytes of a reading."""
        address = reverse(f"demand:{name}", args=[self._bench.plan.number])
        start = time.perf_counter()
        answer = self._served(lambda: self._client.get(address, query))
        assert answer.status_code == 200, answer.content[:500]
        return time.perf_counter() - start, len(answer.content)

    @staticmethod
    def _served(ask: Callable[[], Any]) -> Any:
        """The answer, worked out in a thread of its own, as the web server does."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(ask).result()

    def edit(self, **gesture: Any) -> float:
        """Seconds of a gesture from the sent bytes to the answer."""
        words = {"session": "w", "reason": "bench", "base_revision": self.revision, "mode": "set"}
        body = json.dumps({**words, **gesture})
        address = reverse("demand:edits", args=[self._bench.plan.number], query={"show": "value"})
        start = time.perf_counter()
        answer = self._served(lambda: self._client.post(address, body, content_type="application/json"))
        seconds = time.perf_counter() - start
        assert answer.status_code == 200, answer.content[:500]
        told = answer.json()
        assert told["edit"] and not told["refused"]
        self.revision = told["revision"]
        return seconds


def cell_edits(bench: BenchPlan, planner: Planner) -> list[float]:
    """One cell after the other, each in another series."""
    first, chance = bench.plan.first_month_index, np.random.default_rng(7)
    rows = chance.choice(len(bench.items), EDITS, replace=False)
    cells = [
        [f"s{bench.items[row]}.{bench.markets[row]}", first + k % 24, 1_000_000 + k * 10] for k, row in enumerate(rows)
    ]
    planner.edit(cells=[[cells[0][0], first, 2_000_000]])
    return [planner.edit(cells=[cell]) for cell in cells]


def paste(bench: BenchPlan, planner: Planner) -> float:
    """A block from a spreadsheet."""
    first = bench.plan.first_month_index
    cells = [
        [f"s{bench.items[row]}.{bench.markets[row]}", first + k, 3_000_000 + (row + k) * 10]
        for row in range(PASTED_SERIES)
        for k in range(PASTED_MONTHS)
    ]
    return planner.edit(cells=cells)


def spreads(bench: BenchPlan, planner: Planner) -> tuple[list[float], np.ndarray]:
    """A total over 2,000 leaves: one market's items, or as many series as there are; and their rows."""
    first, markets = bench.plan.first_month_index, np.unique(bench.markets)
    wanted = markets[: max(SPREAD_LEAVES * len(markets) // len(bench.items), 1)]
    rows = np.flatnonzero(np.isin(bench.markets, wanted))
    nodes = [{"market": int(market)} for market in wanted]
    amounts = [
        planner.edit(instructions=[{"nodes": nodes, "months": [first + k], "value": 10**9 + k * 1000}])
        for k in range(SPREADS)
    ]
    return amounts, rows


@pytest.mark.parametrize("cells", CELLS)
def test_grid(cells: int) -> None:
    bench = make_demand_plan(cells)
    planner = Planner(bench)
    print(f"\n{cells:>9,} cells, {len(bench.items):,} series")
    floor = best_of(lambda: floor_of_load(bench))
    for name, query in (("grid", {}), ("grid", {"show": "value"}), ("history", {"months": "24"}), ("prices", {})):
        planner.load(name, **query)
        seconds, size = planner.load(name, **query)
        show(f"{name} {query.get('show', '')}: {size / 1e6:.1f} MB", [seconds], floor)
    began = time.process_time()
    edits = cell_edits(bench, planner)
    cpu = (time.process_time() - began) / len(edits)
    show(f"cell edit, {cpu * 1000:.0f} ms CPU here", edits, best_of(lambda: floor_of_edit(bench, np.arange(1))))
    amounts, rows = spreads(bench, planner)
    show(f"spread over {len(rows):,} leaves", amounts, best_of(lambda: floor_of_edit(bench, rows)))
    pasted = paste(bench, planner)
    lines = np.arange(PASTED_SERIES)
    show(f"paste of {PASTED_SERIES * PASTED_MONTHS:,} cells", [pasted], best_of(lambda: floor_of_edit(bench, lines)))


def best_of(work: Callable[[], float]) -> float:
    return min(work() for _ in range(3))


def show(what: str, seconds: list[float], floor: float) -> None:
    half, most = np.quantile(seconds, 0.5), np.quantile(seconds, 0.95)
    spread = (
        f"median {half * 1000:7.1f} ms, p95 {most * 1000:7.1f} ms" if len(seconds) > 1 else f"{half * 1000:7.1f} ms"
    )
    print(f"{'':>9} {what:<30} {spread} · floor {floor * 1000:6.1f} ms = {half / floor:5.1f} × floor")
