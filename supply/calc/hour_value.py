"""What one more hour of a work centre is worth: the price with its range, never one number of a degenerate optimum."""

from dataclasses import dataclass

import highspy
import numpy as np

from supply.calc.plan_lp import SolvedPlan
from supply.calc.problem import Floats, Ints, SupplyProblem

HOUR = 1.0
SLACK = 1e-6
PIVOT = 1e-9
PERTURBATION = "dual_simplex_cost_perturbation_multiplier"


@dataclass(frozen=True)
class HourValue:
    """Worth of regular hours, each (work centre, month): ``low`` of one more, ``high`` of one less, reporting currency
    per hour; the price holds while the hours of the month stay between ``least`` and ``most``."""

    low: Floats
    high: Floats
    least: Floats
    most: Floats


def values_of_hours(problem: SupplyProblem, solved: SolvedPlan, *, reach: float = HOUR) -> HourValue:
    """Worth of an hour of every work centre and month, and the hours between which the optimal basis stays the same.

    Inside that range the dual is the price of an hour more and of an hour less. Where the range ends before ``reach``
    on one side (a degenerate optimum, or a corner within reach), the programme is solved again with an hour more or
    less: low = cost − cost(one hour more) ≤ dual ≤ cost(one hour less) − cost = high, because the optimal cost
    is convex in the hours. A centre that is not full has 0, from the hours it uses on. Where pins leave no plan with an
    hour less, high is the dual.

    Args:
        problem: The solved problem.
        solved: Its optimum with the solver at the optimal basis (changed and restored here).
        reach: Hours on either side for which the price must hold to be taken without solving again.

    Returns:
        Prices with 0 ≤ low ≤ high and their ranges.
    """
    shape = problem.centres.regular.shape
    low, high, least, most = _values(solved, "hours", reach)
    kept = problem.centres.regular.ravel() - _upper(solved, "hours")
    return HourValue(*(values.reshape(shape) for values in (low, high, least + kept, most + kept)))


def values_of_room(problem: SupplyProblem, solved: SolvedPlan, *, reach: float = HOUR) -> HourValue | None:
    """Worth of a unit of room of every site with a limit, by month (site, month), as of an hour; the range is of the room
    itself, with what stands there outside the programme. None where no site has a limit."""
    storage = problem.choices.storage
    if storage is None:
        return None
    low, high, least, most = _values(solved, "storage", reach)
    standing = storage.room.ravel() - _upper(solved, "storage")
    return HourValue(*(v.reshape(storage.room.shape) for v in (low, high, least + standing, most + standing)))


def _upper(solved: SolvedPlan, name: str) -> Floats:
    block = solved.arrays.layout.rows[name]
    return solved.arrays.row_upper[block.offset : block.end]


def _values(solved: SolvedPlan, name: str, reach: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Low, high, least and most of the rows of one name, (row,) each, by the optimum at which the solver stands."""
    block, solver, upper = solved.arrays.layout.rows[name], solved.solver, _upper(solved, name)
    first, solution = block.offset, solver.getSolution()
    used = np.array(solution.row_value)[first : block.end]
    least, most = np.minimum(used, upper), np.full(len(upper), np.inf)
    low, high = np.zeros(len(upper)), np.zeros(len(upper))
    full = np.flatnonzero(used >= upper - SLACK * np.maximum(1.0, np.abs(upper)))
    least[full], most[full] = _ranges(solved, first + full)
    dual = np.maximum(-np.array(solution.row_dual)[first : block.end], 0.0)
    basis, best = solver.getBasis(), solved.plan.cost
    solver.setOptionValue(PERTURBATION, 0.0)  # a step of an hour needs a few pivots: perturbing costs more of them
    for row in full.tolist():
        taken = min(HOUR, max(float(upper[row]), 0.0))
        low[row] = high[row] = dual[row]
        if most[row] < upper[row] + reach:
            low[row] = max(best - _cost_at(solver, first + row, upper[row] + HOUR), 0.0) / HOUR
        if least[row] > upper[row] - min(reach, taken):
            dearer = _cost_at(solver, first + row, upper[row] - taken) if taken else np.inf
            high[row] = (dearer - best) / taken if np.isfinite(dearer) else dual[row]
        high[row] = max(high[row], low[row])
        solver.changeRowBounds(first + row, -np.inf, float(upper[row]))
    solver.setOptionValue(PERTURBATION, 1.0)
    solver.setBasis(basis)
    solver.run()
    return low, high, least, most


def _ranges(solved: SolvedPlan, rows: Ints) -> tuple[Floats, Floats]:
    """Least and most upper bound of each full row (row,) at which the optimal basis stays primal feasible.

    With one hour more the basic variables move along the row's column of the inverse basis; the first one that meets
    a bound of its own ends the range. A row that is itself basic (full by chance) has no range.
    """
    solver, arrays = solved.solver, solved.arrays
    values = solver.getSolution()
    basic = np.array(solver.getBasicVariables()[1], np.int64)  # type: ignore[attr-defined]
    is_row = basic < 0
    number = np.where(is_row, -1 - basic, basic)

    def of_basis(rows_of: Floats, columns_of: Floats) -> Floats:
        picked: Floats = np.where(is_row, rows_of[number % len(rows_of)], columns_of[number % len(columns_of)])
        return picked

    at = of_basis(np.array(values.row_value), np.array(values.col_value))
    room_up = np.maximum(of_basis(arrays.row_upper, arrays.upper) - at, 0.0)
    room_down = np.maximum(at - of_basis(arrays.row_lower, arrays.lower), 0.0)
    least, most = arrays.row_upper[rows].copy(), arrays.row_upper[rows].copy()
    sign = np.where(is_row, -1.0, 1.0)
    for place in np.flatnonzero(~np.isin(rows, number[is_row])).tolist():
        column = solver.getBasisInverseCol(int(rows[place]))[1]  # type: ignore[attr-defined]
        moving = np.flatnonzero(np.abs(column) > PIVOT)
        step = sign[moving] * column[moving]
        size, rises = np.abs(step), step > 0
        most[place] += np.min(np.where(rises, room_up[moving], room_down[moving]) / size, initial=np.inf)
        least[place] -= np.min(np.where(rises, room_down[moving], room_up[moving]) / size, initial=np.inf)
    return least, most


def _cost_at(solver: highspy.Highs, row: int, hours: float) -> float:
    """The optimal cost with other hours, infinite where they allow no plan at all."""
    solver.changeRowBounds(row, -np.inf, float(hours))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return float("inf")
    return float(solver.getInfo().objective_function_value)
