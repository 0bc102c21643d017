"""Cash both ways, inventory with revaluation and the ratios: the §3 fixture, derived, and conservation properties."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.calc.cash import (
    CashBlock,
    CashDoesNotTie,
    Invoices,
    OperatingLines,
    cash_flow,
    issue_invoices,
    joined,
    open_balance,
    opening_invoices,
    payment_profile,
    settled,
)
from finance.calc.cogs import split_receipts, variance_of_standard
from finance.calc.inventory import (
    InventoryBlock,
    InventoryDoesNotTie,
    StockAmounts,
    StockFlows,
    check_roll,
    value_stock,
)
from finance.calc.ratios import cash_to_sales, working_capital_days

DEMAND, PRODUCTION = np.array([90, 130, 110]), np.array([110, 120, 100])
PRICE, MATERIAL, CONVERSION, PAID_MATERIAL = 100, 40, 20, 41
OVERTIME = 8 * np.maximum(PRODUCTION - 100, 0)
EXPEDITE = np.array([0, 500, 0])


def cents(dollars: np.ndarray) -> np.ndarray:
    return np.asarray(dollars * 100, dtype=np.int64)


def fixture_lines(material: np.ndarray) -> OperatingLines:
    """FORMULAS §3: material standard per month; 41 is paid per unit made, so PPV = (41 − standard) × production."""
    standard = material + CONVERSION
    return OperatingLines(
        revenue=cents(DEMAND * PRICE),
        cogs=cents(DEMAND * standard),
        variances=cents(PRODUCTION * (PAID_MATERIAL - material)),
        cost_to_serve=cents(OVERTIME + EXPEDITE),
        receipts=cents(PRODUCTION * standard),
        consumption=cents(PRODUCTION * 0),
        purchases=cents(PRODUCTION * PAID_MATERIAL),
        conversion=cents(PRODUCTION * CONVERSION),
        other_variances=cents(PRODUCTION * 0),
        capitalised=cents(PRODUCTION * 0),
    )


def fixture_cash(lines: OperatingLines) -> CashBlock:
    thirty = payment_profile(30)
    sales = joined(opening_invoices(8_500_00, thirty, months=3), issue_invoices(lines.revenue, thirty, months=3))
    bought = joined(opening_invoices(4_000_00, thirty, months=3), issue_invoices(lines.purchases, thirty, months=3))
    return cash_flow(lines, sales, bought)


def fixture_stock(material: np.ndarray) -> InventoryBlock:
    lines, none = fixture_lines(material), np.zeros((1, 3), dtype=np.int64)
    flows = StockFlows(np.array([30_000]), PRODUCTION[None] * 1000, none, DEMAND[None] * 1000)
    amounts = StockAmounts(lines.receipts[None], none, lines.cogs[None], none + 2)
    cost4 = (material + CONVERSION)[None] * 10_000
    return value_stock(flows, amounts, cost4=cost4, opening_cost4=np.array([60 * 10_000]))


FLAT, RAISED = np.array([40, 40, 40]), np.array([40, 42, 42])


def test_fixture_result_and_cash() -> None:
    lines = fixture_lines(FLAT)
    block = fixture_cash(lines)
    cost = lines.cogs + lines.variances + lines.cost_to_serve
    assert lines.revenue.tolist() == [9_000_00, 13_000_00, 11_000_00]
    assert cost.tolist() == [5_590_00, 8_580_00, 6_700_00]
    assert block.margin_before_revaluation.tolist() == [3_410_00, 4_420_00, 4_300_00]
    assert block.direct.tolist() == block.indirect.tolist() == [2_220_00, 1_430_00, 6_080_00]
    assert block.receivables.tolist() == lines.revenue.tolist()
    assert block.payables.tolist() == lines.purchases.tolist()
    assert cash_to_sales(int(block.direct.sum()), int(lines.revenue.sum())) == pytest.approx(9_730 / 33_000)
    assert round(9_730 / 33_000 * 100, 2) == 29.48


def test_fixture_inventory() -> None:
    block = fixture_stock(FLAT)
    assert block.value.tolist() == [[3_000_00, 2_400_00, 1_800_00]]
    assert block.revaluation.tolist() == [[0, 0, 0]]


def test_fixture_with_a_raised_standard_revalues_stock_and_leaves_cash_alone() -> None:
    """Standard 62 from M2: 50 units on hand gain 2 each; PPV turns to 41 − 42 = −1 per unit made."""
    lines, block = fixture_lines(RAISED), fixture_stock(RAISED)
    assert block.revaluation.tolist() == [[0, 50 * 2 * 100, 0]]
    assert block.cost_change.tolist() == block.revaluation.tolist()
    assert block.rounding.tolist() == [[0, 0, 0]]
    assert lines.variances.tolist() == [110_00, -120_00, -100_00]
    assert block.value.tolist() == [[3_000_00, 2_480_00, 1_860_00]]
    margin = fixture_cash(lines).margin_before_revaluation + block.revaluation[0]
    assert margin.tolist() == [3_410_00, 4_500_00, 4_280_00]
    assert fixture_cash(lines).direct.tolist() == [2_220_00, 1_430_00, 6_080_00]


def test_dropping_one_payment_breaks_the_identity() -> None:
    lines = fixture_lines(FLAT)
    sales = issue_invoices(lines.revenue, payment_profile(30), months=3)
    bought = issue_invoices(lines.purchases, payment_profile(30), months=3)
    cash_flow(lines, sales, bought)
    dropped = bought.due.copy()
    dropped[1] = 0
    with pytest.raises(CashDoesNotTie, match="month 1"):
        cash_flow(lines, sales, Invoices(dropped, bought.issued))


def test_dropping_a_receipt_is_not_a_revaluation() -> None:
    none = np.zeros((1, 1), dtype=np.int64)
    flows = StockFlows(np.array([30_000]), none + 10_000, none, none)
    amounts = StockAmounts(none, none, none, none + 1)
    with pytest.raises(InventoryDoesNotTie, match="60000 cents"):
        value_stock(flows, amounts, cost4=none + 600_000, opening_cost4=np.array([600_000]))


def test_roll_is_compared_with_the_stated_closing_stock() -> None:
    flows = StockFlows(np.array([5]), np.array([[3, 0]]), np.array([[1, 0]]), np.array([[2, 4]]))
    check_roll(flows, np.array([[5 + 3 - 1 - 2, 1]]))
    with pytest.raises(InventoryDoesNotTie, match="item 0, month 1: closing stock is off by 1"):
        check_roll(flows, np.array([[5, 2]]))


@pytest.mark.parametrize(
    ("days", "shares"), [(0, [1]), (30, [0, 1]), (45, [0, 0.5, 0.5]), (60, [0, 0, 1]), (15, [0.5, 0.5])]
)
def test_payment_profile(days: int, shares: list[float]) -> None:
    assert payment_profile(days).tolist() == pytest.approx(shares)


def test_open_balance_of_45_days() -> None:
    """101 issued in month 0 on 45 days: 51 due in month 1 (the odd cent first), 50 in month 2."""
    invoices = issue_invoices(np.array([101]), payment_profile(45), months=3)
    assert settled(invoices, 3).tolist() == [0, 51, 50]
    assert open_balance(invoices, 3).tolist() == [0, 101, 50, 0]


def test_history_before_the_window_opens_the_balance() -> None:
    """45 days, 100 in each of the two last closed months: 50 of the older and 100 of the newer are still open."""
    invoices = issue_invoices(np.array([100, 100]), payment_profile(45), first=-2, months=2)
    assert open_balance(invoices, 2).tolist() == [150, 50, 0]
    assert settled(invoices, 2).tolist() == [100, 50]


def test_receipts_are_components_conversion_and_unmodelled_material() -> None:
    """Standard made 100, components 30, routings know 25: 45 of material stands in no bill of materials."""
    one = np.array([1], dtype=np.int64)
    split = split_receipts(made=one * 100, bought=one * 40, consumption=one * 30, conversion=one * 25)
    assert (split.receipts[0], split.unmodelled[0], split.conversion[0]) == (140, 100 - 30 - 25, 25)
    assert split.purchases[0] == 40 + 45
    assert (split.consumption + split.purchases + split.conversion).tolist() == split.receipts.tolist()


def test_components_above_the_standard_show_as_negative_conversion() -> None:
    one = np.array([1], dtype=np.int64)
    split = split_receipts(made=one * 20, bought=one * 0, consumption=one * 30, conversion=one * 5)
    assert (split.conversion[0], split.unmodelled[0]) == (-10, 0)


def test_variance_of_standard_rounds_half_away_from_zero() -> None:
    receipts, two_percent = np.array([25, -25, 100]), np.array([20_000] * 3)
    assert variance_of_standard(receipts, two_percent).tolist() == [1, -1, 2]


def test_cash_conversion_cycle() -> None:
    """FORMULAS §3: DIO 1.11/48.5, DSO 6.02/66.6, DPO 8.00/48.5, each × 365; a published answer of 36 is wrong."""
    days = working_capital_days(revenue=66.6, cogs=48.5, inventory=1.11, receivables=6.02, payables=8.00)
    assert days.dio == pytest.approx(8.35, abs=0.005)
    assert days.dso == pytest.approx(32.99, abs=0.005)
    assert days.dpo == pytest.approx(60.21, abs=0.005)
    assert days.ccc == pytest.approx(-18.86, abs=0.006)


def test_days_without_a_flow_are_undefined() -> None:
    days = working_capital_days(revenue=0, cogs=0, inventory=1, receivables=1, payables=1)
    assert days.ccc is None
    assert cash_to_sales(5, 0) is None


amounts = st.lists(st.integers(-10_000_00, 90_000_00), min_size=6, max_size=6).map(
    lambda row: np.array(row, dtype=np.int64)
)


@settings(max_examples=80, deadline=None)
@given(amounts, amounts, amounts, st.integers(0, 120), st.integers(0, 120))
def test_cash_ties_for_any_terms(
    revenue: np.ndarray, purchases: np.ndarray, cogs: np.ndarray, dso_days: int, dpo_days: int
) -> None:
    nothing = np.zeros_like(revenue)
    lines = OperatingLines(
        revenue=revenue,
        cogs=cogs,
        variances=nothing,
        cost_to_serve=nothing + 7,
        receipts=purchases + 11,
        consumption=nothing,
        purchases=purchases,
        conversion=nothing + 11,
        other_variances=nothing,
        capitalised=nothing,
    )
    sold = issue_invoices(revenue, payment_profile(dso_days), months=6)
    bought = issue_invoices(purchases, payment_profile(dpo_days), months=6)
    block = cash_flow(lines, sold, bought)
    assert sold.due.sum() == revenue.sum()
    assert (block.direct == block.indirect).all()
    with pytest.raises(CashDoesNotTie):
        cash_flow(replace(lines, conversion=lines.conversion + 1), sold, bought)


def test_an_empty_plan_has_no_cash() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    lines = OperatingLines(*([nothing] * 10))
    none = issue_invoices(nothing, payment_profile(30), months=0)
    assert cash_flow(lines, none, none).direct.tolist() == []
