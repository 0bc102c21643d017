"""How the items of a document are made: operations of the ordinary way, the other ways, and what a unit costs."""

from __future__ import annotations

import numpy as np

from supply.calc.capacity import RoutingLines
from supply.calc.outside.document import Document
from supply.calc.parts.alternatives import Alternatives
from supply.calc.problem import Floats


def make_rates(document: Document) -> Floats:
    """Reporting currency per unit made, (item, period): material and regular hours of the ordinary way,
    less what they would cost idle."""
    rows = [item.material + hours_cost(document, item.hours) for item in document.items]
    return np.array(rows, dtype=np.float64)


def routing_of(document: Document) -> RoutingLines:
    """Operations of the ordinary way to make every item."""
    names = [centre.name for centre in document.centres]
    lines = [
        (node, names.index(centre), hours)
        for node, item in enumerate(document.items)
        for centre, hours in item.hours.items()
    ]
    node, centre, hours = zip(*lines, strict=True) if lines else ((), (), ())
    return RoutingLines(np.array(node, np.int64), np.array(centre, np.int64), np.array(hours, np.float64))


def hours_cost(document: Document, hours: dict[str, float]) -> Floats:
    """What the regular hours of a unit cost at their work centres (period,), less what they would cost idle; reporting
    currency."""
    rates = {centre.name: centre.rate - centre.idle for centre in document.centres}
    return sum((per_unit * rates[name] for name, per_unit in hours.items()), np.zeros(len(document.periods)))


def alternatives_of(document: Document) -> Alternatives | None:
    """The other ways to make items: each takes the place of the whole ordinary way; None where no item has any."""
    items = [(node, item) for node, item in enumerate(document.items) if item.other_ways]
    if not items:
        return None
    names, routing = [centre.name for centre in document.centres], routing_of(document)
    ways = [(operation, item, way) for operation, (_, item) in enumerate(items) for way in item.other_ways]
    lines = [
        (number, names.index(centre), hours) for number, (_, _, way) in enumerate(ways) for centre, hours in way.items()
    ]
    ordinary = [(line, op) for op, (node, _) in enumerate(items) for line in np.flatnonzero(routing.node == node)]
    return Alternatives(
        node=np.array([node for node, _ in items], np.int64),
        line=np.array([line for line, _ in ordinary], np.int64),
        line_operation=np.array([operation for _, operation in ordinary], np.int64),
        operation=np.array([operation for operation, _, _ in ways], np.int64),
        cost=np.array([hours_cost(document, way) - hours_cost(document, item.hours) for _, item, way in ways]),
        way=np.array([number for number, _, _ in lines], np.int64),
        centre=np.array([centre for _, centre, _ in lines], np.int64),
        hours=np.array([hours for _, _, hours in lines], np.float64),
    )


def hours_used(document: Document, made: Floats, rerouted: Floats) -> Floats:
    """Hours that the plan needs (resource, period), whichever way its units go.

    Args:
        document: The problem. made: units (item, period). rerouted: units (other way, period), ways in order of items.
    """
    names, used = [centre.name for centre in document.centres], np.zeros((len(document.centres), made.shape[1]))
    way = 0
    for row, item in enumerate(document.items):
        ordinary = made[row] - rerouted[way : way + len(item.other_ways)].sum(axis=0)
        shares = zip((item.hours, *item.other_ways), (ordinary, *rerouted[way:]), strict=False)
        for hours, units in shares:
            for centre, per_unit in hours.items():
                used[names.index(centre)] += per_unit * units
        way += len(item.other_ways)
    return used
