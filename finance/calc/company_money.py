"""The company's months from its stocks and series: inventory at standard, cost lines, and cash both ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.calc.rounding import largest_remainder_by_group
from finance.calc.cash import (
    CashBlock,
    Invoices,
    OperatingLines,
    cash_flow,
    issue_invoices,
    joined,
    opening_invoices,
    payment_profile,
)
from finance.calc.cogs import ReceiptSplit, split_receipts
from finance.calc.fixed_costs import FixedCostMonths
from finance.calc.inventory import (
    InventoryBlock,
    InventoryDoesNotTie,
    StockAmounts,
    StockFlows,
    check_roll,
    value_stock,
)
from finance.calc.receivables import MarketReceivables, MarketSales, market_invoices, market_receivables
from finance.calc.series_money import SeriesUnits
from finance.calc.variances import VarianceMonths

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class StockRows:
    """Stock of items at sites over the horizon; keys (stock,), milli-units and rates (stock, month).

    `made` and `bought` are what came in, `closing` what the supply plan states. `cost4` standard cost, ten-thousandths
    (0 where a component has none), `opening_cost4` (stock,) the one before the first month, `conversion4` (stock,)
    conversion per unit made as far as routings know it. `is_service` (stock,) is never stocked.
    """

    items: Ints
    sites: Ints
    opening: Ints
    made: Ints
    bought: Ints
    consumed: Ints
    shipped: Ints
    closing: Ints
    cost4: Ints
    opening_cost4: Ints
    conversion4: Ints
    is_service: Flags


@dataclass(frozen=True)
class StockMoney:
    """Cents (stock, month): receipts (of which `bought`), consumption and COGS at standard; and the valued stock."""

    receipts: Ints
    bought: Ints
    consumption: Ints
    cogs: Ints
    conversion: Ints
    inventory: InventoryBlock

    def split(self) -> ReceiptSplit:
        """What the receipts of the company consist of, per month."""
        return split_receipts(
            made=(self.receipts - self.bought).sum(axis=0),
            bought=self.bought.sum(axis=0),
            consumption=self.consumption.sum(axis=0),
            conversion=self.conversion.sum(axis=0),
        )


@dataclass(frozen=True)
class CostLines:
    """Costs of the company per month: planned variances, `cost_to_serve` cents (month,), and fixed costs."""

    variances: VarianceMonths
    cost_to_serve: Ints
    fixed: FixedCostMonths


@dataclass(frozen=True)
class SupplierTerms:
    """Days of credit that suppliers give and what was owed at the start.

    `payables`: the opening balance in cents, None = run the terms over `past_purchases` (closed month,) instead, the
    last one just before the plan. `supplier_days` (stock,): days until a bought item is paid.
    """

    dpo_days: int
    supplier_days: Ints
    payables: int | None
    past_purchases: Ints


@dataclass(frozen=True)
class CompanyCash:
    """The company's lines, its cash both ways, and what each market buys and owes."""

    lines: OperatingLines
    sales: MarketSales
    cash: CashBlock
    receivables: MarketReceivables


def stock_money(stock: StockRows, units: SeriesUnits, series_cogs: Ints) -> StockMoney:
    """Value every stock row; what the series cost is brought to the sites that shipped it.

    A service is received at what it costs to deliver, in cents, so that no inventory is left over by rounding.

    Raises:
        InventoryDoesNotTie: the supply plan's closing stock is not its own roll, shipments from stock and to markets
            differ, or a revaluation is unexplained.
    """
    flows = StockFlows(stock.opening, stock.made + stock.bought, stock.consumed, stock.shipped)
    check_roll(flows, stock.closing)
    consumption = to_cents(stock.consumed, stock.cost4)
    cogs = _cogs_by_stock(stock, units, series_cogs)
    made, bought = _receipts(stock, delivered=consumption + cogs)
    markets = np.array([np.count_nonzero(units.items == item) for item in stock.items], dtype=np.int64)
    amounts = StockAmounts(
        receipts=made + bought,
        consumption=consumption,
        cogs=cogs,
        rounded_terms=np.broadcast_to((markets + 5)[:, None], stock.made.shape),
    )
    inventory = value_stock(flows, amounts, cost4=stock.cost4, opening_cost4=stock.opening_cost4)
    conversion = to_cents(stock.made, np.broadcast_to(stock.conversion4[:, None], stock.made.shape))
    return StockMoney(made + bought, bought, consumption, cogs, conversion, inventory)


