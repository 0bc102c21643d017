"""Leaves of a year: actuals beside plan, the budget brought to them without losing a cent; streams and premiums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from catalog.calc.dollars import to_cents
from demand.calc.stream_steps import stream_steps
from finance.calc.bridge import Driver
from finance.calc.landing import bridge_leaves
from finance.calc.leaves import (
    NO_ITEM,
    BudgetRows,
    BudgetRule,
    LeafTable,
    SeriesAmounts,
    budget_by_plan_mix,
    budget_in_own_detail,
    stacked_rows,
    with_families,
    year_leaves,
)
from finance.calc.series_money import SeriesRates, SeriesUnits, dollarize, share_premiums
from finance.calc.window import FiscalWindow, fiscal_window

WINDOW = FiscalWindow(fiscal_year=2014, first_month=2014 * 12 + 2, horizon=24, start=2014 * 12)
FAMILY_OF = {1: 10, 2: 10, 3: 20}


def series(items: list[int], markets: list[int], units: np.ndarray) -> SeriesAmounts:
    return SeriesAmounts(np.array(items), np.array(markets), units, units, units * 3, units * 2)


def table() -> LeafTable:
    """Items 1 and 2 of family 10 in market 5, item 3 of family 20 in market 6; two closed months."""
    actual = series([1, 3], [5, 6], np.array([[10, 20], [5, 5]]))
    plan = series([1, 2], [5, 5], np.stack([np.arange(24), np.full(24, 100)]))
    return with_families(year_leaves(actual, plan, WINDOW), FAMILY_OF)


def rows(items: list[int], families: list[int], markets: list[int], units: float, cents: int) -> BudgetRows:
    count = len(items)
    return BudgetRows(
        np.array(items, dtype=np.int64),
        np.array(families, dtype=np.int64),
        np.array(markets, dtype=np.int64),
        np.full((count, 12), units),
        np.full((count, 12), cents, dtype=np.int64),
    )


@pytest.mark.parametrize(
    ("first", "start_month", "expected"),
    [((2013, 11), 5, (2014, 6, 6)), ((2014, 5), 5, (2015, 0, 12)), ((2014, 1), 1, (2014, 0, 12))],
)
def test_the_fiscal_year_of_a_plan(first: tuple[int, int], start_month: int, expected: tuple[int, int, int]) -> None:
    window = fiscal_window(first[0] * 12 + first[1] - 1, 24, start_month)
    assert (window.fiscal_year, window.closed, window.open) == expected
    assert window.uncovered == 0
    assert fiscal_window(2014 * 12, 6, 1).uncovered == 6


def test_actuals_stand_before_the_plan_and_the_horizon_is_cut_at_the_years_end() -> None:
    leaves = table()
    assert list(zip(leaves.items.tolist(), leaves.markets.tolist(), strict=True)) == [(1, 5), (2, 5), (3, 6)]
    assert leaves.wanted[0].tolist() == [10, 20, *range(10)]
    assert leaves.wanted[2].tolist() == [5, 5, *[0] * 10]
    assert leaves.upside[1].tolist() == [0, 0, *[300] * 10]
    assert leaves.families.tolist() == [10, 10, 20]


def test_plan_mix_shares_by_the_months_units() -> None:
    """March: plan units 1 and 100 of 101, so 1,010 cents become 10 and 1,000; the price is the family's for both."""
    leaves = budget_by_plan_mix(table(), rows([NO_ITEM], [10], [5], 202.0, 1_010))
    assert leaves.budget[:2, 3].tolist() == [10, 1_000]
    assert leaves.budget_units[:2, 3].tolist() == pytest.approx([2.0, 200.0])
    assert leaves.budget[:2].sum(axis=0).tolist() == [1_010] * 12
    assert leaves.rule[:2].tolist() == [BudgetRule.PLAN_MIX] * 2


def test_a_family_without_units_in_the_year_keeps_a_residual_leaf() -> None:
    leaves = budget_by_plan_mix(table(), rows([NO_ITEM, 9], [30, 30], [5, 6], 5.0, 77))
    assert leaves.items[-2:].tolist() == [NO_ITEM, NO_ITEM]
    assert leaves.rule[-2:].tolist() == [BudgetRule.FAMILY_RESIDUAL] * 2
    assert leaves.budget.sum() == 2 * 12 * 77


