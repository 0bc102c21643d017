"""Extra shifts: hours of a work centre beyond regular hours and overtime, at a premium of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part, Piece, ones
from supply.calc.problem import Flags, Floats, FractionalPlan, SupplyProblem


@dataclass(frozen=True)
class Shifts:
    """Hours that extra shifts may add: ``limit`` hours and ``premium`` over a regular hour, reporting currency, both
    (work centre, month)."""

    limit: Floats
    premium: Floats


def shift_limit(problem: SupplyProblem) -> Floats:
    """Most hours of extra shifts (work centre, month), 0 where there are none."""
    shifts = problem.choices.shifts
    return np.zeros(problem.centres.regular.shape) if shifts is None else shifts.limit


def split_excess(problem: SupplyProblem, load: Floats, planned: Floats) -> tuple[Floats, Floats]:
    """Overtime and hours of extra shifts of a whole plan with this ``load``.

    The extra shifts are those that the programme ``planned``, as far as they are needed; what rounding moves falls on the
    overtime up to its limit, then on the shifts. All (work centre, month) hours; the two add to what the
    load has beyond the regular hours.
    """
    excess = np.maximum(load - problem.centres.regular, 0.0)
    shift = np.minimum(planned, excess)
    beyond = np.maximum(excess - shift - problem.centres.overtime_limit, 0.0)
    shift = shift + np.minimum(beyond, np.maximum(shift_limit(problem) - shift, 0.0))
    return excess - shift, shift


def _columns(ground: Ground) -> dict[str, Flags]:
    return {"shift": shift_limit(ground.problem) > 0}


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    shifts, block = ground.problem.choices.shifts, layout.columns["shift"]
    if shifts is not None:
        bounds.cost[block.numbers] = shifts.premium[block.row, block.month]
        bounds.upper[block.numbers] = shifts.limit[block.row, block.month]


def _coefficients(ground: Ground, layout: Layout) -> Iterator[Piece]:
    """In the rows of the hours: − hours of extra shifts."""
    block = layout.columns["shift"]
    yield layout.rows["hours"].numbered()[block.row, block.month], block.numbers, ones(block.row, -1.0)


def _cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, Floats]:
    shifts = problem.choices.shifts
    return {} if shifts is None else {"extra_shifts": plan.quantity["shift"] * shifts.premium}


SHIFTS = Part(columns=_columns, bounds=_bounds, coefficients=_coefficients, cost_lines=_cost_lines)
