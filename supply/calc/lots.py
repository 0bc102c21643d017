"""A plan in whole lots, order minimums and whole people: solved in whole numbers within a time, else rounded up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import highspy
import numpy as np

from supply.calc.lp_model import build_lp
from supply.calc.lp_solver import SolvingStopped, listen, load_solver, never
from supply.calc.parts.lots import unpinned
from supply.calc.parts.orders import Orders, order_bound
from supply.calc.plan_lp import InfeasiblePlanError, SolvedPlan, conflicting_rows, read_plan, rounding_reserve, scope_of
from supply.calc.problem import Floats, Ints, SupplyProblem
from supply.calc.requirement import gross_requirement
from supply.calc.whole_plan import WholePlan


@dataclass(frozen=True)
class LotTerms:
    """``made`` units (node,) of which only multiples are made and ``least`` units (node,) of a purchase, 0 = any quantity.

    ``is_solved``: in whole numbers (people too), to a ``gap`` (share of the cost) or for ``seconds``; else what the
    linear programme buys is rounded up to the minimums.
    """

    made: Floats
    least: Floats
    is_solved: bool
    gap: float
    seconds: float


class LotState(StrEnum):
    """How a plan in lots came about."""

    SOLVED = "solved"
    TIME_LIMIT = "time_limit"
    NOT_FOUND = "not_found"
    ROUNDED = "rounded"


@dataclass(frozen=True)
class LotOutcome:
    """What became of the lots: ``gap`` reached as a share of the cost, None where nothing was solved; ``extra`` value of
    what rounding up buys beyond the programme and leaves on stock at the end, reporting currency."""

    state: LotState
    gap: float | None
    extra: float = 0.0


def in_whole_numbers(problem: SupplyProblem, terms: LotTerms) -> SupplyProblem:
    """The problem with lots, order minimums and whole people; a pinned quantity is as it is pinned."""
    choices, needed = problem.choices, gross_requirement(problem)
    people = None if choices.people is None else replace(choices.people, is_whole=True)
    orders = Orders(terms.least, order_bound(problem, terms.least, needed)) if (terms.least > 0).any() else None
    lot = terms.made if (terms.made > 0).any() else None
    return replace(problem, choices=replace(choices, people=people, orders=orders, lot=lot))


def solve_in_lots(
    problem: SupplyProblem, terms: LotTerms, *, is_stopped: Callable[[], bool] = never
) -> tuple[SolvedPlan | None, LotOutcome]:
    """The cheapest plan in whole numbers within the gap or the time; None when none was found in time.

    One thread and fixed options; where the time ends it, another machine may have come further.

    Raises:
        InfeasiblePlanError: No plan has these lots; names the rows.
        SolvingStopped: ``is_stopped`` became true on the way.
    """
    whole = in_whole_numbers(problem, terms)
    arrays = build_lp(whole, scope_of(whole), rounding_reserve(whole))
    solver = load_solver(arrays)
    solver.setOptionValue("mip_rel_gap", terms.gap)
    solver.setOptionValue("time_limit", terms.seconds)
    if is_stopped is not never:
        listen(solver, is_stopped)
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    if status == highspy.HighsModelStatus.kInterrupt:
        raise SolvingStopped("The solver was stopped.")
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        raise InfeasiblePlanError(conflicting_rows(whole, arrays))
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, LotOutcome(LotState.NOT_FOUND, None)
    state = LotState.SOLVED if status == highspy.HighsModelStatus.kOptimal else LotState.TIME_LIMIT
    gap = float(info.mip_gap) if arrays.whole.any() and np.isfinite(info.mip_gap) else 0.0
    return SolvedPlan(read_plan(arrays, solver), arrays, solver), LotOutcome(state, gap)


def rounded_up(problem: SupplyProblem, terms: LotTerms, plan: WholePlan) -> tuple[WholePlan, float]:
    """The plan with every purchase of at least its minimum: what is bought too early stands on stock and is bought less
    later. Pinned purchases, and months in which the suppliers deliver less than a minimum, stay as they are.

    Returns:
        The plan, and the value at purchase cost of what it leaves on stock at the end beyond the plan before.
    """
    least = np.rint(terms.least * 1000.0).astype(np.int64)
    bought = plan.buy.copy()
    pinned = ~unpinned(problem)
    rounds = (least > 0) & problem.nodes.can_buy & problem.nodes.stocked
    rounds &= np.where(np.isfinite(problem.nodes.buy_limit), problem.nodes.buy_limit * 1000.0, np.inf) >= least
    for node in np.flatnonzero(rounds).tolist():
        bought[node] = _ordered(plan.buy[node], int(least[node]), pinned[node])
    extra = np.cumsum(bought - plan.buy, axis=1)
    late = np.arange(problem.months)[None, :] < problem.nodes.buy_from[:, None]
    expedite = np.where(late, np.maximum(bought - problem.ordered, 0), 0)
    left = float((extra[:, -1] / 1000.0 * problem.costs.buy[:, -1]).sum())
    return replace(plan, buy=bought, expedite=expedite, inventory=plan.inventory + extra), left


def _ordered(wanted: Ints, least: int, pinned: np.ndarray) -> list[int]:
    """Orders of one item (month,): nothing while what came early lasts, else at least the minimum."""
    early, orders = 0, []
    for need, is_pinned in zip(wanted.tolist(), pinned.tolist(), strict=True):
        lacking = max(need - early, 0)
        order = need if is_pinned else max(lacking, least) if lacking else 0
        early += order - need
        orders.append(order)
    return orders
