"""FORMULAS §3 through the whole calculation of a plan: both variance policies, and a standard raised inside the plan."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from finance.calc.cash import CashDoesNotTie
from finance.calc.cogs import CashLine
from finance.calc.company_money import StockRows, SupplierTerms
from finance.calc.fixed_costs import FixedCostRow, fixed_cost_months
from finance.calc.inventory import InventoryDoesNotTie
from finance.calc.landing import MarketTerms, PlanDollars, Premiums, SupplySide, plan_dollars
from finance.calc.receivables import Terms
from finance.calc.series_money import SeriesRates, SeriesUnits
from finance.calc.variances import VarianceMonths, VariancePlan, VariancePolicy, VarianceRow

DEMAND, PRODUCTION, OPENING = [90, 130, 110], [110, 120, 100], 30
CLOSING = [30 + 110 - 90, 30 + 110 - 90 + 120 - 130, 30 + 110 - 90 + 120 - 130 + 100 - 110]
PAID_MATERIAL, CONVERSION = 41, 20
FLAT, RAISED = [40, 40, 40], [40, 42, 42]
CASH = [2_220_00, 1_430_00, 6_080_00]
EXPENSED, CAPITALISED = VariancePolicy.EXPENSED, VariancePolicy.CAPITALISED
NONE = np.zeros((1, 3), dtype=np.int64)


def row(values: list[int], scale: int) -> np.ndarray:
    return np.array([values], dtype=np.int64) * scale


def supply(material: list[int], policy: VariancePolicy) -> SupplySide:
    """The fixture's stock, premiums, variances and terms; the price variance is what is paid less the standard."""
    standard = [cost + CONVERSION for cost in material]
    variances = tuple(
        VarianceRow(month, 0, CashLine.PURCHASES, made * (PAID_MATERIAL - material[month]) * 100, None)
        for month, made in enumerate(PRODUCTION)
    )
    overtime = [8 * max(made - 100, 0) for made in PRODUCTION]
    return SupplySide(
        stock=StockRows(
            items=np.array([1]),
            sites=np.array([1]),
            opening=np.array([OPENING * 1000]),
            made=row(PRODUCTION, 1000),
            bought=NONE,
            consumed=NONE,
            shipped=row(DEMAND, 1000),
            closing=row(CLOSING, 1000),
            cost4=row(standard, 10_000),
            opening_cost4=np.array([60 * 10_000]),
            conversion4=np.array([CONVERSION * 10_000]),
            is_service=np.array([False]),
        ),
        families=np.array([7]),
        premiums=Premiums(row(overtime, 100), row([0, 500, 0], 100), NONE, NONE),
        variances=VariancePlan(variances, policy),
        suppliers=SupplierTerms(30, np.array([30]), 4_000_00, np.zeros(12, np.int64)),
        customers=MarketTerms(np.array([1]), np.zeros((1, 12), np.int64), (Terms(((30, 10_000),)),), 8_500_00),
        fixed=fixed_cost_months((), 3),
    )


def dollars(side: SupplySide) -> PlanDollars:
    units = SeriesUnits(np.array([1]), np.array([1]), row(DEMAND, 1000), row(DEMAND, 1000))
    return plan_dollars(units, SeriesRates(NONE + 100 * 10_000, side.stock.cost4, NONE - 1, NONE + 1_000_000), side)


def margin(result: PlanDollars) -> list[int]:
    """Revenue − COGS − variances − cost-to-serve ± revaluation."""
    assert result.company is not None and result.stock is not None
    lines = result.company.lines
    gross = lines.revenue - lines.cogs - lines.variances - lines.cost_to_serve
    return (gross + result.stock.inventory.revaluation.sum(axis=0)).tolist()


@pytest.mark.parametrize("policy", [EXPENSED, CAPITALISED])
@pytest.mark.parametrize("material", [FLAT, RAISED])
def test_cash_depends_neither_on_the_standard_nor_on_the_policy(material: list[int], policy: VariancePolicy) -> None:
    company = dollars(supply(material, policy)).company
    assert company is not None
    assert company.cash.direct.tolist() == company.cash.indirect.tolist() == CASH
    assert company.receivables.balance.tolist() == [[units * 100 * 100 for units in DEMAND]]
    assert company.cash.payables.tolist() == [made * PAID_MATERIAL * 100 for made in PRODUCTION]


@pytest.mark.parametrize(
    ("material", "margins", "inventory", "revaluation"),
    [
        (FLAT, [3_410_00, 4_420_00, 4_300_00], [3_000_00, 2_400_00, 1_800_00], [0, 0, 0]),
        (RAISED, [3_410_00, 4_500_00, 4_280_00], [3_000_00, 2_480_00, 1_860_00], [0, 50 * 2 * 100, 0]),
    ],
)
def test_expensed_as_the_fixture_says(
    material: list[int], margins: list[int], inventory: list[int], revaluation: list[int]
) -> None:
    result = dollars(supply(material, EXPENSED))
    assert margin(result) == margins
    assert result.stock is not None and result.variances is not None
    assert result.stock.inventory.value.tolist() == [inventory]
    assert result.stock.inventory.revaluation.tolist() == [revaluation]
    assert result.stock.inventory.cost_change.tolist() == [revaluation]
    assert result.variances.balance.tolist() == [0, 0, 0]


