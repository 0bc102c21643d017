"""The budget on leaves: by hand for each rule, and conserved to the cent for anything."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.calc.budget import BudgetLeaves, BudgetLevels, BudgetRows, BudgetRule, bring_to_leaves

# Items 1, 2 in family 10 and 3 in family 11, both in category 20; market 100 = region 200 × channel 300, market 101 =
# region 201 × channel 300. Leaves: (1,100) (2,100) (3,100) (1,101).
ITEM, FAMILY, MARKET, REGION = [1, 2, 3, 1], [10, 10, 11, 10], [100, 100, 100, 101], [200, 200, 200, 201]


def ints(values) -> np.ndarray:
    return np.array(values, np.int64)


def leaves(prior, plan=None, alive=None, successor=(-1, -1, -1, -1)) -> BudgetLeaves:
    units = np.array(prior, float).reshape(4, -1)
    shape = units.shape
    return BudgetLeaves(
        levels=BudgetLevels(ints(ITEM), ints(FAMILY), ints([20] * 4), ints(MARKET), ints(REGION), ints([300] * 4)),
        successor=ints(successor),
        alive=np.ones(shape, bool) if alive is None else np.array(alive, bool).reshape(shape),
        prior_units=units,
        prior_revenue=units * 7,
        prior_cogs=units * 5,
        plan_units=np.zeros(shape) if plan is None else np.array(plan, float).reshape(shape),
    )


def row(revenue: int, *, month=0, units=0.0, cogs=0, **keys: int) -> BudgetRows:
    levels = {
        name: ints([keys.get(name, -1)]) for name in ("item", "family", "category", "market", "region", "channel")
    }
    return BudgetRows(BudgetLevels(**levels), ints([month]), np.array([units]), ints([revenue]), ints([cogs]))


def test_own_detail_goes_to_its_leaf_even_when_ended() -> None:
    result = bring_to_leaves(row(99, item=2, market=100, units=3.0, cogs=50), leaves([0, 0, 0, 0], alive=[1, 0, 1, 1]))
    assert result.revenue[:, 0].tolist() == [0, 99, 0, 0]
    assert (result.units[1, 0], result.cogs[1, 0], result.rule[1, 0]) == (3.0, 50, BudgetRule.OWN_DETAIL)


def test_prior_year_mix_by_largest_remainder() -> None:
    # Family 10 in market 100 sold 1 and 2: 100 cents are 33.33 and 66.67; nothing goes to the other family or market.
    result = bring_to_leaves(row(100, family=10, market=100, units=9.0), leaves([1, 2, 5, 5]))
    assert result.revenue[:, 0].tolist() == [33, 67, 0, 0]
    assert result.units[:, 0].tolist() == [3.0, 6.0, 0.0, 0.0]
    assert result.rule[:, 0].tolist() == [2, 2, 0, 0]


def test_share_of_an_ended_item_goes_to_its_successor() -> None:
    with_heir = leaves([3, 1, 0, 4], alive=[0, 1, 1, 1], successor=[1, -1, -1, -1])
    assert bring_to_leaves(row(80, family=10), with_heir).revenue[:, 0].tolist() == [0, 40, 0, 40]


def test_without_successor_pro_rata() -> None:
    ended = leaves([3, 1, 0, 4], alive=[0, 1, 1, 1])
    assert bring_to_leaves(row(80, family=10), ended).revenue[:, 0].tolist() == [0, 16, 0, 64]


def test_a_month_without_sales_takes_the_mix_of_the_year() -> None:
    result = bring_to_leaves(row(40, month=1, family=10, market=100), leaves([[3, 0], [1, 0], [0, 0], [0, 0]]))
    assert result.revenue[:, 1].tolist() == [30, 10, 0, 0]
    assert result.revenue[:, 0].tolist() == [0, 0, 0, 0]


def test_else_plan_mix_and_it_says_so() -> None:
    result = bring_to_leaves(row(40, category=20, region=200), leaves([0, 0, 0, 0], plan=[1, 1, 2, 9]))
    assert result.revenue[:, 0].tolist() == [10, 10, 20, 0]
    assert result.rule[:, 0].tolist() == [3, 3, 3, 0]


def test_what_nobody_can_carry_is_named_not_dropped() -> None:
    result = bring_to_leaves(row(40, family=11), leaves([1, 1, 0, 1]))
    assert result.stranded.tolist() == [True]
    assert not result.revenue.any() and not result.rule.any()
    unknown = bring_to_leaves(row(40, item=77, market=100), leaves([1, 1, 1, 1]))
    assert unknown.stranded.tolist() == [True]


def test_returns_last_year_carry_nothing() -> None:
    assert bring_to_leaves(row(40, family=10, market=100), leaves([-5, 2, 0, 0])).revenue[:, 0].tolist() == [
        0,
        40,
        0,
        0,
    ]


def test_empty_budget_and_no_leaves() -> None:
    one = row(40, family=10)
    none = BudgetRows(BudgetLevels(*[ints([])] * 6), ints([]), np.zeros(0), ints([]), ints([]))
    assert not bring_to_leaves(none, leaves([1, 1, 1, 1])).revenue.any()
    nowhere = BudgetLeaves(
        BudgetLevels(*[ints([])] * 6), ints([]), *[np.zeros((0, 1), bool)] * 1, *[np.zeros((0, 1))] * 4
    )
    assert bring_to_leaves(one, nowhere).stranded.tolist() == [True]


def test_a_month_outside_the_year_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        bring_to_leaves(row(1, month=1, family=10), leaves([1, 1, 1, 1]))
    with pytest.raises(ValueError, match="one shape"):
        bring_to_leaves(row(1, family=10), replace(leaves([1, 1, 1, 1]), plan_units=np.zeros((4, 2))))


level = st.sampled_from([-1, 0, 1, 2])


@st.composite
def anything(draw) -> tuple[BudgetRows, BudgetLeaves]:
    count, months = draw(st.integers(0, 12)), draw(st.integers(1, 3))
    keys = [(item, market) for item in range(3) for market in range(3)]
    levels = BudgetLevels(
        item=ints([item for item, _ in keys]),
        family=ints([item // 2 for item, _ in keys]),
        category=ints([0] * 9),
        market=ints([market for _, market in keys]),
        region=ints([market // 2 for _, market in keys]),
        channel=ints([market % 2 for _, market in keys]),
    )
    block = st.lists(st.integers(-5, 50), min_size=9 * months, max_size=9 * months)
    numbers = [np.array(draw(block), float).reshape(9, months) for _ in range(4)]
    alive = np.array(draw(st.lists(st.booleans(), min_size=9 * months, max_size=9 * months))).reshape(9, months)
    successor = ints(draw(st.lists(st.integers(-1, 8), min_size=9, max_size=9)))
    column = st.lists(level, min_size=count, max_size=count)
    cents = st.lists(st.integers(-(10**9), 10**9), min_size=count, max_size=count)
    rows = BudgetRows(
        levels=BudgetLevels(*(ints(draw(column)) for _ in range(6))),
        month=ints(draw(st.lists(st.integers(0, months - 1), min_size=count, max_size=count))),
        units=np.array(draw(cents), float),
        revenue=ints(draw(cents)),
        cogs=ints(draw(cents)),
    )
    return rows, BudgetLeaves(levels, successor, alive, *numbers)


@given(anything())
@settings(max_examples=200)
def test_not_a_cent_is_lost(case: tuple[BudgetRows, BudgetLeaves]) -> None:
    rows, candidates = case
    result = bring_to_leaves(rows, candidates)
    for month in range(candidates.alive.shape[1]):
        placed = (rows.month == month) & ~result.stranded
        assert result.revenue[:, month].sum() == rows.revenue[placed].sum()
        assert result.cogs[:, month].sum() == rows.cogs[placed].sum()
        assert result.units[:, month].sum() == pytest.approx(rows.units[placed].sum(), abs=1e-3)
    assert not result.revenue[result.rule == 0].any()


def test_five_thousand_series_take_no_loop() -> None:
    count, months = 5000, 12
    rng = np.random.default_rng(1)
    item, market = np.divmod(np.arange(count), 20)
    levels = BudgetLevels(item, item // 10, item // 100, market, market // 2, market % 2)
    units = rng.integers(0, 100, (count, months)).astype(float)
    big = BudgetLeaves(levels, np.full(count, -1), units > 5, units, units * 7, units * 5, units)
    families = np.repeat(np.arange(25), 20 * months)
    rest = -np.ones_like(families)
    rows = BudgetRows(
        BudgetLevels(rest, families, rest, np.tile(np.repeat(np.arange(20), months), 25), rest, rest),
        np.tile(np.arange(months), 25 * 20),
        np.full(len(families), 1000.0),
        rng.integers(0, 10**8, len(families)),
        rng.integers(0, 10**8, len(families)),
    )
    start = perf_counter()
    result = bring_to_leaves(rows, big)
    assert perf_counter() - start < 2.0
    assert result.revenue.sum() + rows.revenue[result.stranded].sum() == rows.revenue.sum()
