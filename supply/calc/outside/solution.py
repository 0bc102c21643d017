"""The cheapest plan of an aggregate planning document, its cost line by line, and what an hour is worth."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from supply.calc.cost_report import safety_constant
from supply.calc.hour_value import HourValue, values_of_hours
from supply.calc.outside.document import Document
from supply.calc.outside.translation import as_problem, group_prices, lanes_of
from supply.calc.outside.ways import hours_used
from supply.calc.plan_lp import SolvedPlan, solve_plan
from supply.calc.problem import MILLI, Floats, FractionalPlan
from supply.calc.requirement import safety_targets

TOLERANCE = 1e-6


class CostDoesNotAddUp(ArithmeticError):
    """The lines of the cost report do not add to what the solver minimised."""


@dataclass(frozen=True)
class Solution:
    """Optimum of a document, reporting currency.

    ``lines`` are costs by name, positive; ``cost`` their sum, ``revenue`` what is delivered at its price, ``lost`` what
    declined demand would have earned (in no line). ``hours`` values of one more hour (work centre, period): of the
    fractional plan, also when the plan itself is whole.
    """

    plan: FractionalPlan
    lines: dict[str, float]
    revenue: float
    lost: float
    hours: HourValue
    gap: float

    @property
    def cost(self) -> float:
        """Sum of the cost lines."""
        return sum(self.lines.values())


def solve_document(document: Document, *, whole: bool = False) -> Solution:
    """Solve by the programme of the supply plan; with `whole`, people and lots in whole numbers (gap 0).

    Raises:
        InfeasiblePlanError: No plan exists; the rows in conflict are named.
        CircularBillOfMaterialsError: An item contains itself.
        UnsolvedPlanError: Profit without limit, or the solver stopped.
        CostDoesNotAddUp: The report misses the objective.
    """
    fractional = solve_plan(as_problem(document, whole=False))
    hours = values_of_hours(as_problem(document, whole=False), fractional)
    solved = solve_plan(as_problem(document, whole=True)) if whole else fractional
    lines = cost_lines(document, solved.plan)
    prices = group_prices(document)
    revenue = float((prices[lanes_of(document)[0]] * solved.plan.flow).sum())
    _check(document, solved, sum(lines.values()) - revenue)
    lost = float((prices * solved.plan.short).sum())
    gap = solved.solver.getInfo().mip_gap if whole and solved.arrays.whole.any() else 0.0
    return Solution(solved.plan, lines, revenue, lost, hours, float(gap))


def cost_lines(document: Document, plan: FractionalPlan) -> dict[str, float]:
    """Cost by name from quantities × rates of the document, independent of the solver's objective."""
    items = document.items
    used = hours_used(document, plan.make, plan.quantity["rerouted"])
    lines = {
        "material": sum(float(item.material @ plan.make[row]) for row, item in enumerate(items)),
        "regular_hours": sum(float(centre.rate @ used[row]) for row, centre in enumerate(document.centres)),
        "overtime": sum(
            float((c.overtime_rate - c.rate) @ plan.overtime[row]) for row, c in enumerate(document.centres)
        ),
        **_shift_line(document, plan),
        "subcontract": sum(
            float(item.subcontract @ plan.subcontract[row])
            for row, item in enumerate(items)
            if item.subcontract is not None and not item.is_bought
        ),
        "purchase": sum(
            float(item.subcontract @ plan.subcontract[row])
            for row, item in enumerate(items)
            if item.subcontract is not None and item.is_bought
        ),
        "holding": sum(float(item.holding @ _held(document, plan, row)) for row, item in enumerate(items)),
        "backlog": sum(
            float(item.backlog @ plan.backlog[row]) for row, item in enumerate(items) if item.backlog is not None
        ),
        "lost_sales": sum(
            float(place.lost_sale @ plan.short[row])
            for row, place in enumerate(document.places)
            if place.lost_sale is not None
        ),
        "freight": float((lanes_of(document)[2][:, None] * plan.flow).sum()),
        **_transfer_line(document, plan),
        **_people_lines(document, plan),
        **_stock_lines(document, plan),
        "fixed": document.fixed_cost,
    }
    return {name: float(cost) for name, cost in lines.items()}


