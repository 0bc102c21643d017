"""What can be compared, in which measure and by which level: the words of a bridge between any two references."""

from __future__ import annotations

from enum import StrEnum


class Reference(StrEnum):
    """A set of numbers that a bridge may leave from or lead to, seen from one plan.

    Budget and reforecast are reference plans of the plan's fiscal year; landing is actuals to date and the plan from
    there; last cycle is the plan approved in the cycle before; last year are the actuals of the same months a year
    earlier; actuals are those of the closed months of the fiscal year.
    """

    BUDGET = "budget"
    REFORECAST = "reforecast"
    LANDING = "landing"
    LAST_CYCLE = "last_cycle"
    LAST_YEAR = "last_year"
    ACTUALS = "actuals"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.replace("_", " ").capitalize()


class BridgeMeasure(StrEnum):
    """What a bridge explains. COGS is standard cost with variances, revaluation and cost to serve; costs positive."""

    REVENUE = "revenue"
    COGS = "cogs"
    MARGIN = "margin"
    INVENTORY = "inventory"
    CASH = "cash"

    @property
    def label(self) -> str:
        """The name people read."""
        names = {"cogs": "COGS", "margin": "Gross margin", "cash": "Operating cash flow"}
        return names.get(self.value, self.value.capitalize())

    @property
    def is_stock(self) -> bool:
        """Whether it is a balance: the one at the end of the months counts, not their sum."""
        return self is BridgeMeasure.INVENTORY


class BridgeLevel(StrEnum):
    """By what the rows of a bridge are told apart."""

    CATEGORY = "category"
    FAMILY = "family"
    ITEM = "item"
    MARKET = "market"
    REGION = "region"
    CHANNEL = "channel"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.capitalize()

    @property
    def is_time(self) -> bool:
        """Whether the rows are spans of time and not nodes of the hierarchy."""
        return self in (BridgeLevel.MONTH, BridgeLevel.QUARTER, BridgeLevel.YEAR)


class StepKey(StrEnum):
    """The changes between start and end, over all measures, in the order in which they are shown."""

    VOLUME = "volume"
    MIX = "mix"
    PRICE = "price"
    RATE = "standard_rate"
    FX = "fx"
    NEW = "new"
    DISCONTINUED = "discontinued"
    CONSTRAINT = "supply_constraint"
    COST = "cost"
    POLICY = "policy"
    VARIANCES = "variances"
    REVALUATION = "revaluation"
    COST_TO_SERVE = "cost_to_serve"
    OVERTIME = "overtime"
    EXPEDITE = "expedite"
    SUBCONTRACT = "subcontract"
    FREIGHT = "freight"
    MARGIN = "margin"
    FIXED_COST = "fixed_cost"
    RECEIVABLES = "receivables"
    INVENTORY = "inventory"
    PAYABLES = "payables"
    ACCRUALS = "accruals"
    ADJUSTMENTS = "adjustments"

    @property
    def label(self) -> str:
        """The name people read."""
        names = {
            "fx": "Exchange rates",
            "new": "New products",
            "discontinued": "Discontinued products",
            "cost": "Standard cost",
            "margin": "Margin before revaluation",
        }
        return names.get(self.value, self.value.replace("_", " ").capitalize())
