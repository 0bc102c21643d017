"""Delivering on lanes and declining: the demand of every group of markets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part, Piece, Rows, ones
from supply.calc.problem import MILLI, Flags, Floats, FractionalPlan, SupplyProblem


def _columns(ground: Ground) -> dict[str, Flags]:
    groups, months = ground.problem.groups, ground.problem.months
    return {
        "flow": np.ones((len(groups.lane_group), months), dtype=bool),
        "short": np.ones(groups.quantity.shape, dtype=bool),
    }


def _rows(ground: Ground) -> dict[str, Rows]:
    """Demand (group, month): Σ flow + short = demand, or at least nothing where demand has no limit."""
    problem = ground.problem
    demand = problem.groups.quantity / MILLI
    least, most = demand.copy(), demand.copy()
    if problem.choices.is_open is not None:
        least[problem.choices.is_open], most[problem.choices.is_open] = 0.0, np.inf
    return {"demand": Rows(tuple(f"demand of {label}" for label in problem.groups.labels), least, most)}


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    flow, short, rates = layout.columns["flow"], layout.columns["short"], ground.problem.costs
    bounds.cost[flow.numbers] = rates.freight[flow.row]
    bounds.cost[short.numbers] = rates.shortage[short.row, short.month]


def _coefficients(ground: Ground, layout: Layout) -> Iterator[Piece]:
    groups, flow, short = ground.problem.groups, layout.columns["flow"], layout.columns["short"]
    balance, demand = layout.rows["balance"].numbered(), layout.rows["demand"].numbered()
    yield balance[groups.lane_node[flow.row], flow.month], flow.numbers, ones(flow.row, -1.0)
    yield demand[groups.lane_group[flow.row], flow.month], flow.numbers, ones(flow.row)
    yield demand[short.row, short.month], short.numbers, ones(short.row)


def _cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, Floats]:
    return {"lost_sales": plan.short * problem.costs.shortage, "freight": plan.flow * problem.costs.freight[:, None]}


def _needs(problem: SupplyProblem) -> Flags:
    """Nodes that serve demand, or demand without limit."""
    groups, needed = problem.groups, np.zeros(len(problem.nodes.labels), dtype=bool)
    wanted: Flags = np.asarray((groups.quantity > 0).any(axis=1))
    if problem.choices.is_open is not None:
        wanted = wanted | problem.choices.is_open
    np.logical_or.at(needed, groups.lane_node, wanted[groups.lane_group])
    return needed


DELIVERIES = Part(
    columns=_columns, rows=_rows, bounds=_bounds, coefficients=_coefficients, cost_lines=_cost_lines, needs=_needs
)
