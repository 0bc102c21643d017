"""Solve the supply plan with HiGHS, and say which rows conflict when no plan exists."""

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np

from supply.calc.explosion import nodes_needed
from supply.calc.lp_model import LpArrays, build_lp
from supply.calc.lp_solver import KeptBasis, load_solver, never, run_solver
from supply.calc.problem import Flags, Floats, FractionalPlan, SupplyProblem

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
    wanted: Flags = np.asarray((problem.groups.quantity > 0).any(axis=1))
    np.logical_or.at(own, problem.groups.lane_node, wanted[problem.groups.lane_group])
    own[problem.pins.node] = True
    own |= (problem.receipts != 0).any(axis=1)
    choices, groups = problem.choices, problem.groups
    if choices.limits is not None:
        own |= ((choices.limits.stock_least > 0) | (choices.limits.make_least > 0)).any(axis=1)
    if choices.is_open is not None:
        np.logical_or.at(own, groups.lane_node, choices.is_open[groups.lane_group])
    return nodes_needed(own, problem.bom)


def rounding_reserve(problem: SupplyProblem) -> Floats:
    """Hours to keep free so that rounding every made item by one quantum a month cannot pass a limit (centre,);
    at most 1 % of the centre's smallest month."""
    routing = problem.routing
    reserve = np.zeros(len(problem.centres.labels))
    quantum = problem.nodes.quantum[routing.node] / 1000.0
    np.add.at(reserve, routing.centre, routing.hours * quantum)
    smallest = problem.centres.regular.min(axis=1, initial=np.inf)
    return np.minimum(reserve, 0.01 * np.where(np.isfinite(smallest), smallest, 0.0))


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
    solver = run_solver(arrays, basis=basis, is_stopped=is_stopped)
    status = solver.getModelStatus()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        raise InfeasiblePlanError(conflicting_rows(problem, arrays))
    if status != highspy.HighsModelStatus.kOptimal:
        raise UnsolvedPlanError(solver.modelStatusToString(status))
    return SolvedPlan(_read(problem, arrays, solver), arrays, solver)


def _read(problem: SupplyProblem, arrays: LpArrays, solver: highspy.Highs) -> FractionalPlan:
    """Lay the solution out by kind; negative zeros and tolerances below 0 become 0."""
    layout, months = arrays.layout, problem.months
    solution = solver.getSolution()
    values = np.maximum(np.array(solution.col_value), 0.0)
    nodes = (len(problem.nodes.labels), months)
    groups, centres = problem.groups.quantity.shape, problem.centres.regular.shape
    pools = problem.choices.people.hours.shape if problem.choices.people else (0, months)
    capacity = np.zeros(layout.capacity_rows)
    if solution.dual_valid:
        capacity = np.array(solution.row_dual)[layout.first_capacity : layout.first_pool]
    return FractionalPlan(
        make=layout.make.spread(values, nodes),
        buy=layout.buy.spread(values, nodes),
        expedite=layout.expedite.spread(values, nodes),
        inventory=layout.stock_low.spread(values, nodes) + layout.stock_high.spread(values, nodes),
        flow=layout.flow.spread(values, (len(problem.groups.lane_group), months)),
        short=layout.short.spread(values, groups),
        overtime=layout.overtime.spread(values, centres),
        subcontract=layout.subcontract.spread(values, nodes),
        backlog=layout.backlog.spread(values, groups),
        people=layout.people.spread(values, pools),
        hired=layout.hired.spread(values, pools),
        released=layout.released.spread(values, pools),
        price=np.maximum(-capacity.reshape(centres), 0.0),
        cost=float(solver.getInfo().objective_function_value),
    )


def conflicting_rows(problem: SupplyProblem, arrays: LpArrays) -> tuple[str, ...]:
    """Names of the rows that must give way: the smallest total violation that makes a plan possible."""
    solver = load_solver(arrays)
    solver.feasibilityRelaxation(-1.0, -1.0, 1.0)
    values = np.array(solver.getSolution().row_value)
    outside = np.maximum(arrays.row_lower - values, values - arrays.row_upper)
    return tuple(_row_name(problem, arrays, int(row)) for row in np.flatnonzero(outside > TOLERANCE)[:20])


def _row_name(problem: SupplyProblem, arrays: LpArrays, row: int) -> str:
    """Readable name of a row: what it is about and in which month."""
    layout, months = arrays.layout, problem.months
    pools = problem.choices.people.labels if problem.choices.people else ()
    balances = [
        f"{'stock' if stocked else 'delivery'} of {label}"
        for label, stocked in zip(problem.nodes.labels, problem.nodes.stocked, strict=True)
    ]
    for rows, names in (
        (layout.balance_rows, balances),
        (layout.group_rows, [f"demand of {label}" for label in problem.groups.labels]),
        (layout.capacity_rows, [f"hours of {label}" for label in problem.centres.labels]),
        (layout.pool_rows, [f"heads of {label}" for label in pools]),
        (layout.pool_rows, [f"overtime of {label}" for label in pools]),
    ):
        if row < rows:
            return f"{names[row // months]} in {problem.month_names[row % months]}"
        row -= rows
    node, month = int(layout.lots.row[row]), int(layout.lots.month[row])
    return f"lots of {problem.nodes.labels[node]} in {problem.month_names[month]}"
