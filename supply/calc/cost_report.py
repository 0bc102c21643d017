"""What a plan costs, line by line, from quantities and rates; the sum is what the programme minimised."""

from __future__ import annotations

from supply.calc.parts import PARTS
from supply.calc.problem import MILLI, FractionalPlan, SupplyProblem
from supply.calc.requirement import safety_targets


def cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, float]:
    """Cost by name in reporting currency, ≥ 0 except ``revenue``, negative where units have a price, and
    ``alternatives``, negative where the other work centre is cheaper.

    Computed from the plan's quantities, not from the solver. Σ lines = objective + Σ penalty × safety stock: the
    programme rewards stock up to the safety stock, the report charges what is missing of it.
    """
    return {name: float(cost.sum()) for part in PARTS for name, cost in part.cost_lines(problem, plan).items()}


def safety_constant(problem: SupplyProblem) -> float:
    """Σ penalty × safety stock over nodes in the programme and months: what the report has above the objective."""
    return float((safety_targets(problem) / MILLI * problem.costs.safety_penalty).sum())
