"""One query, one validated array block: the supply problem, and the plan that was computed from it."""

from supply.frames.policy import load_policy
from supply.frames.problem import SupplyInput, load_supply_problem
from supply.frames.results import (
    ConstrainedBlock,
    LoadBlock,
    ProductionBlock,
    SupplyCosts,
    load_constrained,
    load_loads,
    load_production,
    load_supply_costs,
)

__all__ = [
    "ConstrainedBlock",
    "LoadBlock",
    "ProductionBlock",
    "SupplyCosts",
    "SupplyInput",
    "load_constrained",
    "load_loads",
    "load_policy",
    "load_production",
    "load_supply_costs",
    "load_supply_problem",
]
