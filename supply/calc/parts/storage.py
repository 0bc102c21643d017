"""Room for stock at a site, and what is kept outside of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part, Piece, Rows, ones
from supply.calc.problem import MILLI, Flags, Floats, FractionalPlan, Ints, SupplyProblem


@dataclass(frozen=True)
class Storage:
    """Room of the sites ``labels`` (site,) that have a limit.

    ``node_site`` (node,) is the site's number, −1 = its stock is not limited; ``per_unit`` (node,) room that a unit
    takes; ``room`` (site, month) at the end of a month; ``outside_cost`` (site,) reporting currency per unit of room and
    month kept outside, infinite = there is none.
    """

    labels: tuple[str, ...]
    node_site: Ints
    per_unit: Floats
    room: Floats
    outside_cost: Floats


def room_taken(storage: Storage, stock: Floats) -> Floats:
    """Room (site, month) that stock in units (node, month) takes."""
    taken, own = np.zeros((len(storage.labels), stock.shape[1])), storage.node_site >= 0
    np.add.at(taken, storage.node_site[own], stock[own] * storage.per_unit[own, None])
    return taken


def _columns(ground: Ground) -> dict[str, Flags]:
    storage, months = ground.problem.choices.storage, ground.problem.months
    if storage is None:
        return {"outside": np.zeros((0, months), dtype=bool)}
    return {"outside": np.repeat(np.isfinite(storage.outside_cost)[:, None], months, axis=1)}


def _rows(ground: Ground) -> dict[str, Rows]:
    """Storage (site, month): Σ room · stock − outside ≤ room; what nobody asks for stands there all the time."""
    problem, storage = ground.problem, ground.problem.choices.storage
    if storage is None:
        none = np.zeros((0, problem.months))
        return {"storage": Rows((), none, none)}
    kept = np.where(ground.scope, 0.0, problem.nodes.opening / MILLI)
    standing = room_taken(storage, np.repeat(kept[:, None], problem.months, axis=1))
    labels = tuple(f"storage of {label}" for label in storage.labels)
    return {"storage": Rows(labels, np.full(standing.shape, -np.inf), storage.room - standing)}


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    storage, outside = ground.problem.choices.storage, layout.columns["outside"]
    if storage is not None:
        bounds.cost[outside.numbers] = storage.outside_cost[outside.row]


def _coefficients(ground: Ground, layout: Layout) -> Iterator[Piece]:
    storage = ground.problem.choices.storage
    if storage is None:
        return
    row, outside = layout.rows["storage"].numbered(), layout.columns["outside"]
    yield row[outside.row, outside.month], outside.numbers, ones(outside.row, -1.0)
    for name in ("stock_low", "stock_high"):
        stock = layout.columns[name]
        own = (storage.node_site[stock.row] >= 0) & (storage.per_unit[stock.row] > 0)
        place = row[storage.node_site[stock.row[own]], stock.month[own]]
        yield place, stock.numbers[own], storage.per_unit[stock.row[own]]


def _cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, Floats]:
    storage = problem.choices.storage
    if storage is None:
        return {}
    cost = np.where(np.isfinite(storage.outside_cost), storage.outside_cost, 0.0)
    return {"outside_storage": plan.quantity["outside"] * cost[:, None]}


STORAGE = Part(columns=_columns, rows=_rows, bounds=_bounds, coefficients=_coefficients, cost_lines=_cost_lines)
