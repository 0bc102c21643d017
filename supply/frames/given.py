"""What is given and no choice: returns, orders of the plan before, subcontracted units and pinned quantities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from supply.calc.demand_groups import Lane
from supply.calc.network import Node
from supply.calc.problem import PinRows
from supply.frames.plan_rows import PlanRows
from supply.frames.results import load_production

Ints = NDArray[np.int64]


def returns_of(rows: PlanRows, lanes: list[tuple[Lane, ...]], nodes: int) -> Ints:
    """Negative consensus cells as receipts at the leaf's first lane (node, month)."""
    returns = np.zeros((nodes, rows.plan.horizon), np.int64)
    first = np.array([ways[0].node for ways in lanes], np.int64)
    np.add.at(returns, first, np.maximum(-rows.leaves.units, 0))
    return returns


def ordered_before(rows: PlanRows, number: dict[Node, int]) -> Ints:
    """Purchases of the approved plan before this one, in its months (node, month): they were ordered in time."""
    ordered = np.zeros((len(number), rows.plan.horizon), np.int64)
    if rows.plan.previous is None:
        return ordered
    before = load_production(rows.plan.previous)
    passed = rows.months.start - rows.plan.previous.first_month_index
    kept = min(rows.plan.horizon, before.buy.shape[1] - passed)
    for row, node in enumerate(zip(before.item_ids.tolist(), before.site_ids.tolist(), strict=True)):
        if node in number and kept > 0:
            ordered[number[node], :kept] = (before.buy - before.subcontract)[row, passed : passed + kept]
    return ordered


def pinned_subcontract(rows: PlanRows, number: dict[Node, int]) -> tuple[Ints, NDArray[np.float64]]:
    """Pinned subcontracted units and their cost over standard (node, month)."""
    shape = (len(number), rows.plan.horizon)
    units, cost = np.zeros(shape, np.int64), np.zeros(shape)
    for (kind, item, site, month), quantity in rows.pins.quantities.items():
        if kind == "subcontract":
            units[number[item, site], month] = quantity
            cost[number[item, site], month] = rows.pins.unit_costs[item, site, month]
    return units, cost


def pin_rows(rows: PlanRows, number: dict[Node, int]) -> PinRows:
    """Pinned production and purchases as rows of the problem."""
    fixed = [(key, quantity) for key, quantity in rows.pins.quantities.items() if key[0] in ("make", "buy")]
    return PinRows(
        kind=tuple(key[0] for key, _ in fixed),
        node=np.array([number[key[1], key[2]] for key, _ in fixed], np.int64),
        month=np.array([key[3] for key, _ in fixed], np.int64),
        quantity=np.array([quantity for _, quantity in fixed], np.int64),
    )
