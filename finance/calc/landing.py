"""From a plan's units and rates to its dollars, its inventory and cash, and the bridge budget → landing. All arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import sum_by_group
from finance.calc.bridge import BridgeBlock, BridgeRates, BudgetSide, PlanSide, bridge
from finance.calc.company_money import (
    CompanyCash,
    CostLines,
    StockMoney,
    StockRows,
    SupplierTerms,
    company_cash,
    stock_money,
)
from finance.calc.fixed_costs import FixedCostMonths
from finance.calc.leaves import LeafTable, SeriesAmounts
from finance.calc.receivables import MarketSales, Terms
from finance.calc.series_money import SeriesMoney, SeriesRates, SeriesUnits, dollarize, share_premiums
from finance.calc.variances import VarianceMonths, VariancePlan, plan_variances

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
class MarketTerms:
    """How markets pay: keys (market,), `past` revenue cents (market, past month), and the stated opening balance."""

    markets: Ints
    past: Ints
    terms: tuple[Terms, ...]
    opening: int | None


@dataclass(frozen=True)
class SupplySide:
    """What the constrained plan brings: stock rows, the family of each, premiums, variances and terms."""

    stock: StockRows
    families: Ints
    premiums: Premiums
    variances: VariancePlan
    suppliers: SupplierTerms
    customers: MarketTerms
    fixed: FixedCostMonths


@dataclass(frozen=True)
class PlanDollars:
    """The plan's dollars: `money` and `cost_to_serve` per series; the rest is None without a current supply plan."""

    money: SeriesMoney
    cost_to_serve: Ints
    stock: StockMoney | None
    premiums: Premiums | None
    variances: VarianceMonths | None
    company: CompanyCash | None


def plan_dollars(units: SeriesUnits, rates: SeriesRates, supply: SupplySide | None) -> PlanDollars:
    """Dollarize every series and, given a supply plan, value its stock and run its cash both ways.

    Raises:
        InventoryDoesNotTie: the supply plan does not roll, or a revaluation is unexplained.
        CashDoesNotTie: direct and indirect cash differ.
    """
    money = dollarize(units, rates)
    if supply is None:
        return PlanDollars(money, money.channel_cost, None, None, None, None)
    premiums = supply.premiums
    served = money.channel_cost + share_premiums(units, supply.stock.items, premiums.total)
    stock = stock_money(supply.stock, units, money.cogs)
    variances = plan_variances(
        supply.variances,
        families=supply.families,
        made=stock.receipts - stock.bought,
        sold=stock.cogs,
        closing=stock.inventory.value,
    )
    cost_to_serve = money.channel_cost.sum(axis=0) + premiums.total.sum(axis=0)
    company = company_cash(
        supply.stock,
        stock,
        sales=market_sales(units.markets, money.revenue, supply.customers),
        costs=CostLines(variances, cost_to_serve, supply.fixed),
        terms=supply.suppliers,
    )
    return PlanDollars(money, served, stock, premiums, variances, company)


def market_sales(series_markets: Ints, revenue: Ints, customers: MarketTerms) -> MarketSales:
    """Revenue of the series (series, month) added up by market; `customers` names every market that sells."""
    by_market = revenue_by_market(customers.markets, series_markets, revenue)
    return MarketSales(customers.markets, by_market, customers.past, customers.terms, customers.opening)


def revenue_by_market(markets: Ints, series_markets: Ints, revenue: Ints) -> Ints:
    """Cents (series, month) added up by market, (market, month); `markets` is ordered and holds every market used."""
    return sum_by_group(revenue, np.searchsorted(markets, series_markets), len(markets))


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


def at_budget_rates(revenue: Ints, used_fx6: Ints, budget_fx6: Ints) -> list[int | None]:
    """Revenue of each month at budget exchange rates: each market's cents × budget rate ÷ rate used, rounded, added up.

    Args:
        revenue: cents of the reporting currency (market, month), at `used_fx6`.
        used_fx6, budget_fx6: millionths (market, month); −1 = missing.

    Returns:
        Cents per month; None where a market that sells in the month has no budget rate: no part passes for the whole.
    """
    known = (used_fx6 > 0) & (budget_fx6 > 0)
    product = np.where(known, revenue, 0).astype(object) * np.where(known, budget_fx6, 1)
    used = np.where(known, used_fx6, 1).astype(object)
    size = (np.abs(product) * 2 + used) // (2 * used)
    cents = np.where(product < 0, -size, size).sum(axis=0)
    is_lost = (~known & (revenue != 0)).any(axis=0)
    return [None if lost else int(amount) for lost, amount in zip(is_lost, cents, strict=True)]
