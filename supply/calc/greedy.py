"""Greedy netting: the plan that a planner makes by hand, month by month; never cheaper than the programme.

Month by month the demands are served in order of their lost margin per hour: from stock, else made in the same month
through all levels, else (what is bought) bought, or expedited inside the lead time. What does not fit into the hours,
components or supplier limits of that month is declined, nothing is built ahead, safety stock is refilled by nobody.
It serves as the yardstick of the programme, for problems without pins and choices.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from supply.calc.parts.goods import timely_purchase
from supply.calc.plan_lp import rounding_reserve
from supply.calc.problem import MILLI, Floats, FractionalPlan, SupplyProblem
from supply.calc.shortage_causes import hours_through_all_levels

STEPS = 20
NEARLY = 1e-9


@dataclass
class _Month:
    """What is left in a month: stock and what can still be bought (node,), hours (work centre,); and what was decided."""

    stock: Floats
    timely: Floats
    late: Floats
    hours: Floats
    make: Floats = field(init=False)
    buy: Floats = field(init=False)
    expedite: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.make, self.buy, self.expedite = (np.zeros(len(self.stock)) for _ in range(3))

    def copy(self) -> _Month:
        """The same month to try something on."""
        other = _Month(self.stock.copy(), self.timely.copy(), self.late.copy(), self.hours.copy())
        other.make, other.buy, other.expedite = self.make.copy(), self.buy.copy(), self.expedite.copy()
        return other


@dataclass(frozen=True)
class _Structure:
    """Operations and component lines by node."""

    operations: dict[int, list[tuple[int, float]]]
    components: dict[int, list[tuple[int, float, int]]]


def greedy_plan(problem: SupplyProblem) -> FractionalPlan:
    """Serve each month's demand in order of lost margin per hour, as far as its hours and parts go.

    Returns:
        A plan that keeps every row of the programme; ``price`` is 0 and ``cost`` NaN, see ``cost_lines``.
    """
    structure, nodes, months = _structure(problem), problem.nodes, problem.months
    reserve = rounding_reserve(problem)
    limit = problem.centres.regular - reserve[:, None] + problem.centres.overtime_limit
    timely = np.minimum(timely_purchase(problem, np.inf), nodes.buy_limit[:, None])
    made, bought, expedited, kept = (np.zeros(problem.receipts.shape) for _ in range(4))
    flow = np.zeros((len(problem.groups.lane_node), months))
    stock = nodes.opening / MILLI
    for month in range(months):
        late = np.where(nodes.can_buy & (month < nodes.buy_from), nodes.buy_limit, 0.0)
        on_time = np.where(nodes.can_buy, timely[:, month], 0.0)
        left = _Month(stock + problem.receipts[:, month] / MILLI, on_time, late, limit[:, month])
        for lane in _by_worth(problem, month):
            left, flow[lane, month] = _serve(problem, structure, left, month=month, lane=lane)
        made[:, month], bought[:, month], expedited[:, month] = left.make, left.buy, left.expedite
        kept[:, month] = stock = np.maximum(left.stock, 0.0)
    return _plan(problem, reserve, flow=flow, quantities=(made, bought, expedited, kept))


def _structure(problem: SupplyProblem) -> _Structure:
    operations: dict[int, list[tuple[int, float]]] = {}
    components: dict[int, list[tuple[int, float, int]]] = {}
    routing, bom = problem.routing, problem.bom
    for node, centre, hours in zip(routing.node.tolist(), routing.centre.tolist(), routing.hours, strict=True):
        operations.setdefault(node, []).append((centre, float(hours)))
    for line, (parent, component) in enumerate(zip(bom.parent.tolist(), bom.component.tolist(), strict=True)):
        components.setdefault(parent, []).append((component, float(bom.quantity[line]), line))
    return _Structure(operations, components)


def _by_worth(problem: SupplyProblem, month: int) -> list[int]:
    """Preferred lanes of the groups with demand, largest lost margin per hour first."""
    groups = problem.groups
    lanes = np.lexsort((np.arange(len(groups.lane_group)), groups.lane_rank))
    first = lanes[np.unique(groups.lane_group[lanes], return_index=True)[1]]
    wanted = first[groups.quantity[groups.lane_group[first], month] > 0]
    hours = hours_through_all_levels(problem, month).sum(axis=1)[groups.lane_node[wanted]]
    worth = problem.costs.shortage[groups.lane_group[wanted], month] / np.maximum(hours, NEARLY)
    return [int(wanted[place]) for place in np.argsort(-worth, kind="stable")]


def _serve(
    problem: SupplyProblem, structure: _Structure, left: _Month, *, month: int, lane: int
) -> tuple[_Month, float]:
    """Serve as much of a lane's demand as goes, by halving; returns what is left and the units delivered."""
    node = int(problem.groups.lane_node[lane])
    wanted = float(problem.groups.quantity[problem.groups.lane_group[lane], month]) / MILLI
    whole = _tried(problem, structure, left, month=month, node=node, units=wanted)
    if whole is not None:
        return whole, wanted
    low, high, best = 0.0, wanted, left
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        tried = _tried(problem, structure, left, month=month, node=node, units=middle)
        low, high, best = (low, middle, best) if tried is None else (middle, high, tried)
    return best, low


def _tried(
    problem: SupplyProblem, structure: _Structure, left: _Month, *, month: int, node: int, units: float
) -> _Month | None:
    after = left.copy()
    return after if _take(problem, structure, after, month=month, node=node, units=units) else None


def _take(problem: SupplyProblem, structure: _Structure, left: _Month, *, month: int, node: int, units: float) -> bool:
    """Take units of a node from stock, else make or buy them, in place; False when something does not reach."""
    used = min(units, left.stock[node]) if problem.nodes.stocked[node] else 0.0
    left.stock[node] -= used
    missing = units - used
    if missing <= NEARLY:
        return True
    if problem.nodes.can_make[node]:
        left.make[node] += missing
        for centre, hours in structure.operations.get(node, ()):
            left.hours[centre] -= hours * missing
            if left.hours[centre] < 0:
                return False
        return all(
            _take(problem, structure, left, month=month, node=component, units=quantity * missing)
            for component, quantity, line in structure.components.get(node, ())
            if problem.bom.valid[line, month]
        )
    for store, rest in ((left.buy, left.timely), (left.expedite, left.late)):
        part = min(missing, rest[node])
        store[node] += part
        rest[node] -= part
        missing -= part
    return missing <= NEARLY


def _plan(
    problem: SupplyProblem, reserve: Floats, *, flow: Floats, quantities: tuple[Floats, Floats, Floats, Floats]
) -> FractionalPlan:
    made, bought, expedited, kept = quantities
    groups = problem.groups
    sent = np.zeros(groups.quantity.shape)
    np.add.at(sent, groups.lane_group, flow)
    load = np.zeros(problem.centres.regular.shape)
    np.add.at(load, problem.routing.centre, made[problem.routing.node] * problem.routing.hours[:, None])
    quantity = {
        "make": made,
        "buy": bought,
        "expedite": expedited,
        "stock_low": np.zeros(kept.shape),
        "stock_high": kept,
        "flow": flow,
        "short": groups.quantity / MILLI - sent,
        "overtime": np.maximum(load - (problem.centres.regular - reserve[:, None]), 0.0),
    }
    return FractionalPlan(
        quantity=quantity,
        price=np.zeros(load.shape),
        cost=float("nan"),
    )
