"""Operations that may be done at other work centres than the ordinary ones, with hours of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part, Piece, Rows, ones
from supply.calc.problem import Flags, Floats, FractionalPlan, Ints, SupplyProblem


@dataclass(frozen=True)
class Alternatives:
    """Other ways to do an operation. ``problem.routing`` holds the ordinary way; a unit that goes another way needs the
    hours of that way in place of those of the ordinary lines of its operation.

    Operations that have alternatives: ``node`` (operation,); the lines of ``problem.routing`` they are done by ordinarily:
    ``line`` and ``line_operation`` (line,). Alternatives: ``operation`` (alternative,), ``cost`` (alternative, month) what
    a unit costs more than the ordinary way, reporting currency, negative = less; their hours per unit: ``way`` (hour line,)
    the alternative, ``centre`` and ``hours`` (hour line,).
    """

    node: Ints
    line: Ints
    line_operation: Ints
    operation: Ints
    cost: Floats
    way: Ints
    centre: Ints
    hours: Floats

    def replaced(self) -> tuple[Ints, Ints]:
        """Pairs (alternative, ordinary line) of which one stands in for the other."""
        alternative, place = np.nonzero(self.operation[:, None] == self.line_operation[None, :])
        return alternative.astype(np.int64), self.line[place]


def _columns(ground: Ground) -> dict[str, Flags]:
    """Units that go another way (alternative, month)."""
    ways, months = ground.problem.choices.alternatives, ground.problem.months
    if ways is None:
        return {"rerouted": np.zeros((0, months), dtype=bool)}
    node = ways.node[ways.operation]
    return {"rerouted": (ground.scope & ground.problem.nodes.can_make)[node][:, None] & np.ones(months, dtype=bool)}


def _rows(ground: Ground) -> dict[str, Rows]:
    """Rerouted (operation, month): Σ units that go another way − made ≤ 0."""
    ways, problem = ground.problem.choices.alternatives, ground.problem
    node = ways.node if ways is not None else np.zeros(0, np.int64)
    shape = (len(node), problem.months)
    labels = tuple(f"other ways to make {problem.nodes.labels[place]}" for place in node.tolist())
    exists = (ground.scope & problem.nodes.can_make)[node][:, None] & np.ones(shape, dtype=bool)
    return {"rerouted": Rows(labels, np.full(shape, -np.inf), np.zeros(shape), exists)}


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    ways, block = ground.problem.choices.alternatives, layout.columns["rerouted"]
    if ways is not None:
        bounds.cost[block.numbers] = ways.cost[block.row, block.month]


def _coefficients(ground: Ground, layout: Layout) -> Iterator[Piece]:
    ways = ground.problem.choices.alternatives
    if ways is None:
        return
    block, rows = layout.columns["rerouted"], layout.rows["rerouted"]
    limit = rows.numbered()
    yield limit[ways.operation[block.row], block.month], block.numbers, ones(block.row)
    made = layout.columns["make"].numbered()[ways.node[rows.row], rows.month]
    yield rows.numbers, made, ones(made, -1.0)
    rerouted, hours = block.numbered(), layout.rows["hours"].numbered()
    alternative, line = ways.replaced()
    routing = ground.problem.routing
    for way, centre, per_unit in (
        (ways.way, ways.centre, ways.hours),
        (alternative, routing.centre[line], -routing.hours[line]),
    ):
        place, month = np.nonzero(rerouted[way] >= 0)
        yield hours[centre[place], month], rerouted[way[place], month], per_unit[place]


def _cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, Floats]:
    ways = problem.choices.alternatives
    return {} if ways is None else {"alternatives": plan.quantity["rerouted"] * ways.cost}


ALTERNATIVES = Part(columns=_columns, rows=_rows, bounds=_bounds, coefficients=_coefficients, cost_lines=_cost_lines)
