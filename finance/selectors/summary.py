"""The plan's money in one flat dictionary of whole cents, for commands and interfaces."""

from __future__ import annotations

from typing import Any

from cycles.models import Plan
from finance.selectors.position import position_of


def summary_of(plan: Plan) -> dict[str, Any]:
    """Every money key of a cycle's summary, exact integers in cents; {} before the first landing.

    Keys: fiscal_year, currency, actuals_to_date, upside, plan, landing, finance_landing, budget, gap, drivers
    (driver → cents), adjustments, unexplained, cogs, variances, revaluation, cost_to_serve, margin,
    closing_inventory, cash; the last two are None without a supply plan, budget and gap without a budget.
    """
    position = position_of(plan)
    if position is None:
        return {}
    return {
        "fiscal_year": position.fiscal_year,
        "currency": position.currency,
        "actuals_to_date": position.actuals_to_date,
        "upside": position.upside,
        "plan": position.plan,
        "landing": position.landing,
        "finance_landing": position.finance_landing,
        "budget": position.budget,
        "gap": position.gap,
        "drivers": {driver.value: cents for driver, cents in position.drivers.items()},
        "adjustments": position.adjustments,
        "unexplained": position.unexplained.cents,
        "cogs": position.cogs,
        "variances": position.variances,
        "revaluation": position.revaluation,
        "cost_to_serve": position.cost_to_serve,
        "margin": position.margin,
        "closing_inventory": position.closing_inventory,
        "cash": position.cash,
    }
