"""What a plan costs, line by line, from quantities and rates; the sum is what the programme minimised."""

from __future__ import annotations

import numpy as np

from supply.calc.lp_model import MILLI
from supply.calc.problem import Choices, Floats, FractionalPlan, SupplyProblem
from supply.calc.requirement import safety_targets


def cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, float]:
    """Cost by name in reporting currency, ≥ 0 except ``revenue``, which is negative where units have a price.

    Computed from the plan's quantities, not from the solver. Σ lines = objective + Σ penalty × safety stock: the
    programme rewards stock up to the safety stock, the report charges what is missing of it.
    """
    rates, target = problem.costs, safety_targets(problem) / MILLI
    missing = np.maximum(target - np.minimum(plan.inventory, target), 0.0)
    lines = {
        "make": plan.make * rates.make,
        "buy": plan.buy * rates.buy,
        "expedite": plan.expedite * rates.expedite,
        "overtime": plan.overtime * rates.overtime,
        "holding": plan.inventory * rates.holding,
        "below_safety": missing * rates.safety_penalty,
        "lost_sales": plan.short * rates.shortage,
        "freight": plan.flow * rates.freight[:, None],
        **_choice_lines(problem, problem.choices, plan),
    }
    return {name: float(cost.sum()) for name, cost in lines.items()}


def _choice_lines(problem: SupplyProblem, choices: Choices, plan: FractionalPlan) -> dict[str, Floats]:
    """Lines of what the problem's choices add; none of what does not exist."""
    lines: dict[str, Floats] = {}
    if choices.subcontract is not None:
        lines["subcontract"] = plan.subcontract * choices.subcontract.cost
    if choices.backlog is not None:
        lines["backlog"] = plan.backlog * choices.backlog.cost
    if choices.people is not None:
        lines["wages"] = plan.people * choices.people.wage
        lines["hire"] = plan.hired * choices.people.hire
        lines["release"] = plan.released * choices.people.release
    if choices.price is not None:
        lines["revenue"] = -plan.flow * choices.price[problem.groups.lane_group]
    return lines


def safety_constant(problem: SupplyProblem) -> float:
    """Σ penalty × safety stock over nodes in the programme and months: what the report has above the objective."""
    return float((safety_targets(problem) / MILLI * problem.costs.safety_penalty).sum())
