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


@dataclass(frozen=True)
class SupplyPolicy:
    """``costs`` weigh the plan; ``allocation`` shares what is short."""

    costs: CostPolicy = CostPolicy()
    allocation: Allocation = Allocation.FAIR_SHARE


ALLOCATION = "allocation"
COSTS: Mapping[str, tuple[str, float]] = {
    "holding_per_month": ("holding", 1.0),
    "expedite_premium": ("expedite", 10.0),
    "safety_penalty_per_month": ("safety", 10.0),
    "least_margin": ("margin_floor", 10.0),
}
"""Name in the file → field of ``CostPolicy`` and the largest value; all are shares of the standard cost."""

NAMES = (ALLOCATION, *COSTS)


def setting_fault(name: str, value: str) -> str:
    """Why a value cannot be the setting's, '' when it can. The name is one of ``NAMES``."""
    if name == ALLOCATION:
        known = ", ".join(Allocation)
        return "" if value in set(Allocation) else f"is no policy; one of {known}"
    try:
        number = float(value)
    except ValueError:
        return "is not a number"
    most = COSTS[name][1]
    return "" if 0 <= number <= most else f"is not between 0 and {most:g} (a share of the standard cost)"


def policy_of(settings: Mapping[str, str]) -> SupplyPolicy:
    """The policy that the settings say; a setting that is not there has its default.

    Raises:
        ValueError: A value that ``setting_fault`` refuses.
    """
    for name, value in settings.items():
        if fault := setting_fault(name, value):
            raise ValueError(f"{name}: {value!r} {fault}.")
    costs = {COSTS[name][0]: float(value) for name, value in settings.items() if name in COSTS}
    return SupplyPolicy(CostPolicy(**costs), Allocation(settings.get(ALLOCATION, Allocation.FAIR_SHARE.value)))
