"""Which way the units of a plan go through the work centres, in whole planning steps, and the hours that this needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catalog.calc.rounding import largest_remainder_by_group
from supply.calc.problem import MILLI, Floats, FractionalPlan, Ints, SupplyProblem


@dataclass(frozen=True)
class RoutedUnits:
    """Operations with the units that go through them: ``node``, ``centre``, ``hours`` per unit (line,), ``units``
    milli-units (line, month). First the lines of ``problem.routing``, in their order, then those of the alternatives."""

    node: Ints
    centre: Ints
    hours: Floats
    units: Ints


def whole_rerouted(problem: SupplyProblem, plan: FractionalPlan, made: Ints) -> Ints:
    """Milli-units that go another way (alternative, month): the made units (node, month) of each operation are shared as
    the programme shared them, in whole planning steps by largest remainder; Σ of an operation ≤ made."""
    ways = problem.choices.alternatives
    if ways is None:
        return np.zeros((0, problem.months), dtype=np.int64)
    asked, made_of = plan.quantity["rerouted"], made[ways.node]
    rerouted = np.zeros(made_of.shape)
    np.add.at(rerouted, ways.operation, asked)
    ordinary = np.maximum(plan.make[ways.node] - rerouted, 0.0)
    ordinary[ordinary + rerouted <= 0] = 1.0
    quantum = problem.nodes.quantum[ways.node][:, None]
    group = np.concatenate([np.arange(len(ways.node)), ways.operation])
    steps = largest_remainder_by_group(np.concatenate([ordinary, asked]), group, made_of // quantum)
    return steps[len(ways.node) :] * quantum[ways.operation]


def routed_units(problem: SupplyProblem, made: Ints, rerouted: Ints) -> RoutedUnits:
    """Units of every operation line: what is made less what goes another way, then the other ways.

    Args:
        problem: The problem. made: milli-units (node, month). rerouted: milli-units (alternative, month).
    """
    routing, ways = problem.routing, problem.choices.alternatives
    units = made[routing.node]
    if ways is None:
        return RoutedUnits(routing.node, routing.centre, routing.hours, units)
    alternative, line = ways.replaced()
    np.subtract.at(units, line, rerouted[alternative])
    return RoutedUnits(
        node=np.concatenate([routing.node, ways.node[ways.operation[ways.way]]]),
        centre=np.concatenate([routing.centre, ways.centre]),
        hours=np.concatenate([routing.hours, ways.hours]),
        units=np.concatenate([units, rerouted[ways.way]]),
    )


def routed_hours(problem: SupplyProblem, routed: RoutedUnits) -> Floats:
    """Hours (work centre, month) that the routed units need."""
    load = np.zeros(problem.centres.regular.shape)
    np.add.at(load, routed.centre, routed.units / MILLI * routed.hours[:, None])
    return load


def rounding_hours(problem: SupplyProblem) -> Floats:
    """Hours (work centre,) that rounding every made item up by one planning step takes; twice as much where an operation
    has alternatives, because its share is rounded too."""
    hours, quantum, ways = (
        np.zeros(len(problem.centres.labels)),
        problem.nodes.quantum / MILLI,
        problem.choices.alternatives,
    )
    routing = problem.routing
    np.add.at(hours, routing.centre, routing.hours * quantum[routing.node])
    if ways is not None:
        np.add.at(hours, routing.centre[ways.line], routing.hours[ways.line] * quantum[routing.node[ways.line]])
        np.add.at(hours, ways.centre, 2.0 * ways.hours * quantum[ways.node[ways.operation[ways.way]]])
    return hours
