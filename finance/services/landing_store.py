"""Replace a plan's stored landing by a new one, by COPY, inside the publishing transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from catalog.frames.series_rows import write_series
from cycles.failpoints import failpoint
from cycles.models import Plan
from finance.calc.bridge import Driver
from finance.frames.month_rows import cash_months, company_months, fixed_cost_rows, market_receivables
from finance.models import (
    BridgeLeaf,
    CashMonth,
    CompanyMonth,
    FixedCostMonth,
    InventoryMoney,
    MarketReceivable,
    MoneySeries,
)

if TYPE_CHECKING:
    from finance.services.landing import Landing

Ints = NDArray[np.int64]

NEW, DISCONTINUED = 1, 2
RESULTS = (MoneySeries, BridgeLeaf, InventoryMoney, CompanyMonth, CashMonth, MarketReceivable, FixedCostMonth)


def replace_results(plan: Plan, landing: Landing) -> None:
    """Delete the plan's results and write those of `landing`; the caller holds the plan's lock."""
    for model in RESULTS:
        model._default_manager.filter(plan=plan).delete()
    write_money(plan, landing)
    failpoint("landing.half_written")
    write_leaves(plan, landing)
    write_inventory(plan, landing)
    CompanyMonth.objects.bulk_create(company_months(plan, landing))
    CashMonth.objects.bulk_create(cash_months(plan, landing))
    MarketReceivable.objects.bulk_create(market_receivables(plan, landing))
    FixedCostMonth.objects.bulk_create(fixed_cost_rows(plan, landing))


def write_money(plan: Plan, landing: Landing) -> None:
    """Dollars and rates of every series."""
    units, money, rates = landing.inputs.units, landing.dollars.money, landing.inputs.rates
    columns = {
        "unconstrained_units": units.wanted,
        "shipped_units": units.shipped,
        "upside_cents": money.upside,
        "revenue_cents": money.revenue,
        "cogs_cents": money.cogs,
        "cost_to_serve_cents": landing.dollars.cost_to_serve,
        "net_price4": rates.net_price4,
        "cost4": rates.cost4,
        "fx6": rates.fx6,
    }
    write_series(
        MoneySeries._meta.db_table,
        ["plan_id", "item_id", "market_id", "price_rule"],
        list(columns),
        [plan.pk, units.items, units.markets, landing.inputs.price_rule],
        list(columns.values()),
    )


def write_leaves(plan: Plan, landing: Landing) -> None:
    """The bridge's leaves; the residual of a family has no item."""
    leaves, block = landing.leaves, landing.block
    columns = {
        "qb_nano": leaves.budget_nano,
        "qu": leaves.wanted,
        "qa": leaves.shipped,
        "budget_fx6": landing.budget_fx6,
        "plan_fx6": landing.plan_fx6,
        "budget_cents": block.budget,
        "upside_cents": leaves.upside,
        "landing_cents": block.landing,
        "whole_change": block.whole_change.astype(np.int64),
    }
    columns |= {driver.value: block.drivers[position] for position, driver in enumerate(Driver)}
    flag = np.where(block.is_new, NEW, np.where(block.is_discontinued, DISCONTINUED, 0))
    write_series(
        BridgeLeaf._meta.db_table,
        ["plan_id", "fiscal_year", "item_id", "family_id", "market_id", "rule", "flag"],
        list(columns),
        [plan.pk, landing.inputs.window.fiscal_year, leaves.items, leaves.families, leaves.markets, leaves.rule, flag],
        list(columns.values()),
    )
    BridgeLeaf.objects.filter(plan=plan, item_id=0).update(item_id=None)


def write_inventory(plan: Plan, landing: Landing) -> None:
    """Valued stock per item and site, without services; nothing without a supply plan."""
    stock, supply = landing.dollars.stock, landing.inputs.supply
    if stock is None or supply is None:
        return
    inventory = stock.inventory
    before = np.concatenate([inventory.opening_value[:, None], inventory.value[:, :-1]], axis=1)
    columns = {
        "closing_units": inventory.closing_units,
        "opening_cents": before,
        "value_cents": inventory.value,
        "receipts_cents": stock.receipts,
        "consumption_cents": stock.consumption,
        "cogs_cents": stock.cogs,
        "revaluation_cents": inventory.revaluation,
        "cost_change_cents": inventory.cost_change,
    }
    goods = ~supply.stock.is_service
    write_series(
        InventoryMoney._meta.db_table,
        ["plan_id", "item_id", "site_id"],
        list(columns),
        [plan.pk, supply.stock.items[goods], supply.stock.sites[goods]],
        [values[goods] for values in columns.values()],
    )