def test_mix_level_family_has_no_mix_and_the_familys_volume() -> None:
    budget = rows([NO_ITEM], [10], [5], 50_000.0, 12_345)
    leaves = budget_by_plan_mix(table(), budget)
    ones = np.full(leaves.budget.shape, 1_000_000)
    block = bridge_leaves(leaves, leaves.families, ones, ones)
    totals = block.totals()
    assert abs(totals[Driver.MIX]) <= 12
    units = leaves.wanted[:2].sum()
    volume = 12 * 12_345 / 50_000 / 12 * (units - 12 * 50_000)
    assert totals[Driver.VOLUME] == pytest.approx(volume, abs=24)


def test_own_detail_finds_its_leaf_or_makes_one() -> None:
    given_rows = stacked_rows(rows([2, 8], [10, 10], [5, 5], 1.0, 11), rows([NO_ITEM], [40], [6], 2.0, 22))
    leaves = budget_in_own_detail(table(), given_rows, np.array([1, 2, 4]))
    assert leaves.items.tolist() == [1, 2, 3, 8, NO_ITEM]
    assert leaves.budget[:, 0].tolist() == [0, 11, 0, 11, 22]
    assert leaves.rule.tolist() == [0, 1, 0, 2, 4]


def test_an_empty_year_has_no_leaves() -> None:
    nothing = SeriesAmounts(*(np.zeros(0, dtype=np.int64),) * 2, *(np.zeros((0, 24), dtype=np.int64),) * 4)
    assert len(year_leaves(nothing, nothing, WINDOW).items) == 0


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.int64, (4, 24), elements=st.integers(-5, 90)),
    arrays(np.int64, (3, 12), elements=st.integers(-9_999, 99_999)),
    st.lists(st.sampled_from([10, 20, 30]), min_size=3, max_size=3, unique=True),
)
def test_no_cent_of_a_budget_is_lost(plan_units: np.ndarray, cents: np.ndarray, families: list[int]) -> None:
    """Positive, zero and negative budgets over families with, without and with returned units."""
    plan = series([1, 2, 3, 1], [5, 5, 5, 6], plan_units)
    empty = SeriesAmounts(*(np.zeros(0, dtype=np.int64),) * 2, *(np.zeros((0, 2), dtype=np.int64),) * 4)
    leaves = with_families(year_leaves(empty, plan, WINDOW), FAMILY_OF)
    budget = BudgetRows(np.zeros(3, np.int64), np.array(families), np.full(3, 5), np.abs(cents) / 7.0, cents)
    placed = budget_by_plan_mix(leaves, budget)
    assert (placed.budget.sum(axis=0) == cents.sum(axis=0)).all()
    for family, amounts in zip(families, cents, strict=True):
        here = (placed.families == family) & (placed.markets == 5)
        assert (placed.budget[here].sum(axis=0) == amounts).all()


def test_a_missing_rate_makes_no_dollars() -> None:
    one = np.ones((1, 1), dtype=np.int64)
    units = SeriesUnits(one[0], one[0], one * 5_000, one * 4_000)
    money = dollarize(units, SeriesRates(one * -1, one * -1, one * 0, one * 1_000_000))
    assert (money.upside[0, 0], money.revenue[0, 0], money.cogs[0, 0]) == (0, 0, 0)
    foreign = dollarize(units, SeriesRates(one * 20_000, one * 10_000, one * 500, one * 1_170_000))
    assert foreign.upside[0, 0] == 5 * 2 * 117
    assert foreign.revenue[0, 0] == 4 * 2 * 117
    assert foreign.channel_cost[0, 0] == 4 * 5


def test_premiums_follow_shipments_and_components_stay_with_the_company() -> None:
    """101 cents of item 1 over shipments 1 : 2 become 34 and 67; item 9 has no series."""
    units = SeriesUnits(
        np.array([1, 1, 2]), np.array([5, 6, 5]), np.array([[1], [2], [0]]), np.array([[1_000], [2_000], [0]])
    )
    shared = share_premiums(units, np.array([1, 2, 9]), np.array([[101], [7], [500]]))
    assert shared[:, 0].tolist() == [34, 67, 7]


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.int64, (2, 3), elements=st.integers(-500, 5_000)),
    arrays(np.int64, (4, 2, 3), elements=st.integers(-500, 5_000)),
)
def test_streams_add_to_the_priced_consensus(baseline: np.ndarray, deltas: np.ndarray) -> None:
    price = np.array([[3_333, 77_777, 1], [123_456, 5, 99_999]])
    steps = stream_steps(baseline, deltas, lambda units: to_cents(units, price))
    assert (steps.sum(axis=0) == to_cents(baseline + deltas.sum(axis=0), price)).all()
