"""Say which units were made in overtime and what the premium of each item is."""

import numpy as np

from catalog.calc.rounding import largest_remainder, round_half_away
from supply.calc.problem import MILLI, Floats, Ints, SupplyProblem
from supply.calc.whole_plan import WholePlan


def overtime_units(problem: SupplyProblem, plan: WholePlan) -> Ints:
    """Part of the made units that was made in overtime, milli-units (node, month), whole quanta.

    A work centre's overtime falls on its items in proportion to their hours; an item through several work centres
    counts the largest of its shares. 110 units of one hour on 100 regular hours: 10 in overtime.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(plan.load > 0, plan.overtime / plan.load, 0.0)
    largest = np.zeros(plan.made.shape)
    np.maximum.at(largest, problem.routing.node, share[problem.routing.centre])
    quantum = problem.nodes.quantum[:, None]
    return np.floor(plan.made * largest / quantum + 1e-6).astype(np.int64) * quantum


def overtime_premium_cents(problem: SupplyProblem, plan: WholePlan) -> Ints:
    """Overtime premium per node and month in cents (node, month).

    Per work centre and month: hours × premium rate rounded to cents, given to its items by their hours with largest
    remainder, so that items add up to work centres exactly.
    """
    routing = problem.routing
    cents = np.zeros(plan.made.shape, dtype=np.int64)
    totals = round_half_away(plan.overtime * problem.costs.overtime * 100.0)
    for centre in np.flatnonzero(totals.any(axis=1)):
        operations = np.flatnonzero(routing.centre == centre)
        hours = plan.made[routing.node[operations]] / MILLI * routing.hours[operations, None]
        np.add.at(cents, routing.node[operations], largest_remainder(hours.T, totals[centre]).T)
    return cents


def unit_premium_cents(units: Ints, premium: Floats) -> Ints:
    """Premium of given units: milli-units × currency per unit, cents rounded once per cell, half away from zero."""
    return round_half_away(units / MILLI * premium * 100.0)
