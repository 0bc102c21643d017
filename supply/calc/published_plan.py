"""From the supply problem to the plan that is published: solve, price the hours, round, explain the shortages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from catalog.calc.rounding import round_half_away
from supply.calc.capacity import required_hours
from supply.calc.cost_report import cost_lines
from supply.calc.hour_value import HourValue, values_of_hours, values_of_room
from supply.calc.lots import LotOutcome, LotState, LotTerms, rounded_up, solve_in_lots
from supply.calc.lp_solver import KeptBasis, keep_basis, never
from supply.calc.overtime_split import overtime_premium_cents, overtime_units, unit_premium_cents
from supply.calc.pin_effect import PinEffect, PinnedEntry, pin_effects
from supply.calc.plan_lp import solve_plan
from supply.calc.problem import MILLI, Centres, Floats, FractionalPlan, Ints, SupplyProblem
from supply.calc.requirement import gross_requirement
from supply.calc.shortage_causes import Cause, shortage_causes
from supply.calc.staffing import Staff, StaffCost, people_hours, staff_cost, staffed, whole_heads
from supply.calc.whole_plan import WholePlan, whole_plan

REACH = 0.01
"""Hours on either side that a price must hold for: what is shorter is degenerate and priced by solving again."""


@dataclass(frozen=True)
class PublishedPlan:
    """The whole plan and what explains it.

    ``overtime`` of the made units, milli-units (node, month), and its premium cents (node, month); ``freight_cents``
    (node, month); ``expedite_cents`` (node, month); ``needed`` lot-for-lot hours of the whole demand (work centre,
    month); ``hours`` what one more and one less is worth, ``room`` likewise of
    a site's storage (None = no limits); ``cost`` the objective and ``cost_lines`` its parts by name
    (see ``cost_lines``); ``basis`` to start the next plan from; ``pin_effects`` in the order of the entries. ``centres``
    have the hours of the people in ``staff``, who cost ``staff_cost``. ``lots`` says how lots and order minimums were
    kept (None = any quantity); prices of hours and effects of pins are then still those of the fractional plan.
    """

    whole: WholePlan
    overtime: Ints
    overtime_cents: Ints
    expedite_cents: Ints
    freight_cents: Ints
    needed: Floats
    hours: HourValue
    room: HourValue | None
    causes: dict[tuple[int, int], Cause]
    cost: float
    cost_lines: dict[str, float]
    basis: KeptBasis
    pin_effects: tuple[PinEffect, ...]
    centres: Centres
    staff: Staff
    staff_cost: StaffCost
    lots: LotOutcome | None


def published_plan(
    problem: SupplyProblem,
    *,
    basis: KeptBasis | None = None,
    entries: Sequence[PinnedEntry] = (),
    lots: LotTerms | None = None,
    is_stopped: Callable[[], bool] = never,
) -> PublishedPlan:
    """Compute the plan. The same problem and kept basis give the same plan, bit for bit.

    Args:
        problem: The supply problem.
        basis: That of the plan before, to start from.
        entries: Pins whose effect is asked for.
        lots: Lots and order minimums to keep.
        is_stopped: Asked while solving; true ends it.

    Raises:
        SolvingStopped: ``is_stopped`` became true while solving.
        InfeasiblePlanError, UnsolvedPlanError, CircularBillOfMaterialsError, UnbalancedPlanError: With names.
    """
    solved = solve_plan(problem, basis=basis, is_stopped=is_stopped)
    kept = keep_basis(solved.arrays, solved.solver)
    hours = _with_people(problem, solved.plan, values_of_hours(problem, solved, reach=REACH))
    room = values_of_room(problem, solved, reach=REACH)
    effects = tuple(pin_effects(problem, solved, entries))
    plan, outcome = _in_lots(problem, solved.plan, lots, is_stopped)
    worked, staff = staffed(problem, plan), whole_heads(problem, plan)
    whole = whole_plan(worked, plan)
    if lots is not None and outcome is not None and outcome.gap is None:
        whole, extra = rounded_up(problem, lots, whole)
        outcome = replace(outcome, extra=extra)
    premium = problem.costs.expedite - problem.costs.buy
    return PublishedPlan(
        whole=whole,
        overtime=overtime_units(problem, whole),
        overtime_cents=overtime_premium_cents(problem, whole),
        expedite_cents=unit_premium_cents(whole.expedite, premium),
        freight_cents=_freight_cents(problem, whole),
        needed=needed_hours(problem),
        hours=hours,
        room=room,
        causes=shortage_causes(problem, whole.short, (hours.low + hours.high) / 2.0),
        cost=plan.cost,
        cost_lines=cost_lines(problem, plan),
        basis=kept,
        pin_effects=effects,
        centres=worked.centres,
        staff=staff,
        staff_cost=staff_cost(problem, staff, whole),
        lots=outcome,
    )


def _in_lots(
    problem: SupplyProblem, plan: FractionalPlan, lots: LotTerms | None, is_stopped: Callable[[], bool]
) -> tuple[FractionalPlan, LotOutcome | None]:
    """The plan in whole numbers where it is asked for and found in time, else the fractional one."""
    if lots is None:
        return plan, None
    if not lots.is_solved:
        return plan, LotOutcome(LotState.ROUNDED, None)
    found, outcome = solve_in_lots(problem, lots, is_stopped=is_stopped)
    return (plan if found is None else found.plan), outcome


def _with_people(problem: SupplyProblem, plan: FractionalPlan, hours: HourValue) -> HourValue:
    """The ranges of the prices counted from no hours at all: those that the plan's people bring stand on top."""
    people = problem.choices.people
    if people is None:
        return hours
    brought = people_hours(people, plan.people, len(problem.centres.labels))[0]
    return replace(hours, least=hours.least + brought, most=hours.most + brought)


def needed_hours(problem: SupplyProblem) -> Floats:
    """Rough-cut load: hours (work centre, month) that the whole demand needs lot for lot, on its preferred lanes.

    Stock is not netted and nothing is moved in time, so above 100 % means that something must give.
    """
    gross = gross_requirement(problem)
    made = np.where(problem.nodes.can_make[:, None], gross, 0.0)
    return required_hours(made, problem.routing, len(problem.centres.labels))


def _freight_cents(problem: SupplyProblem, whole: WholePlan) -> Ints:
    """Freight per node and month in cents, rounded once per lane and month."""
    cents = np.zeros(whole.made.shape, dtype=np.int64)
    freight = problem.freight[:, None]
    np.add.at(cents, problem.groups.lane_node, round_half_away(whole.flow / MILLI * freight * 100.0))
    return cents
