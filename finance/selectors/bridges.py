"""The steps of the three bridges of a page: revenue, margin and cash, each from its stored totals."""

from __future__ import annotations

from dataclasses import dataclass

from finance.selectors.headline import DRIVER_WORDS
from finance.selectors.position import Position


@dataclass(frozen=True)
class BridgeStep:
    """One step in cents; a total is a level, the others are changes that lead from total to total. `key`: driver."""

    label: str
    cents: int
    is_total: bool = False
    key: str = ""


def revenue_steps(position: Position) -> list[BridgeStep]:
    """Budget → drivers → operating landing → adjustments → finance landing."""
    steps = [BridgeStep("Budget", position.budget or 0, True)]
    steps += [
        BridgeStep(DRIVER_WORDS[driver].capitalize(), cents, key=driver.value)
        for driver, cents in position.drivers.items()
        if cents
    ]
    if position.adjustments:
        steps.append(BridgeStep("Adjustments", position.adjustments, key="adjustments"))
    return [*steps, BridgeStep("Landing", position.finance_landing, True)]


def margin_steps(position: Position) -> list[BridgeStep]:
    """Budgeted margin → revenue → COGS → variances → revaluation → cost to serve → margin; costs turn negative."""
    revenue = position.landing - (position.budget or 0)
    cost = (position.budget_cogs or 0) - position.cogs
    steps = [BridgeStep("Budget margin", position.budget_margin or 0, True), BridgeStep("Revenue", revenue)]
    steps += [BridgeStep("COGS at standard", cost), BridgeStep("Variances", -position.variances)]
    steps += [BridgeStep("Revaluation", position.revaluation), BridgeStep("Cost to serve", -position.cost_to_serve)]
    kept = [step for step in steps if step.is_total or step.cents]
    return [*kept, BridgeStep("Margin", position.margin, True)]


def cash_steps(position: Position) -> list[BridgeStep]:
    """Margin before revaluation → receivables → inventory → payables → operating cash, over the year's open months."""
    year = [row for row in position.cash_months if row.month <= position.year_end]
    margin = sum(row.margin_before_revaluation_cents for row in year)
    steps = [
        BridgeStep("Margin, open months", margin, True),
        BridgeStep("Receivables", -sum(row.receivables_change_cents for row in year)),
        BridgeStep("Inventory", -sum(row.inventory_change_cents for row in year)),
        BridgeStep("Payables", sum(row.payables_change_cents for row in year)),
        BridgeStep("Operating cash", sum(row.direct_cents for row in year), True),
    ]
    return [step for step in steps if step.is_total or step.cents]
