"""What a delivered unit earns: the programme then minimises cost − revenue."""

from __future__ import annotations

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part
from supply.calc.problem import Floats, FractionalPlan, SupplyProblem


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    price, flow = ground.problem.choices.price, layout.columns["flow"]
    if price is not None:
        bounds.cost[flow.numbers] -= price[ground.problem.groups.lane_group[flow.row], flow.month]


def _cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, Floats]:
    price = problem.choices.price
    return {} if price is None else {"revenue": -plan.flow * price[problem.groups.lane_group]}


REVENUE = Part(bounds=_bounds, cost_lines=_cost_lines)
