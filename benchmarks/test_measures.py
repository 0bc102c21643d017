"""The whole landing, all measures and all drivers, stored by its run and live in memory, as ratios to the floor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest
from django.core.cache import caches
from django.db import connection

from benchmarks.floor import Floor, measure_floor
from benchmarks.plans import BenchPlan
from benchmarks.whole_plans import make_whole_plan
from cycles.models import Plan, User
from cycles.services.plans import bump_revision
from cycles.services.runs import execute_run, request_run
from finance.calc.bridge import Driver
from finance.frames.landing_inputs import load_landing
from finance.frames.live import live_months
from finance.selectors import driver_totals
from finance.selectors.live import stored_totals, year_totals
from finance.services.landing import compute_landing

pytestmark = [pytest.mark.bench, pytest.mark.django_db]

SIZES = (24_000, 250_000, 1_000_000)
Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def edited(bench: BenchPlan) -> None:
    """One more unit in the first month of one series, as the ledger moves it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE demand_series SET consensus[1] = consensus[1] + 1000"
            " WHERE plan_id = %s AND item_id = %s AND market_id = %s",
            (bench.plan.pk, int(bench.items[0]), int(bench.markets[0])),
        )
    bump_revision(Plan.objects.get(pk=bench.plan.pk), ledger="demand")


@pytest.mark.parametrize("cells", SIZES)
def test_measures(cells: int) -> None:
    for name in ("figures", "rates"):
        caches[name].clear()
    bench = make_whole_plan(cells)
    plan, floor = bench.plan, measure_floor(len(bench.items))
    read, inputs = timed(lambda: load_landing(plan))
    compute, landing = timed(lambda: compute_landing(inputs))
    run = request_run(kind="finance.landing", plan=plan, actor=User.objects.get(username="bench"))
    stored, done = timed(lambda: execute_run(run.pk))
    assert done.state == "succeeded", done.message
    assert landing.dollars.company is not None and len(driver_totals(plan)) == len(Driver)
    print(f"\n{cells:>9,} cells · floor {floor.seconds:.3f} s ({floor.megabytes_per_second:,.0f} MB/s)")
    show(floor, "run: read, all measures, all drivers, stored", stored)
    show(floor, "in memory: read", read)
    show(floor, "in memory: all measures and all drivers", compute)
    live(bench, floor)


def live(bench: BenchPlan, floor: Floor) -> None:
    """The live roll-up: cold, kept, and after an edit, each equal to what a run stores."""
    plan = bench.plan
    cold, now = timed(lambda: live_months(plan))
    kept, _ = timed(lambda: live_months(plan))
    stored = stored_totals(plan)
    assert stored is not None and year_totals(plan, now.months, now.cash) == stored[1]
    show(floor, "live: all measures, nothing known", cold)
    show(floor, "live: nothing moved", kept)
    edited(bench)
    moved, after = timed(lambda: live_months(plan))
    assert not after.is_constrained and after.months[0].upside_cents > now.months[0].upside_cents
    show(floor, "live: after an edit", moved)


def show(floor: Floor, what: str, seconds: float) -> None:
    print(f"{'':>9} {what:<48} {seconds:7.3f} s = {seconds / floor.seconds:6.2f} × floor")