def _transfer_line(document: Document, plan: FractionalPlan) -> dict[str, float]:
    """Freight of what is sent between items, where any may be."""
    sent = plan.quantity["transfer"]
    freight = sum(float(way.freight @ sent[row]) for row, way in enumerate(document.transfers))
    return {"transfers": freight} if document.transfers else {}


def _shift_line(document: Document, plan: FractionalPlan) -> dict[str, float]:
    """Premium of the hours of extra shifts, where any are allowed."""
    rows = [(number, centre) for number, centre in enumerate(document.centres) if centre.shift_most.any()]
    premium = sum(float((each.shift_rate - each.rate) @ plan.quantity["shift"][row]) for row, each in rows)
    return {"extra_shifts": premium} if rows else {}


def _people_lines(document: Document, plan: FractionalPlan) -> dict[str, float]:
    """Wages, changes of heads, and regular hours that nobody uses where they cost something."""
    pools, idle = document.people, 0.0
    for number, centre in enumerate(document.centres):
        if centre.idle.any():
            needed, regular = hours_of(document, plan, number)
            worked = plan.overtime[number] + plan.quantity["shift"][number]
            idle += float(centre.idle @ (regular - needed + worked))
    return {
        "wages": sum(float(pool.wage @ plan.people[row]) for row, pool in enumerate(pools)),
        "hire": sum(float(pool.hire @ plan.hired[row]) for row, pool in enumerate(pools)),
        "release": sum(float(pool.release @ plan.released[row]) for row, pool in enumerate(pools)),
        **({"idle": idle} if any(centre.idle.any() for centre in document.centres) else {}),
    }


def _stock_lines(document: Document, plan: FractionalPlan) -> dict[str, float]:
    """What is missing of the targets, what expires and what is kept outside; none of what the document does not ask for."""
    terms, lines = [item.stock for item in document.items], dict[str, float]()
    if any(row.cover for row in terms):
        missing = np.maximum(safety_targets(as_problem(document, whole=False)) / MILLI - plan.inventory, 0.0)
        lines["below_target"] = sum(float(row.cover_penalty @ missing[at]) for at, row in enumerate(terms))
    if any(row.life >= 0 for row in terms):
        lines["expired"] = sum(float(row.expiry @ plan.quantity["expired"][at]) for at, row in enumerate(terms))
    if document.room is not None and np.isfinite(document.room.outside):
        lines["outside_storage"] = document.room.outside * float(plan.quantity["outside"].sum())
    return lines


def hours_of(document: Document, plan: FractionalPlan, number: int) -> tuple[Floats, Floats]:
    """Hours (period,) that a work centre needs, and its regular ones with those of its people."""
    centre, none = document.centres[number], np.zeros(len(document.periods))
    needed = hours_used(document, plan.make, plan.quantity["rerouted"])[number]
    pools = [(row, pool) for row, pool in enumerate(document.people) if pool.centre == centre.name]
    return needed, centre.hours + sum((pool.hours * plan.people[row] for row, pool in pools), none)


def _held(document: Document, plan: FractionalPlan, row: int) -> Floats:
    """Units on which an item's holding is paid in each period."""
    closing: Floats = plan.inventory[row]
    if not document.averages_stock:
        return closing
    opening = np.concatenate([[document.items[row].opening_stock], closing[:-1]])
    held: Floats = (opening + closing) / 2.0
    return held


def _check(document: Document, solved: SolvedPlan, net: float) -> None:
    """The report must be the objective; what is no choice is not in it: fixed cost, the opening stock's holding, what all
    regular hours of the resources would cost idle, and the penalty of the whole targets."""
    outside = document.fixed_cost + sum(float(centre.idle @ centre.hours) for centre in document.centres)
    outside += safety_constant(as_problem(document, whole=False))
    if document.averages_stock:
        outside += sum(float(item.holding[0]) * item.opening_stock / 2.0 for item in document.items)
    missed = net - outside - solved.plan.cost
    if abs(missed) > TOLERANCE * max(1.0, abs(net), sum(abs(solved.arrays.cost)) / len(solved.arrays.cost)):
        raise CostDoesNotAddUp(f"The cost lines miss the optimum by {missed:.6f}.")
    if solved.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise CostDoesNotAddUp("The solver has no optimum any more.")
