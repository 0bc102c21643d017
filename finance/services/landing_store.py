"""Replace a plan's stored landing by a new one, by COPY, inside the publishing transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.frames.series_rows import write_series
from cycles.failpoints import failpoint
from cycles.models import Plan
from finance.calc.bridge import Driver
from finance.models import BridgeLeaf, CashMonth, CompanyMonth, InventoryMoney, MoneySeries

if TYPE_CHECKING:
    from finance.services.landing import Landing

Ints = NDArray[np.int64]

NEW, DISCONTINUED = 1, 2


def replace_results(plan: Plan, landing: Landing) -> None:
    """Delete the plan's results and write those of `landing`; the caller holds the plan's lock."""
    for model in (MoneySeries, BridgeLeaf, InventoryMoney, CompanyMonth, CashMonth):
        model._default_manager.filter(plan=plan).delete()
    write_money(plan, landing)
    failpoint("landing.half_written")
    write_leaves(plan, landing)
    write_inventory(plan, landing)
    CompanyMonth.objects.bulk_create(company_months(plan, landing))
    CashMonth.objects.bulk_create(cash_months(plan, landing))


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
        ["plan_id", "item_id", "market_id"],
        list(columns),
        [plan.pk, units.items, units.markets],
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


def company_months(plan: Plan, landing: Landing) -> list[CompanyMonth]:
    """The company's result per month: closed months of the fiscal year, then the horizon."""
    window, closed, budget = landing.inputs.window, landing.inputs.closed, landing.inputs.budget
    rows = [
        CompanyMonth(
            plan=plan,
            month=month_date(window.start + position),
            is_closed=True,
            upside_cents=int(closed.revenue[position]),
            revenue_cents=int(closed.revenue[position]),
            cogs_cents=int(closed.cogs[position]),
        )
        for position in range(window.closed)
    ]
    rows += [_open_month(plan, landing, position) for position in range(plan.horizon)]
    for position, row in enumerate(rows[:12]):
        if budget is not None:
            row.budget_revenue_cents = int(budget.revenue_cents[position])
            row.budget_cogs_cents = None if budget.cogs_cents is None else int(budget.cogs_cents[position])
    return rows


def _open_month(plan: Plan, landing: Landing, position: int) -> CompanyMonth:
    dollars = landing.dollars
    row = CompanyMonth(
        plan=plan,
        month=month_date(plan.first_month_index + position),
        is_closed=False,
        upside_cents=_sum(dollars.money.upside, position),
        revenue_cents=_sum(dollars.money.revenue, position),
        cogs_cents=_sum(dollars.money.cogs, position),
        freight_cents=_sum(dollars.money.channel_cost, position),
    )
    if dollars.stock is not None and dollars.premiums is not None and dollars.lines is not None:
        row.variance_cents = int(dollars.lines.variances[position])
        if landing.inputs.has_stock:
            row.revaluation_cents = _sum(dollars.stock.inventory.revaluation, position)
            row.inventory_cents = _sum(dollars.stock.inventory.value, position)
        row.overtime_cents = _sum(dollars.premiums.overtime, position)
        row.expedite_cents = _sum(dollars.premiums.expedite, position)
        row.subcontract_cents = _sum(dollars.premiums.subcontract, position)
        row.freight_cents = int(row.freight_cents or 0) + _sum(dollars.premiums.freight, position)
    return row


def cash_months(plan: Plan, landing: Landing) -> list[CashMonth]:
    """Operating cash both ways per open month; nothing without a supply plan."""
    cash, lines = landing.dollars.cash, landing.dollars.lines
    if cash is None or lines is None:
        return []
    columns = {
        name: getattr(cash, name)
        for name in [
            "collections",
            "payments",
            "conversion",
            "cost_to_serve",
            "other_variances",
            "margin_before_revaluation",
            "receivables",
            "payables",
            "receivables_change",
            "inventory_change",
            "payables_change",
            "direct",
            "indirect",
        ]
    } | {"purchases": lines.purchases}
    return [
        CashMonth(
            plan=plan,
            month=month_date(plan.first_month_index + position),
            **{f"{name}_cents": int(values[position]) for name, values in columns.items()},
        )
        for position in range(plan.horizon)
    ]


def _sum(block: Ints, position: int) -> int:
    return int(block[:, position].sum())
