"""Company policy of the supply plan: its settings with limits and defaults, read from texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from supply.calc.cost_rates import CostPolicy


class Allocation(StrEnum):
    """Who gets what there is of an item that is short, among markets that are served from the same places."""

    FAIR_SHARE = "fair_share"
    MARGIN = "margin"
    PRIORITY = "priority"


class UnmetDemand(StrEnum):
    """What becomes of demand that is not delivered in its month."""

    LOST = "lost"
    BACKLOG = "backlog"


@dataclass(frozen=True)
class BacklogPolicy:
    """Terms of late delivery: ``cost`` per unit and month late as a share of its net price; ``months`` that a customer
    waits, after which the demand is lost."""

    cost: float = 0.02
    months: int = 3


class OrderLots(StrEnum):
    """How lots and order minimums are kept: not at all, by rounding purchases up, or by solving in whole numbers."""

    FREE = "free"
    ROUNDED = "rounded"
    WHOLE = "whole"


@dataclass(frozen=True)
class LotPolicy:
    """``mode`` how lots are kept; in whole numbers to a ``gap`` (share of the plan's cost) or for so many ``seconds``."""

    mode: OrderLots = OrderLots.FREE
    gap: float = 0.01
    seconds: int = 60


@dataclass(frozen=True)
class SupplyPolicy:
    """``costs`` weigh the plan; ``allocation`` shares what is short; in the first ``frozen_months`` production and
    purchases are those of the approved plan before; ``unmet`` says whether demand waits, by the terms of ``backlog``;
    ``lots`` how lots and order minimums are kept."""

    costs: CostPolicy = CostPolicy()
    allocation: Allocation = Allocation.FAIR_SHARE
    frozen_months: int = 0
    unmet: UnmetDemand = UnmetDemand.LOST
    backlog: BacklogPolicy = BacklogPolicy()
    lots: LotPolicy = LotPolicy()

    @property
    def is_late_allowed(self) -> bool:
        """Whether demand may be delivered after its month."""
        return self.unmet is UnmetDemand.BACKLOG and self.backlog.months > 0


ALLOCATION = "allocation"
COSTS: Mapping[str, tuple[str, float]] = {
    "holding_per_month": ("holding", 1.0),
    "expedite_premium": ("expedite", 10.0),
    "safety_penalty_per_month": ("safety", 10.0),
    "least_margin": ("margin_floor", 10.0),
}
"""Name in the file → field of ``CostPolicy`` and the largest value; all are shares of the standard cost."""

UNMET, FROZEN, BACKLOG_COST, BACKLOG_MONTHS = (
    "unmet_demand",
    "frozen_months",
    "backlog_cost_per_month",
    "backlog_months",
)
LOTS, GAP, SECONDS = "order_lots", "lots_gap", "lots_seconds"
WORDS: Mapping[str, type[StrEnum]] = {ALLOCATION: Allocation, UNMET: UnmetDemand, LOTS: OrderLots}
"""Name in the file → the words that it may be."""

MONTHS: Mapping[str, int] = {FROZEN: 12, BACKLOG_MONTHS: 12}
"""Name in the file → the largest number of whole months."""

SHARES: Mapping[str, tuple[float, str]] = {
    **{name: (most, "the standard cost") for name, (_, most) in COSTS.items()},
    BACKLOG_COST: (1.0, "the net price"),
    GAP: (1.0, "the plan's cost"),
}
"""Name in the file → the largest share, and of what."""

MOST_SECONDS = 3600
NAMES = (*WORDS, *COSTS, FROZEN, BACKLOG_COST, BACKLOG_MONTHS, GAP, SECONDS)


def setting_fault(name: str, value: str) -> str:
    """Why a value cannot be the setting's, '' when it can. The name is one of ``NAMES``."""
    if name in WORDS:
        known = ", ".join(WORDS[name])
        return "" if value in set(WORDS[name]) else f"is no policy; one of {known}"
    if name in MONTHS:
        is_whole = value.isdecimal() and int(value) <= MONTHS[name]
        return "" if is_whole else f"is no whole number of months between 0 and {MONTHS[name]}"
    if name == SECONDS:
        is_whole = value.isdecimal() and 0 < int(value) <= MOST_SECONDS
        return "" if is_whole else f"is no whole number of seconds between 1 and {MOST_SECONDS}"
    try:
        number = float(value)
    except ValueError:
        return "is not a number"
    most, of = SHARES[name]
    return "" if 0 <= number <= most else f"is not between 0 and {most:g} (a share of {of})"


def policy_of(settings: Mapping[str, str]) -> SupplyPolicy:
    """The policy that the settings say; a setting that is not there has its default.

    Raises:
        ValueError: A value that ``setting_fault`` refuses.
    """
    for name, value in settings.items():
        if fault := setting_fault(name, value):
            raise ValueError(f"{name}: {value!r} {fault}.")
    costs = {COSTS[name][0]: float(value) for name, value in settings.items() if name in COSTS}
    usual = BacklogPolicy()
    return SupplyPolicy(
        CostPolicy(**costs),
        Allocation(settings.get(ALLOCATION, Allocation.FAIR_SHARE.value)),
        int(settings.get(FROZEN, 0)),
        UnmetDemand(settings.get(UNMET, UnmetDemand.LOST.value)),
        BacklogPolicy(float(settings.get(BACKLOG_COST, usual.cost)), int(settings.get(BACKLOG_MONTHS, usual.months))),
        _lots_of(settings),
    )


def _lots_of(settings: Mapping[str, str]) -> LotPolicy:
    usual = LotPolicy()
    mode = OrderLots(settings.get(LOTS, usual.mode.value))
    return LotPolicy(mode, float(settings.get(GAP, usual.gap)), int(settings.get(SECONDS, usual.seconds)))
