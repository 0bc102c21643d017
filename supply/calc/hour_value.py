"""What one more hour of a work centre is worth: the price with its range, never one number of a degenerate optimum."""

from dataclasses import dataclass

import highspy
import numpy as np

from supply.calc.plan_lp import SolvedPlan
from supply.calc.problem import Flags, Floats, SupplyProblem

HOUR = 1.0
SLACK = 1e-6


@dataclass(frozen=True)
class HourValue:
    """Worth of regular hours, each (work centre, month): ``low`` of one more, ``high`` of one less, reporting currency
    per hour; the price holds while the hours of the month stay between ``least`` and ``most``."""

    low: Floats
    high: Floats
    least: Floats
    most: Floats


def value_of_hour(problem: SupplyProblem, solved: SolvedPlan) -> tuple[Floats, Floats]:
    """Range of the shadow price of regular hours, by solving again with one hour more and one hour less.

    The optimal cost is convex in the hours, so low = cost − cost(one hour more) ≤ dual ≤ cost(one hour less) − cost
    = high. They differ where the optimum is degenerate or an hour crosses a corner. A centre that is not full has 0.
    Where pins leave no plan with an hour less, high is the dual.

    Args:
        problem: The solved problem.
        solved: Its optimum with the solver at the optimal basis (changed and restored here).

    Returns:
        (low, high), each (work centre, month) in reporting currency per hour, 0 ≤ low ≤ high.
    """
    layout, solver = solved.arrays.layout, solved.solver
    first, last = layout.first_capacity, layout.first_pool
    upper = solved.arrays.row_upper[first:last]
    activity = np.array(solver.getSolution().row_value)[first:last]
    basis, best, dual = solver.getBasis(), solved.plan.cost, solved.plan.price.ravel()
    low, high = np.zeros(len(upper)), np.zeros(len(upper))
    for row in np.flatnonzero(activity >= upper - SLACK * np.maximum(1.0, upper)):
        costs = []
        taken = min(HOUR, max(float(upper[row]), 0.0))
        for hours in (upper[row] + HOUR, upper[row] - taken):
            solver.changeRowBounds(first + int(row), -np.inf, float(hours))
            solver.setBasis(basis)
            solver.run()
            costs.append(_cost(solver))
        solver.changeRowBounds(first + int(row), -np.inf, float(upper[row]))
        low[row] = max(best - costs[0], 0.0) / HOUR
        is_known = taken > 0 and np.isfinite(costs[1])
        high[row] = max((costs[1] - best) / taken if is_known else dual[row], low[row])
    shape = problem.centres.regular.shape
    solver.setBasis(basis)
    solver.run()
    return low.reshape(shape), high.reshape(shape)


def values_of_hours(problem: SupplyProblem, solved: SolvedPlan) -> HourValue:
    """The range of the price and the hours between which the optimal basis, and so the price, stays the same.

    Where an hour less or more already leaves that range, ``low`` and ``high`` differ and say so.
    """
    low, high = value_of_hour(problem, solved)
    least, most = validity_of_prices(problem, solved, high > 0)
    return HourValue(low, high, least, most)


def validity_of_prices(problem: SupplyProblem, solved: SolvedPlan, is_full: Flags) -> tuple[Floats, Floats]:
    """Regular hours of the month, least and most, between which the price of an hour stays what it is, both (work centre,
    month); where a centre is not full: the hours that it has, and no end."""
    layout = solved.arrays.layout
    part = slice(layout.first_capacity, layout.first_pool)
    shape = problem.centres.regular.shape
    _, ranging = solved.solver.getRanging()
    hours = solved.arrays.row_upper[part].reshape(shape)
    least = np.where(is_full, np.array(ranging.row_bound_dn.value_)[part].reshape(shape), hours)
    return least, np.where(is_full, np.array(ranging.row_bound_up.value_)[part].reshape(shape), np.inf)


def _cost(solver: highspy.Highs) -> float:
    """The optimal cost, infinite where the hours allow no plan at all."""
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return float("inf")
    return float(solver.getInfo().objective_function_value)
