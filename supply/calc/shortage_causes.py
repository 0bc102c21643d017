"""Why a demand is not met: the work centre, the lead time, the supplier, no source, or plain cost."""

from dataclasses import dataclass

import numpy as np

from supply.calc.explosion import low_level_codes
from supply.calc.problem import Floats, Ints, SupplyProblem

PRICE_STEP = 1e-6


@dataclass(frozen=True)
class Cause:
    """Why one group is short in one month: ``kind`` is capacity, lead_time, supplier, no_source or cost;
    ``centre`` is the work centre or -1; ``detail`` names the item that holds it up."""

    kind: str
    centre: int
    detail: str


def hours_through_all_levels(problem: SupplyProblem, month: int) -> Floats:
    """Hours of each work centre in one unit of a node, its made components included, (node, work centre)."""
    hours = np.zeros((len(problem.nodes.labels), len(problem.centres.labels)))
    np.add.at(hours, (problem.routing.node, problem.routing.centre), problem.routing.hours)
    hours[~problem.nodes.can_make] = 0.0
    bom = problem.bom
    codes = low_level_codes(bom.parent, bom.component, problem.nodes.labels)
    for level in np.unique(codes[bom.parent])[::-1]:
        lines = np.flatnonzero((codes[bom.parent] == level) & bom.valid[:, month])
        np.add.at(hours, bom.parent[lines], hours[bom.component[lines]] * bom.quantity[lines, None])
    return hours


def shortage_causes(problem: SupplyProblem, short: Ints, price: Floats) -> dict[tuple[int, int], Cause]:
    """Cause of every shortage.

    The work centre whose hours are worth most to the item in that month or before it; else a purchased part inside
    its lead time; else a supplier's limit; else no source; else the shortage is cheaper than any supply.

    Args:
        problem: The solved problem.
        short: Milli-units (group, month).
        price: Shadow price of hours (work centre, month), reporting currency per hour.

    Returns:
        (group, month) → cause, one entry for every positive shortage.
    """
    causes: dict[tuple[int, int], Cause] = {}
    for month in np.flatnonzero((short > 0).any(axis=0)).tolist():
        hours = hours_through_all_levels(problem, month)
        for group in np.flatnonzero(short[:, month] > 0).tolist():
            nodes = problem.groups.lane_node[problem.groups.lane_group == group]
            causes[group, month] = _cause(problem, nodes, month, hours[nodes] @ price[:, month])
            if causes[group, month].kind == "capacity":
                centre = int(np.argmax((hours[nodes] * price[:, month]).max(axis=0)))
                causes[group, month] = Cause("capacity", centre, problem.centres.labels[centre])
    return causes


def _cause(problem: SupplyProblem, serving: Ints, month: int, worth: Floats) -> Cause:
    """Cause for one group served by ``serving`` nodes, whose hours are worth ``worth`` per unit (node,)."""
    nodes = problem.nodes
    if worth.max(initial=0.0) > PRICE_STEP:
        return Cause("capacity", -1, "")
    below = _with_components(problem, serving, month)
    stuck = below[~nodes.can_make[below] & ~nodes.can_buy[below]]
    if len(stuck):
        return Cause("no_source", -1, nodes.labels[stuck[0]])
    bought = below[nodes.can_buy[below]]
    late = bought[nodes.buy_from[bought] > month]
    if len(late):
        return Cause("lead_time", -1, nodes.labels[late[np.argmax(nodes.buy_from[late])]])
    limited = bought[np.isfinite(nodes.buy_limit[bought])]
    if len(limited):
        return Cause("supplier", -1, nodes.labels[limited[0]])
    return Cause("cost", -1, "")


def _with_components(problem: SupplyProblem, serving: Ints, month: int) -> Ints:
    """The nodes and everything in them through valid lines."""
    reached = np.zeros(len(problem.nodes.labels), dtype=bool)
    reached[serving] = True
    lines = problem.bom.valid[:, month] & problem.nodes.can_make[problem.bom.parent]
    while True:
        wider = reached.copy()
        wider[problem.bom.component[lines & reached[problem.bom.parent]]] = True
        if np.array_equal(wider, reached):
            return np.flatnonzero(reached)
        reached = wider
