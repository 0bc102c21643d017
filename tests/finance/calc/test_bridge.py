"""Bridge: the worked examples as derivations, and closure at every level for anything a company can throw at it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from finance.calc.bridge import (
    BridgeBlock,
    BridgeDoesNotClose,
    BridgeRates,
    BudgetSide,
    Driver,
    PlanSide,
    bridge,
    budget_price,
    round_to_total,
)

MILLI = 1000
FOUR_LEAVES_ROUNDED = 4
"""Drivers are rounded per leaf, so a total of four leaves may stand up to four cents from its unrounded formula."""


def column(*values: float) -> np.ndarray:
    """One month: values down the leaves, (leaf, 1)."""
    return np.array(values, dtype=np.float64)[:, None]


def cents(*dollars: float) -> np.ndarray:
    return np.round(column(*dollars) * 100).astype(np.int64)


def one_group(leaves: int, months: int = 1) -> BridgeRates:
    ones = np.ones((leaves, months))
    return BridgeRates(group=np.zeros(leaves, dtype=np.int64), budget_fx=ones, plan_fx=ones)


def driver(block: BridgeBlock, wanted: Driver) -> np.ndarray:
    return block.drivers[list(Driver).index(wanted)]


BUDGET_248 = BudgetSide(
    units=column(1_000_000, 800_000, 500_000, 400_000) * MILLI,
    cents=cents(1_000_000 * 100, 800_000 * 90, 500_000 * 120, 400_000 * 70),
)


def test_248_against_260() -> None:
    """FORMULAS §2, worked example: Qb 2,700,000, Qa 2,590,000, one mix group."""
    amounts = cents(900_000 * 101, 820_000 * 88, 470_000 * 120, 400_000 * 71.35)
    plan = PlanSide(column(900_000, 820_000, 470_000, 400_000) * MILLI, amounts, amounts)
    block = bridge(BUDGET_248, plan, one_group(4))
    volume = (2_590_000 / 2_700_000 - 1) * 260_000_000
    mix = (-100_000 * 100 + 20_000 * 90 - 30_000 * 120) - volume
    totals = block.totals()
    assert int(BUDGET_248.cents.sum()) == 260_000_000_00
    assert int(amounts.sum()) == 248_000_000_00
    assert round(volume * 100) == -10_592_592_59 and round(mix * 100) == -1_207_407_41
    assert abs(totals[Driver.VOLUME] - volume * 100) < FOUR_LEAVES_ROUNDED
    assert abs(totals[Driver.MIX] - mix * 100) < FOUR_LEAVES_ROUNDED
    assert totals[Driver.PRICE] == -200_000_00
    assert sum(totals.values()) == -12_000_000_00


def test_248_price_by_row() -> None:
    amounts = cents(900_000 * 101, 820_000 * 88, 470_000 * 120, 400_000 * 71.35)
    plan = PlanSide(column(900_000, 820_000, 470_000, 400_000) * MILLI, amounts, amounts)
    rows = driver(bridge(BUDGET_248, plan, one_group(4)), Driver.PRICE)[:, 0]
    expected = [900_000 * (101 - 100) * 100, 820_000 * (88 - 90) * 100, 0, 400_000 * 135]
    assert rows.tolist() == pytest.approx(expected, abs=1)


def test_248_volume_rows_leak_when_rounded_alone() -> None:
    """Why largest remainder: four volume rows rounded to whole dollars miss their sum by a dollar."""
    rows = np.array([100_000_000, 72_000_000, 60_000_000, 28_000_000]) * (2_590_000 / 2_700_000 - 1)
    assert abs(np.round(rows).sum() - round(rows.sum())) == 1


def test_248_with_a_supply_constraint() -> None:
    """The same with A wanted at 950,000: the drivers use 950,000, the constraint takes (900,000 − 950,000) × 101."""
    upside = cents(950_000 * 101, 820_000 * 88, 470_000 * 120, 400_000 * 71.35)
    landing = cents(900_000 * 101, 820_000 * 88, 470_000 * 120, 400_000 * 71.35)
    plan = PlanSide(column(950_000, 820_000, 470_000, 400_000) * MILLI, upside, landing)
    totals = bridge(BUDGET_248, plan, one_group(4)).totals()
    assert int(upside.sum()) == 253_050_000_00
    volume = (2_640_000 / 2_700_000 - 1) * 260_000_000_00
    mix = (-50_000 * 100_00 + 20_000 * 90_00 - 30_000 * 120_00) - volume
    assert round(volume) == -5_777_777_78 and round(mix) == -1_022_222_22
    assert abs(totals[Driver.VOLUME] - volume) < FOUR_LEAVES_ROUNDED
    assert abs(totals[Driver.MIX] - mix) < FOUR_LEAVES_ROUNDED
    assert totals[Driver.PRICE] == -150_000_00
    assert totals[Driver.CONSTRAINT] == -50_000 * 101_00 == -5_050_000_00
    assert sum(totals.values()) == -12_000_000_00


def test_soda_king() -> None:
    """Horngren, ex. 14-24, on contribution: volume +1,054,000, mix −234,000, together +820,000."""
    price = np.array([2.00, 1.20, 2.50])
    promised, sold = (np.array([400_000, 600_000, 1_500_000]), np.array([480_000, 900_000, 1_620_000]))
    amounts = cents(*(sold * price))
    block = bridge(
        BudgetSide(column(*promised) * MILLI, cents(*(promised * price))),
        PlanSide(column(*sold) * MILLI, amounts, amounts),
        one_group(3),
    )
    totals = block.totals()
    assert totals[Driver.VOLUME] == (3_000_000 - 2_500_000) * 2_108 // 1_000 * 100 == 1_054_000_00
    assert totals[Driver.MIX] == -234_000_00
    assert totals[Driver.VOLUME] + totals[Driver.MIX] == 820_000_00
    assert totals[Driver.PRICE] == 0


def test_fx_is_the_local_amount_at_the_difference_of_rates() -> None:
    """100 units at 10 local, budget rate 1.10, plan rate 1.17: FX 100 × 10 × 0.07; nothing else moves."""
    rates = BridgeRates(np.zeros(1, dtype=np.int64), np.full((1, 1), 1.10), np.full((1, 1), 1.17))
    amounts = cents(1_170)
    block = bridge(BudgetSide(column(100), cents(1_100)), PlanSide(column(100), amounts, amounts), rates)
    assert block.totals()[Driver.FX] == 100 * 10 * 7
    assert sum(block.totals().values()) == 70_00


def test_a_currency_without_decimals() -> None:
    """Yen has no cents: 1,000 units at 150 yen, 0.0091 to 0.0088 dollars a yen; the report is in dollar cents."""
    rates = BridgeRates(np.zeros(1, dtype=np.int64), np.full((1, 1), 0.0091), np.full((1, 1), 0.0088))
    amounts = cents(1_000 * 150 * 0.0088)
    block = bridge(
        BudgetSide(column(1_000), cents(1_000 * 150 * 0.0091)), PlanSide(column(1_000), amounts, amounts), rates
    )
    assert block.totals()[Driver.FX] == 1_320_00 - 1_365_00


def test_new_and_discontinued_take_the_whole_amount_and_leave_the_mix_group() -> None:
    amounts = cents(500, 0, 1_000)
    block = bridge(
        BudgetSide(column(0, 50, 100), cents(0, 300, 900)), PlanSide(column(25, 0, 100), amounts, amounts), one_group(3)
    )
    totals = block.totals()
    assert (totals[Driver.NEW], totals[Driver.DISCONTINUED], totals[Driver.PRICE]) == (500_00, -300_00, 100_00)
    assert (totals[Driver.VOLUME], totals[Driver.MIX]) == (0, 0)
    assert block.is_new.tolist() == [True, False, False]
    assert block.is_discontinued.tolist() == [False, True, False]


def test_new_is_judged_over_the_year_not_the_month() -> None:
    """Budgeted only in month 1 and sold only in month 2: neither new nor discontinued; month 2 has no group budget."""
    amounts = np.array([[0, 700_00]])
    block = bridge(
        BudgetSide(np.array([[10.0, 0.0]]), np.array([[500_00, 0]])),
        PlanSide(np.array([[0.0, 14.0]]), amounts, amounts),
        one_group(1, 2),
    )
    assert not block.is_new.any() and not block.is_discontinued.any()
    assert driver(block, Driver.VOLUME).tolist() == [[-500_00, 700_00]]
    assert block.whole_change.tolist() == [[False, True]]


def test_group_without_budget_units_puts_the_whole_change_into_volume() -> None:
    budget = BudgetSide(np.array([[-10.0, 10.0]]), np.array([[-100_00, 100_00]]))
    amounts = np.array([[40_00, 100_00]])
    block = bridge(budget, PlanSide(np.array([[4.0, 10.0]]), amounts, amounts), one_group(1, 2))
    assert driver(block, Driver.VOLUME)[0].tolist() == [140_00, 0]
    assert block.whole_change.tolist() == [[True, False]]


def test_amount_without_units_is_a_price_adjustment() -> None:
    budget = BudgetSide(np.array([[10.0, 10.0]]), np.array([[100_00, 100_00]]))
    amounts = np.array([[100_00, -25_00]])
    block = bridge(budget, PlanSide(np.array([[10.0, 0.0]]), amounts, amounts), one_group(1, 2))
    assert driver(block, Driver.PRICE)[0].tolist() == [0, -25_00]
    assert driver(block, Driver.VOLUME)[0].tolist() == [0, -100_00]


def test_budget_amount_without_any_units_is_price() -> None:
    amounts = cents(0)
    block = bridge(BudgetSide(column(0), cents(80)), PlanSide(column(0), amounts, amounts), one_group(1))
    assert block.totals()[Driver.PRICE] == -80_00


def test_month_without_budget_units_takes_the_year_price() -> None:
    budget = BudgetSide(np.array([[10.0, 0.0, 30.0]]), np.array([[1_000, 0, 5_000]]))
    assert budget_price(budget, np.ones((1, 3))).tolist() == [[100.0, (1_000 + 5_000) / 40, 5_000 / 30]]


def test_empty_plan_gives_an_empty_bridge() -> None:
    nothing = np.zeros((0, 12))
    block = bridge(
        BudgetSide(nothing, nothing.astype(np.int64)),
        PlanSide(nothing, nothing.astype(np.int64), nothing.astype(np.int64)),
        BridgeRates(np.zeros(0, dtype=np.int64), nothing, nothing),
    )
    assert block.drivers.shape == (len(Driver), 0, 12)
    assert set(block.totals().values()) == {0}


def test_a_missing_number_is_refused() -> None:
    amounts = cents(10)
    with pytest.raises(BridgeDoesNotClose, match="not a number"):
        bridge(BudgetSide(column(np.nan), cents(10)), PlanSide(column(1), amounts, amounts), one_group(1))


def test_rates_and_shapes_are_checked() -> None:
    amounts = cents(10)
    good = BudgetSide(column(1), cents(10)), PlanSide(column(1), amounts, amounts)
    with pytest.raises(ValueError, match="positive"):
        bridge(*good, BridgeRates(np.zeros(1, dtype=np.int64), np.zeros((1, 1)), np.ones((1, 1))))
    with pytest.raises(ValueError, match="shape"):
        bridge(*good, one_group(2))


def test_round_to_total_refuses_parts_that_miss_the_total() -> None:
    with pytest.raises(BridgeDoesNotClose, match="misses its change by 7"):
        round_to_total(np.zeros((3, 1)), np.array([7]))


LEAVES, MONTHS = 6, 4
whole_units = arrays(np.int64, (LEAVES, MONTHS), elements=st.integers(-20, 400) | st.just(0))
amounts_in_cents = arrays(np.int64, (LEAVES, MONTHS), elements=st.integers(-50_000, 5_000_000) | st.just(0))
rates_of_exchange = arrays(np.float64, (LEAVES, 1), elements=st.sampled_from([1.0, 0.0089, 1.1734, 7.45]))
shown_rows = arrays(np.bool_, LEAVES)


@st.composite
def companies(draw: st.DrawFn) -> tuple[BudgetSide, PlanSide, BridgeRates]:
    """Leaves in two families and several currencies, some new, some discontinued, some with credits and returns."""
    budgeted, planned = draw(shown_rows)[:, None], draw(shown_rows)[:, None]
    budget = BudgetSide(draw(whole_units) * budgeted / 3.0, draw(amounts_in_cents))
    plan = PlanSide(draw(whole_units) * planned * 1.0, draw(amounts_in_cents), draw(amounts_in_cents))
    shape = np.ones((LEAVES, MONTHS))
    return (
        budget,
        plan,
        BridgeRates(
            group=draw(arrays(np.int64, LEAVES, elements=st.integers(0, 1))),
            budget_fx=draw(rates_of_exchange) * shape,
            plan_fx=draw(rates_of_exchange) * shape,
        ),
    )


@settings(max_examples=150, deadline=None)
@given(companies())
def test_every_leaf_closes_so_every_level_does(company: tuple[BudgetSide, PlanSide, BridgeRates]) -> None:
    budget, plan, rates = company
    block = bridge(budget, plan, rates)
    change = plan.landing_cents - budget.cents
    assert (block.drivers.sum(axis=0) == change).all()
    for family in np.unique(rates.group):
        rows = rates.group == family
        assert block.drivers[:, rows].sum() == change[rows].sum()
    assert (block.drivers.sum(axis=(0, 1)) == change.sum(axis=0)).all()


@settings(max_examples=75, deadline=None)
@given(companies(), st.permutations(range(LEAVES)))
def test_the_order_of_leaves_does_not_matter(
    company: tuple[BudgetSide, PlanSide, BridgeRates], order: list[int]
) -> None:
    budget, plan, rates = company
    straight = bridge(budget, plan, rates)
    shuffled = bridge(
        BudgetSide(budget.units[order], budget.cents[order]),
        PlanSide(plan.units[order], plan.upside_cents[order], plan.landing_cents[order]),
        BridgeRates(rates.group[order], rates.budget_fx[order], rates.plan_fx[order]),
    )
    assert np.abs(shuffled.drivers - straight.drivers[:, order]).max(initial=0) <= 1


@settings(max_examples=75, deadline=None)
@given(companies())
def test_volume_and_mix_together_are_units_at_budget_price(company: tuple[BudgetSide, PlanSide, BridgeRates]) -> None:
    """Volume + mix = (qa − qb) · pb · fb at every leaf that is neither new, discontinued nor in a group without budget."""
    budget, plan, rates = company
    block = bridge(budget, plan, rates)
    together = driver(block, Driver.VOLUME) + driver(block, Driver.MIX)
    expected = (plan.units - budget.units) * budget_price(budget, rates.budget_fx) * rates.budget_fx
    ordinary = ~(block.whole_change | block.is_new[:, None] | block.is_discontinued[:, None])
    assert np.abs(together - expected)[ordinary].max(initial=0) <= 2


@settings(max_examples=100, deadline=None)
@given(arrays(np.float64, (5, 8), elements=st.floats(-1e9, 1e9)), st.integers(0, 7))
def test_round_to_total_conserves_and_moves_less_than_a_cent(parts: np.ndarray, seed: int) -> None:
    total = np.round(parts.sum(axis=0)).astype(np.int64)
    parts[-1] += total - parts.sum(axis=0)
    rounded = round_to_total(parts, total)
    assert (rounded.sum(axis=0) == total).all()
    assert np.abs(rounded - parts).max() <= 1.0
