"""Say which units were made in overtime and what the premium of each item is."""

import numpy as np

from catalog.calc.rounding import largest_remainder, round_half_away
from supply.calc.problem import MILLI, Floats, Ints, SupplyProblem
from supply.calc.routes import routed_units
from supply.calc.whole_plan import WholePlan


def overtime_units(problem: SupplyProblem, plan: WholePlan) -> Ints:
    """Part of the made units that was made in overtime or an extra shift, milli-units (node, month), whole
    quanta.

    A work centre's overtime falls on its items in proportion to their hours; an item through several work centres
    counts the largest of its shares; units that go another way count where they go. 110 units of one hour on 100 regular hours: 10 in overtime.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(plan.load > 0, (plan.overtime + plan.shift) / plan.load, 0.0)
    routed, ordinary = routed_units(problem, plan.made, plan.rerouted), len(problem.routing.node)
    worked = routed.units * share[routed.centre]
    ways = problem.choices.alternatives
    if ways is not None:
        other = np.zeros(plan.rerouted.shape)
        np.maximum.at(other, ways.way, worked[ordinary:])
        alternative, line = ways.replaced()
        np.add.at(worked, line, other[alternative])
    largest = np.zeros(plan.made.shape)
    np.maximum.at(largest, routed.node, worked)
    quantum = problem.nodes.quantum[:, None]
    return np.floor(largest / quantum + 1e-6).astype(np.int64) * quantum


def overtime_premium_cents(problem: SupplyProblem, plan: WholePlan) -> Ints:
    """Premium of overtime and extra shifts per node and month in cents (node, month).

    Per work centre and month: hours × premium rate rounded to cents, given to its items by their hours with largest
    remainder, so that items add up to work centres exactly.
    """
    routed = routed_units(problem, plan.made, plan.rerouted)
    cents = np.zeros(plan.made.shape, dtype=np.int64)
    premium = plan.overtime * problem.costs.overtime
    if problem.choices.shifts is not None:
        premium = premium + plan.shift * problem.choices.shifts.premium
    totals = round_half_away(premium * 100.0)
    for centre in np.flatnonzero(totals.any(axis=1)):
        lines = np.flatnonzero(routed.centre == centre)
        hours = routed.units[lines] / MILLI * routed.hours[lines, None]
        np.add.at(cents, routed.node[lines], largest_remainder(hours.T, totals[centre]).T)
    return cents


def unit_premium_cents(units: Ints, premium: Floats) -> Ints:
    """Premium of given units: milli-units × currency per unit, cents rounded once per cell, half away from zero."""
    return round_half_away(units / MILLI * premium * 100.0)