def _receipts(stock: StockRows, *, delivered: Ints) -> tuple[Ints, Ints]:
    """Made and bought at standard, cents (stock, month) each; of a service together exactly what is `delivered`."""
    made, bought = to_cents(stock.made, stock.cost4), to_cents(stock.bought, stock.cost4)
    service = stock.is_service[:, None]
    bought = np.where(service & (stock.made == 0), delivered, bought)
    return np.where(service, delivered - bought, made), bought


def company_cash(
    stock: StockRows, money: StockMoney, *, sales: MarketSales, costs: CostLines, terms: SupplierTerms
) -> CompanyCash:
    """Operating cash of the company both ways.

    Bought items are paid on their supplier's days, unmodelled material and purchase variances on the company's DPO,
    conversion, its variances and cost-to-serve in the month, fixed costs as their lines say; each market pays by its
    own profile.

    Raises:
        CashDoesNotTie: direct and indirect differ in a month.
    """
    split, variances = money.split(), costs.variances
    lines = OperatingLines(
        revenue=sales.revenue.sum(axis=0),
        cogs=money.cogs.sum(axis=0),
        variances=variances.recognised,
        cost_to_serve=costs.cost_to_serve,
        receipts=split.receipts,
        consumption=split.consumption,
        purchases=split.purchases + variances.purchases,
        conversion=split.conversion,
        other_variances=variances.conversion,
        capitalised=variances.capitalised,
    )
    months = len(lines.revenue)
    purchases = _purchase_invoices(stock, money, terms, split.unmodelled + variances.purchases)
    invoices = market_invoices(sales)
    sold = joined(*invoices) if invoices else issue_invoices(np.zeros(0, np.int64), np.ones(1), months=months)
    return CompanyCash(
        lines=lines,
        sales=sales,
        cash=cash_flow(lines, sold, purchases, fixed=costs.fixed),
        receivables=market_receivables(invoices, months),
    )


def _purchase_invoices(stock: StockRows, money: StockMoney, terms: SupplierTerms, on_company_terms: Ints) -> Invoices:
    months = len(on_company_terms)
    return joined(
        _opening(terms.payables, terms.past_purchases, terms.dpo_days, months),
        issue_invoices(on_company_terms, payment_profile(terms.dpo_days), months=months),
        *(
            issue_invoices(
                money.bought[terms.supplier_days == days].sum(axis=0), payment_profile(int(days)), months=months
            )
            for days in np.unique(terms.supplier_days)
        ),
    )


def _opening(balance: int | None, past: Ints, days: int, months: int) -> Invoices:
    profile = payment_profile(days)
    if balance is not None:
        return opening_invoices(balance, profile, months=months)
    return issue_invoices(past, profile, first=-len(past), months=months)


def _cogs_by_stock(stock: StockRows, units: SeriesUnits, series_cogs: Ints) -> Ints:
    """COGS of each item brought to its sites by what they shipped, (stock, month) cents."""
    items = np.unique(np.concatenate([stock.items, units.items]))
    totals = np.zeros((len(items), stock.made.shape[1]), dtype=np.int64)
    np.add.at(totals, np.searchsorted(items, units.items), series_cogs)
    present, group = np.unique(stock.items, return_inverse=True)
    held = np.isin(items, present)
    if totals[~held].any():
        item = int(items[~held][totals[~held].any(axis=1)][0])
        raise InventoryDoesNotTie(f"item {item} is shipped but the supply plan holds no stock of it")
    return largest_remainder_by_group(stock.shipped, group, totals[held])
