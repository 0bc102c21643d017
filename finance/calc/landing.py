"""From a plan's units and rates to its dollars, its inventory and cash, and the bridge budget → landing. All arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finance.calc.bridge import BridgeBlock, BridgeRates, BudgetSide, PlanSide, bridge
from finance.calc.cash import CashBlock, OperatingLines
from finance.calc.cogs import CashLine, variance_of_standard
from finance.calc.company_money import CostLines, StockMoney, StockRows, Terms, company_cash, stock_money
from finance.calc.leaves import LeafTable, SeriesAmounts
from finance.calc.series_money import SeriesMoney, SeriesRates, SeriesUnits, dollarize, share_premiums

Ints = NDArray[np.int64]

FX6_ONE = 1_000_000


@dataclass(frozen=True)
class Premiums:
    """Premiums of the supply plan over normal cost, cents (stock, month)."""

    overtime: Ints
    expedite: Ints
    subcontract: Ints
    freight: Ints

    @property
    def total(self) -> Ints:
        """All of them, (stock, month)."""
        return self.overtime + self.expedite + self.subcontract + self.freight


@dataclass(frozen=True)
class VarianceRow:
    """One planned variance: month position, family (0 = company), cash line, and cents or millionths of standard."""

    month: int
    family: int
    line: CashLine
    cents: int | None
    percent6: int | None


@dataclass(frozen=True)
class SupplySide:
    """What the constrained plan brings: stock rows, the family of each, premiums, variances and terms."""

    stock: StockRows
    families: Ints
    premiums: Premiums
    variances: tuple[VarianceRow, ...]
    terms: Terms


@dataclass(frozen=True)
class PlanDollars:
    """The plan's dollars: `money` and `cost_to_serve` per series; the rest is None without a current supply plan."""

    money: SeriesMoney
    cost_to_serve: Ints
    stock: StockMoney | None
    premiums: Premiums | None
    variances: CostLines | None
    lines: OperatingLines | None
    cash: CashBlock | None


def plan_dollars(units: SeriesUnits, rates: SeriesRates, supply: SupplySide | None) -> PlanDollars:
    """Dollarize every series and, given a supply plan, value its stock and run its cash both ways.

    Raises:
        InventoryDoesNotTie: the supply plan does not roll, or a revaluation is unexplained.
        CashDoesNotTie: direct and indirect cash differ.
    """
    money = dollarize(units, rates)
    if supply is None:
        return PlanDollars(money, money.channel_cost, None, None, None, None, None)
    premiums = supply.premiums
    served = money.channel_cost + share_premiums(units, supply.stock.items, premiums.total)
    stock = stock_money(supply.stock, units, money.cogs)
    costs = _variances(supply, stock, money.channel_cost.sum(axis=0) + premiums.total.sum(axis=0))
    lines, cash = company_cash(supply.stock, stock, revenue=money.revenue.sum(axis=0), costs=costs, terms=supply.terms)
    return PlanDollars(money, served, stock, premiums, costs, lines, cash)


def plan_amounts(units: SeriesUnits, money: SeriesMoney) -> SeriesAmounts:
    """The plan's series as one side of the leaves."""
    return SeriesAmounts(units.items, units.markets, units.wanted, units.shipped, money.upside, money.revenue)


def bridge_leaves(table: LeafTable, group: Ints, budget_fx6: Ints, plan_fx6: Ints) -> BridgeBlock:
    """Bridge the leaves of a year; `group` (leaf,) mix group, exchange rates in millionths (leaf, month).

    Raises:
        BridgeDoesNotClose: a leaf's drivers miss its change.
    """
    return bridge(
        BudgetSide(table.budget_nano / 1_000_000, table.budget),
        PlanSide(table.wanted.astype(np.float64), table.upside, table.landing),
        BridgeRates(group, budget_fx6 / FX6_ONE, plan_fx6 / FX6_ONE),
    )


def _variances(supply: SupplySide, stock: StockMoney, cost_to_serve: Ints) -> CostLines:
    made = stock.receipts - stock.bought
    totals = {line: np.zeros_like(cost_to_serve) for line in CashLine}
    for row in supply.variances:
        totals[row.line][row.month] += _variance_cents(row, made[:, row.month], supply.families)
    return CostLines(
        purchase_variances=totals[CashLine.PURCHASES],
        conversion_variances=totals[CashLine.CONVERSION],
        cost_to_serve=cost_to_serve,
    )


def _variance_cents(row: VarianceRow, made: Ints, families: Ints) -> int:
    if row.cents is not None:
        return row.cents
    standard = made.sum() if row.family == 0 else made[families == row.family].sum()
    return int(variance_of_standard(np.array([standard]), np.array([row.percent6 or 0]))[0])