def released(material: list[int], opening: int = 0) -> tuple[list[int], list[int]]:
    """By hand: each month keeps (balance before + what arises) × closing ÷ (closing + sold) units."""
    balance, recognised, before = [], [], opening
    for month, made in enumerate(PRODUCTION):
        whole = before + made * (PAID_MATERIAL - material[month]) * 100
        exact = Fraction(whole * CLOSING[month], CLOSING[month] + DEMAND[month])
        kept = int(abs(exact) + Fraction(1, 2)) * (1 if exact >= 0 else -1)
        balance.append(kept)
        recognised.append(whole - kept)
        before = kept
    return balance, recognised


@pytest.mark.parametrize("material", [FLAT, RAISED])
def test_capitalised_variances_wait_in_stock_and_leave_with_sales(material: list[int]) -> None:
    result = dollars(supply(material, CAPITALISED))
    balance, recognised = released(material)
    assert result.variances is not None
    assert result.variances.balance.tolist() == balance
    assert result.variances.recognised.tolist() == recognised
    expensed = margin(dollars(supply(material, EXPENSED)))
    incurred = [made * (PAID_MATERIAL - material[month]) * 100 for month, made in enumerate(PRODUCTION)]
    moved = [now + arises - out for now, arises, out in zip(expensed, incurred, recognised, strict=True)]
    assert margin(result) == moved


def test_the_first_month_keeps_fifty_of_a_hundred_and_forty_units() -> None:
    """110 of variance arises on 110 units; 90 of 140 units are sold: 110 × 50 / 140 = 39.29 stays, 70.71 is released."""
    variances = dollars(supply(FLAT, CAPITALISED)).variances
    assert variances is not None
    assert (variances.balance[0], variances.recognised[0]) == (39_29, 110_00 - 39_29)


def test_an_opening_balance_of_variances_is_released_too() -> None:
    side = supply(FLAT, CAPITALISED)
    side = replace(side, variances=replace(side.variances, opening=14_00))
    result = dollars(side).variances
    assert result is not None
    assert result.balance.tolist() == released(FLAT, opening=14_00)[0]


def test_a_familys_variance_waits_with_its_own_stock_only() -> None:
    """Family 7 holds the stock; a variance of a family without stock and sales is released at once."""
    side = supply(FLAT, CAPITALISED)
    rows = (VarianceRow(0, 7, CashLine.CONVERSION, 140_00, None), VarianceRow(0, 8, CashLine.CONVERSION, 140_00, None))
    result = dollars(replace(side, variances=VariancePlan(rows, CAPITALISED))).variances
    assert result is not None
    assert (result.balance[0], result.recognised[0]) == (50_00, 90_00 + 140_00)


def test_a_variance_that_leaves_margin_without_entering_stock_breaks_cash(monkeypatch: pytest.MonkeyPatch) -> None:
    side = supply(FLAT, CAPITALISED)
    dollars(side)
    monkeypatch.setattr(VarianceMonths, "capitalised", property(lambda months: months.balance * 0))
    with pytest.raises(CashDoesNotTie, match="month 0"):
        dollars(side)


def test_a_standard_that_changes_only_in_the_stock_value_is_no_revaluation() -> None:
    """COGS at 60 while stock is valued at 62: the shipped units' 2 each are explained by no change of standard."""
    side = supply(RAISED, EXPENSED)
    units = SeriesUnits(np.array([1]), np.array([1]), row(DEMAND, 1000), row(DEMAND, 1000))
    rates = SeriesRates(NONE + 1_000_000, NONE + 60 * 10_000, NONE - 1, NONE + 1_000_000)
    with pytest.raises(InventoryDoesNotTie, match=f"off by {DEMAND[1] * 2 * 100} cents"):
        plan_dollars(units, rates, side)


def test_fixed_costs_are_paid_in_their_cash_month_or_never() -> None:
    """300 expensed in M1 and paid in M3; 60 paid in M1 for M2; 10 of depreciation a month; 40 of before paid in M1."""
    rows = (
        FixedCostRow("Audit", 0, 2, 300_00, None),
        FixedCostRow("Insurance", 1, 0, 60_00, None),
        FixedCostRow("Bonus", -1, 0, 40_00, None),
        *(FixedCostRow("Depreciation", month, None, 10_00, None) for month in range(3)),
    )
    company = dollars(replace(supply(FLAT, EXPENSED), fixed=fixed_cost_months(rows, 3))).company
    assert company is not None
    fixed = company.cash.fixed
    assert fixed.expensed.tolist() == [310_00, 70_00, 10_00]
    assert fixed.paid.tolist() == [100_00, 0, 300_00]
    assert fixed.accruals.tolist() == [40_00, (300 - 60) * 100, 300_00, 0]
    assert company.cash.direct.tolist() == [CASH[0] - 100_00, CASH[1], CASH[2] - 300_00]
