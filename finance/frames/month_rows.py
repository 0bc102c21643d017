"""The company's months of a landing as rows: result, cash both ways, receivables by market, fixed costs by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import month_date
from cycles.models import Plan
from finance.calc.landing import PlanDollars
from finance.frames.landing_inputs import LandingInputs
from finance.models import CashMonth, CompanyMonth, FixedCostMonth, MarketReceivable

Ints = NDArray[np.int64]

CASH_COLUMNS = (
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
)


class Landing(Protocol):
    """Inputs and the dollars computed from them: a landing that is stored, or one that only lives in memory."""

    @property
    def inputs(self) -> LandingInputs:
        """What was read."""

    @property
    def dollars(self) -> PlanDollars:
        """What was computed."""

    @property
    def revenue_at_budget(self) -> list[int | None]:
        """Revenue at budget exchange rates, per month of the year and the horizon, cents; None without budget rates."""


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
    for position, row in enumerate(rows, start=-window.closed):
        row.revenue_budget_fx_cents = landing.revenue_at_budget[window.closed + position]
        costs = [cost for cost in landing.inputs.fixed_costs if cost.month == position]
        row.fixed_cost_cents = sum(cost.cents for cost in costs) if costs else None
        budgeted = [cost.budget_cents for cost in costs if cost.budget_cents is not None]
        row.budget_fixed_cost_cents = sum(budgeted) if budgeted else None
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
    if dollars.stock is not None and dollars.premiums is not None and dollars.variances is not None:
        row.variance_cents = int(dollars.variances.recognised[position])
        row.variance_incurred_cents = int(dollars.variances.incurred[position])
        row.capitalised_cents = int(dollars.variances.balance[position])
        if landing.inputs.has_stock:
            _add_stock(row, dollars, position)
        row.overtime_cents = _sum(dollars.premiums.overtime, position)
        row.expedite_cents = _sum(dollars.premiums.expedite, position)
        row.subcontract_cents = _sum(dollars.premiums.subcontract, position)
        row.freight_cents = int(row.freight_cents or 0) + _sum(dollars.premiums.freight, position)
    return row


def _add_stock(row: CompanyMonth, dollars: PlanDollars, position: int) -> None:
    if dollars.stock is not None:
        inventory = dollars.stock.inventory
        row.revaluation_cents = _sum(inventory.revaluation, position)
        row.cost_change_cents = _sum(inventory.cost_change, position)
        row.inventory_cents = _sum(inventory.value, position)


def cash_months(plan: Plan, landing: Landing) -> list[CashMonth]:
    """Operating cash both ways per open month; nothing without a supply plan."""
    company = landing.dollars.company
    if company is None:
        return []
    fixed = company.cash.fixed
    columns = {name: getattr(company.cash, name) for name in CASH_COLUMNS} | {
        "purchases": company.lines.purchases,
        "fixed_cost": fixed.expensed,
        "non_cash": fixed.non_cash,
        "fixed_paid": fixed.paid,
        "accruals": fixed.accruals[1:],
        "accruals_change": np.diff(fixed.accruals),
    }
    return [
        CashMonth(
            plan=plan,
            month=month_date(plan.first_month_index + position),
            **{f"{name}_cents": int(values[position]) for name, values in columns.items()},
        )
        for position in range(plan.horizon)
    ]


def market_receivables(plan: Plan, landing: Landing) -> Iterator[MarketReceivable]:
    """What each market owes; nothing without a supply plan."""
    company, supply = landing.dollars.company, landing.inputs.supply
    if company is None or supply is None:
        return
    owed, customers = company.receivables, supply.customers
    for row, (market, terms) in enumerate(zip(customers.markets.tolist(), customers.terms, strict=True)):
        yield MarketReceivable(
            plan=plan,
            market_id=market,
            terms=terms.words,
            is_default=terms.is_default,
            opening_cents=int(owed.opening[row]),
            revenue_cents=company.sales.revenue[row].tolist(),
            collections_cents=owed.collections[row].tolist(),
            receivables_cents=owed.balance[row].tolist(),
        )


def fixed_cost_rows(plan: Plan, landing: Landing) -> Iterator[FixedCostMonth]:
    """The fixed costs of the fiscal year's closed months and of the horizon, by line."""
    for cost in landing.inputs.fixed_costs:
        if -landing.inputs.window.closed <= cost.month < plan.horizon:
            yield FixedCostMonth(
                plan=plan,
                line=cost.line,
                month=month_date(plan.first_month_index + cost.month),
                amount_cents=cost.cents,
                budget_cents=cost.budget_cents,
            )


def _sum(block: Ints, position: int) -> int:
    return int(block[:, position].sum())
