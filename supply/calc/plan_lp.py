"""Solve the supply plan with HiGHS, and say which rows conflict when no plan exists."""

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np

from supply.calc.explosion import nodes_needed
from supply.calc.frozen_conflict import frozen_conflicts, frozen_without_way
from supply.calc.lp_model import LpArrays, build_lp, row_name
from supply.calc.lp_solver import KeptBasis, load_solver, never, run_solver
from supply.calc.parts import PARTS
from supply.calc.problem import Flags, Floats, FractionalPlan, SupplyProblem
from supply.calc.routes import rounding_hours

TOLERANCE = 1e-6


class InfeasiblePlanError(ValueError):
    """No plan satisfies the given quantities; ``rows`` names the conflicting balances, capacities and months."""

    def __init__(self, rows: tuple[str, ...]) -> None:
        self.rows = rows
        super().__init__("No supply plan satisfies the given quantities. In conflict: " + "; ".join(rows))


class UnsolvedPlanError(RuntimeError):
    """The solver stopped without an optimum for another reason than a conflict; the message is its status."""


@dataclass(frozen=True)
class SolvedPlan:
    """Fractional optimum with the programme and the solver at its basis, for asking what an hour is worth."""

    plan: FractionalPlan
    arrays: LpArrays
    solver: highspy.Highs


def scope_of(problem: SupplyProblem) -> Flags:
    """Nodes inside the programme (node,): own or dependent demand, a receipt or a pin; the rest only keep stock."""
    own = np.full(len(problem.nodes.labels), problem.choices.is_whole_scope, dtype=bool)
    own[problem.pins.node] = True
    own |= (problem.receipts != 0).any(axis=1)
    for part in PARTS:
        own |= part.needs(problem)
    return nodes_needed(own, problem.bom)


def rounding_reserve(problem: SupplyProblem) -> Floats:
    """Hours to keep free so that rounding every made item by one quantum a month cannot pass a limit (centre,);
    at most 1 % of the centre's smallest month."""
    smallest = problem.centres.regular.min(axis=1, initial=np.inf)
    return np.minimum(rounding_hours(problem), 0.01 * np.where(np.isfinite(smallest), smallest, 0.0))


def solve_plan(
    problem: SupplyProblem,
    *,
    basis: KeptBasis | highspy.HighsBasis | None = None,
    is_stopped: Callable[[], bool] = never,
) -> SolvedPlan:
    """Cheapest plan: material + labour + overtime + expedite + freight + holding + lost margin.

    Args:
        problem: The supply problem.
        basis: Optimal basis of the plan before an edit, to start from; one that does not fit is ignored.
        is_stopped: Asked while solving; true ends it.

    Returns:
        The optimum in units and hours. One thread and fixed options: the same problem and basis give the same plan.

    Raises:
        InfeasiblePlanError: Pins or stock contradict each other; names the rows.
        UnsolvedPlanError: The solver stopped for another reason.
        SolvingStopped: Because it was asked to.
    """
    arrays = build_lp(problem, scope_of(problem), rounding_reserve(problem))
    if names := frozen_without_way(problem, arrays):
        raise InfeasiblePlanError(names)
    solver = run_solver(arrays, basis=basis, is_stopped=is_stopped)
    status = solver.getModelStatus()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        raise InfeasiblePlanError((*conflicting_rows(problem, arrays), *frozen_conflicts(problem, arrays)))
    if status != highspy.HighsModelStatus.kOptimal:
        raise UnsolvedPlanError(solver.modelStatusToString(status))
    return SolvedPlan(read_plan(arrays, solver), arrays, solver)


def read_plan(arrays: LpArrays, solver: highspy.Highs) -> FractionalPlan:
    """Lay the solution out by kind; negative zeros and tolerances below 0 become 0."""
    solution = solver.getSolution()
    values = np.maximum(np.array(solution.col_value), 0.0)
    duals = np.array(solution.row_dual) if solution.dual_valid else np.zeros(len(arrays.row_lower))
    return FractionalPlan(
        quantity={name: block.spread(values) for name, block in arrays.layout.columns.items()},
        price=np.maximum(-arrays.layout.rows["hours"].spread(duals), 0.0),
        cost=float(solver.getInfo().objective_function_value),
    )


def conflicting_rows(problem: SupplyProblem, arrays: LpArrays) -> tuple[str, ...]:
    """Names of the rows that must give way: the smallest total violation that makes a plan possible."""
    solver = load_solver(arrays)
    solver.feasibilityRelaxation(-1.0, -1.0, 1.0)
    values = np.array(solver.getSolution().row_value)
    outside = np.maximum(arrays.row_lower - values, values - arrays.row_upper)
    return tuple(row_name(problem, arrays, int(row)) for row in np.flatnonzero(outside > TOLERANCE)[:20])
