"""Frozen months: production and purchases as they were approved before, unless somebody pinned them since."""

from __future__ import annotations

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part
from supply.calc.parts.goods import fix_quantities
from supply.calc.problem import MILLI, Flags, Floats, Ints, PinRows, SupplyProblem


def frozen_rows(problem: SupplyProblem) -> PinRows | None:
    """The frozen quantities that no pin of the same kind stands above; None where nothing is frozen."""
    frozen = problem.choices.frozen
    if frozen is None:
        return None
    pins = problem.pins
    pinned = set(zip(pins.kind, pins.node.tolist(), pins.month.tolist(), strict=True))
    places = zip(frozen.kind, frozen.node.tolist(), frozen.month.tolist(), strict=True)
    kept = np.array([place not in pinned for place in places], dtype=bool)
    return PinRows(
        tuple(kind for kind, keep in zip(frozen.kind, kept.tolist(), strict=True) if keep),
        frozen.node[kept],
        frozen.month[kept],
        frozen.quantity[kept],
    )


def frozen_places(problem: SupplyProblem, layout: Layout) -> tuple[PinRows, Ints]:
    """The frozen quantities and the column (quantity,) of each, −1 where it has none; a purchase that is expedited in
    part stands in two columns, of which this is the one in time."""
    rows = frozen_rows(problem)
    if rows is None:
        nothing = np.zeros(0, np.int64)
        return PinRows((), nothing, nothing, nothing), nothing
    column = np.full(len(rows.kind), -1, dtype=np.int64)
    kinds = np.array(rows.kind)
    for kind in set(rows.kind):
        own = kinds == kind
        column[own] = layout.columns[kind].numbered()[rows.node[own], rows.month[own]]
    return rows, column


def hours_with_frozen(problem: SupplyProblem, hours: Floats) -> Floats:
    """Regular hours less the reserve (work centre, month), and in frozen months as many as what is frozen takes of those
    that were kept free for its rounding when it was approved.

    A whole plan may pass a limit by the hours of its planning steps (``check_whole_plan``); what was approved so can be
    kept so, but not what passes it by more.
    """
    rows = frozen_rows(problem)
    if rows is None:
        return hours
    made, steps, routing = np.zeros(problem.receipts.shape), np.zeros(len(hours)), problem.routing
    own = np.array([kind == "make" for kind in rows.kind], dtype=bool)
    made[rows.node[own], rows.month[own]] = rows.quantity[own] / MILLI
    load = np.zeros(hours.shape)
    np.add.at(load, routing.centre, made[routing.node] * routing.hours[:, None])
    np.add.at(steps, routing.centre, routing.hours * problem.nodes.quantum[routing.node] / MILLI)
    wanted = load - problem.centres.overtime_limit
    allowed = problem.centres.regular + 2.0 * steps[:, None]
    return np.where((wanted > hours) & (wanted <= allowed), wanted, hours)


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    rows = frozen_rows(ground.problem)
    if rows is not None:
        fix_quantities(ground.problem, rows, layout, bounds)


def _needs(problem: SupplyProblem) -> Flags:
    """What is made or bought as approved, though nobody asks for it any more."""
    needed, frozen = np.zeros(len(problem.nodes.labels), dtype=bool), problem.choices.frozen
    if frozen is not None:
        needed[frozen.node[frozen.quantity > 0]] = True
    return needed


FROZEN = Part(bounds=_bounds, needs=_needs)
