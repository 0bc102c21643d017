"""Plans of 24,000 to 4,000,000 cells: dollarize and store, bridge with every driver, live roll-up; printed as ratios."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest

from benchmarks.floor import measure_floor
from benchmarks.naive import measure_naive
from benchmarks.plans import BenchPlan, make_plan
from catalog.frames.series_rows import write_series
from cycles.selectors import Scope
from finance.calc.bridge import BridgeBlock, BridgeRates, BudgetSide, Driver, PlanSide, bridge
from finance.calc.series_money import SeriesMoney, SeriesUnits, dollarize
from finance.frames.drill import Level, rollup
from finance.frames.landing_inputs import load_units
from finance.models import BridgeLeaf, MoneySeries

pytestmark = [pytest.mark.bench, pytest.mark.django_db]

SIZES = (24_000, 250_000, 1_000_000, 4_000_000)
NAIVE_UP_TO = 1_000_000
EVERYTHING = Scope(((None, None),))
Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def store_money(bench: BenchPlan, units: SeriesUnits, money: SeriesMoney) -> None:
    columns = {
        "unconstrained_units": units.wanted,
        "shipped_units": units.shipped,
        "upside_cents": money.upside,
        "revenue_cents": money.revenue,
        "cogs_cents": money.cogs,
        "cost_to_serve_cents": money.channel_cost,
        "net_price4": bench.rates.net_price4,
        "cost4": bench.rates.cost4,
        "fx6": bench.rates.fx6,
    }
    keys = [bench.plan.pk, units.items, units.markets]
    write_series(
        MoneySeries._meta.db_table, ["plan_id", "item_id", "market_id"], list(columns), keys, list(columns.values())
    )


def bridged(bench: BenchPlan, units: SeriesUnits, money: SeriesMoney) -> BridgeBlock:
    year = slice(0, 12)
    factor = np.random.default_rng(3).uniform(0.8, 1.2, (len(units.items), 1))
    budget = BudgetSide(units.wanted[:, year] * factor, (money.upside[:, year] * factor * 1.02).astype(np.int64))
    plan = PlanSide(units.wanted[:, year].astype(float), money.upside[:, year], money.revenue[:, year])
    ones = np.ones(budget.units.shape)
    return bridge(budget, plan, BridgeRates(bench.families * 2**31 + units.markets, ones, ones))


def store_leaves(bench: BenchPlan, units: SeriesUnits, block: BridgeBlock) -> None:
    year, ones = slice(0, 12), np.ones(block.budget.shape, dtype=np.int64)
    columns = {
        "qb_nano": units.wanted[:, year] * 1_000_000,
        "qu": units.wanted[:, year],
        "qa": units.shipped[:, year],
        "budget_fx6": ones * 1_000_000,
        "plan_fx6": ones * 1_000_000,
        "budget_cents": block.budget,
        "upside_cents": block.landing,
        "landing_cents": block.landing,
        "whole_change": block.whole_change.astype(np.int64),
    } | {driver.value: block.drivers[position] for position, driver in enumerate(Driver)}
    keys = [bench.plan.pk, 2014, units.items, bench.families, units.markets, 1, 0]
    names = ["plan_id", "fiscal_year", "item_id", "family_id", "market_id", "rule", "flag"]
    write_series(BridgeLeaf._meta.db_table, names, list(columns), keys, list(columns.values()))


@pytest.mark.parametrize("cells", SIZES)
def test_scale(cells: int) -> None:
    bench = make_plan(cells)
    floor = measure_floor(len(bench.items))
    read, (units, is_constrained) = timed(lambda: load_units(bench.plan))
    assert is_constrained
    compute, money = timed(lambda: dollarize(units, bench.rates))
    store, _ = timed(lambda: store_money(bench, units, money))
    drivers, block = timed(lambda: bridged(bench, units, money))
    leaves, _ = timed(lambda: store_leaves(bench, units, block))
    live, frame = timed(lambda: rollup(bench.plan, Level.FAMILY, EVERYTHING))
    assert int(frame.iloc[:, 2:].to_numpy().sum()) == int(money.revenue.sum())
    whole = read + compute + store
    print(
        f"\n{cells:>9,} cells · floor {floor.seconds:.3f} s ({floor.megabytes_per_second:,.0f} MB/s)"
        f" · dollarize and store {whole:.3f} s = {whole / floor.seconds:.2f} × floor"
        f" (read {read:.3f}, dollars {compute:.3f}, write {store:.3f})"
        f" · drivers {drivers:.3f} s, leaves written {leaves:.3f} s,"
        f" all {(whole + drivers + leaves) / floor.seconds:.2f} × floor · live roll-up {live:.3f} s"
    )
    if cells <= NAIVE_UP_TO:
        naive = measure_naive(bench, units.wanted)
        print(f"{'':>9} naive merge and inserts {naive:.3f} s = {naive / floor.seconds:.1f} × floor")
