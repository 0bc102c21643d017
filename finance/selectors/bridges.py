"""The bridges of a page: budget to landing from stored totals, and `bridge_between` for any two references."""

from __future__ import annotations

from finance.calc.bridge_rows import BridgeRow, BridgeStep
from finance.selectors.between import bridge_between, bridge_of
from finance.selectors.bridge_answers import Bridge, BridgeQuestion, MovedItem
from finance.selectors.headline import DRIVER_WORDS
from finance.selectors.position import Position

__all__ = [
    "Bridge",
    "BridgeQuestion",
    "BridgeRow",
    "BridgeStep",
    "MovedItem",
    "StepsDoNotAdd",
    "bridge_between",
    "bridge_of",
    "cash_steps",
    "margin_steps",
    "revenue_steps",
]


class StepsDoNotAdd(ArithmeticError):
    """The changes between two totals of a bridge miss their difference: a stored line is missing or counted twice."""


def revenue_steps(position: Position) -> list[BridgeStep]:
    """Budget → drivers → operating landing → adjustments → finance landing; what no driver explains is a step too.

    Without a budget there is nothing to leave from: actuals to date → open months → adjustments → finance landing.

    Raises:
        StepsDoNotAdd: they miss the landing.
    """
    if position.budget is None:
        steps = [
            BridgeStep("Actuals to date", position.actuals_to_date, True),
            BridgeStep("Plan, open months", position.plan),
        ]
    else:
        drivers = [
            BridgeStep(DRIVER_WORDS[driver].capitalize(), cents, key=driver.value)
            for driver, cents in position.drivers.items()
        ]
        unexplained = position.landing - position.budget - sum(position.drivers.values())
        steps = [BridgeStep("Budget", position.budget, True), *drivers, BridgeStep("Unexplained", unexplained)]
    steps.append(BridgeStep("Adjustments", position.adjustments, key="adjustments"))
    return _closed([*steps, BridgeStep("Landing", position.finance_landing, True)])


def margin_steps(position: Position) -> list[BridgeStep]:
    """Budgeted margin → revenue → COGS → variances → revaluation → cost to serve → margin; costs turn negative.

    Without a budget of revenue and COGS it leaves from the revenue of the operating landing.

    Raises:
        StepsDoNotAdd: they miss the margin.
    """
    if position.budget is None or position.budget_cogs is None:
        steps = [
            BridgeStep("Revenue", position.landing, True),
            BridgeStep("COGS at standard", -position.cogs),
        ]
    else:
        steps = [
            BridgeStep("Budget margin", position.budget - position.budget_cogs, True),
            BridgeStep("Revenue", position.landing - position.budget),
            BridgeStep("COGS at standard", position.budget_cogs - position.cogs),
        ]
    steps += [
        BridgeStep("Variances", -position.variances),
        BridgeStep("Revaluation", position.revaluation),
        BridgeStep("Cost to serve", -position.cost_to_serve),
    ]
    return _closed([*steps, BridgeStep("Margin", position.margin, True)])


def cash_steps(position: Position) -> list[BridgeStep]:
    """Margin before revaluation → receivables → inventory → payables → operating cash, over the year's open months.

    Raises:
        StepsDoNotAdd: they miss the operating cash.
    """
    year = [row for row in position.cash_months if row.month <= position.year_end]
    margin = sum(row.margin_before_revaluation_cents for row in year)
    return _closed(
        [
            BridgeStep("Margin, open months", margin, True),
            BridgeStep("Receivables", -sum(row.receivables_change_cents for row in year)),
            BridgeStep("Inventory", -sum(row.inventory_change_cents for row in year)),
            BridgeStep("Payables", sum(row.payables_change_cents for row in year)),
            BridgeStep("Operating cash", sum(row.direct_cents for row in year), True),
        ]
    )


def _closed(steps: list[BridgeStep]) -> list[BridgeStep]:
    """The steps without changes of 0, once they are seen to add."""
    level = 0
    for step in steps:
        if step.is_total and step is not steps[0] and step.cents != level:
            raise StepsDoNotAdd(f"{step.label} is {step.cents} cents, the steps before it lead to {level}")
        level = step.cents if step.is_total else level + step.cents
    return [step for step in steps if step.is_total or step.cents]
