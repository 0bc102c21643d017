"""Purchases that are either nothing or at least an order minimum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part, Piece, Rows, ones
from supply.calc.parts.lots import unpinned
from supply.calc.problem import Flags, Floats, SupplyProblem


@dataclass(frozen=True)
class Orders:
    """Order minimums: ``least`` units (node,) of an order in a month, 0 = any quantity; ``most`` (node,) a bound on what
    a month can ever need, for saying "nothing or more"."""

    least: Floats
    most: Floats


def _places(ground: Ground) -> Flags:
    """Months in which an item with a minimum may be ordered (node, month); a pinned purchase is no choice."""
    problem, orders = ground.problem, ground.problem.choices.orders
    free = unpinned(problem)
    if orders is None:
        return np.zeros_like(free)
    return (ground.scope & problem.nodes.can_buy & (orders.least > 0))[:, None] & free


def _columns(ground: Ground) -> dict[str, Flags]:
    """Whether something is ordered (node, month): 0 or 1."""
    return {"ordered": _places(ground)}


def _rows(ground: Ground) -> dict[str, Rows]:
    """Least (node, month): bought + expedited − least · ordered ≥ 0; most: bought + expedited − most · ordered ≤ 0."""
    exists = _places(ground)
    zero, labels = np.zeros(exists.shape), ground.problem.nodes.labels
    low = Rows(tuple(f"order minimum of {label}" for label in labels), zero, np.full(exists.shape, np.inf), exists)
    return {
        "order_least": low,
        "order_most": Rows(tuple(f"orders of {label}" for label in labels), zero - np.inf, zero, exists),
    }


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    block = layout.columns["ordered"]
    bounds.upper[block.numbers], bounds.whole[block.numbers] = 1.0, 1


def _coefficients(ground: Ground, layout: Layout) -> Iterator[Piece]:
    orders, block = ground.problem.choices.orders, layout.columns["ordered"]
    if orders is None:
        return
    for name, limit in (("order_least", orders.least), ("order_most", orders.most)):
        rows = layout.rows[name].numbers
        yield rows, block.numbers, -limit[block.row]
        for bought in ("buy", "expedite"):
            column = layout.columns[bought].numbered()[block.row, block.month]
            there = column >= 0
            yield rows[there], column[there], ones(column[there])


def order_bound(problem: SupplyProblem, least: Floats, needed: Floats) -> Floats:
    """What a month's order can be at most (node,): the requirement of the whole plan, safety stocks and the minimum, or
    what the suppliers deliver.

    Args:
        problem: The supply problem. least: Order minimums (node,). needed: Gross requirement in units (node, month).
    """
    wanted = needed.sum(axis=1) + (problem.nodes.safety + problem.nodes.end_stock) / 1000.0 + least
    most: Floats = np.minimum(wanted, problem.nodes.buy_limit)
    return most


ORDERS = Part(columns=_columns, rows=_rows, bounds=_bounds, coefficients=_coefficients)
