"""Hard limits of what is made, kept and declined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part
from supply.calc.problem import Flags, Floats, SupplyProblem


@dataclass(frozen=True)
class Limits:
    """Hard limits in units: what is made and kept (node, month), and what may be declined (group, month)."""

    make_least: Floats
    make_most: Floats
    stock_least: Floats
    stock_most: Floats
    short_most: Floats


def no_limits(problem: SupplyProblem) -> Limits:
    """Limits that forbid nothing."""
    nodes = (len(problem.nodes.labels), problem.months)
    return Limits(
        make_least=np.zeros(nodes),
        make_most=np.full(nodes, np.inf),
        stock_least=np.zeros(nodes),
        stock_most=np.full(nodes, np.inf),
        short_most=np.full(problem.groups.quantity.shape, np.inf),
    )


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    """A pin stands above the limits of what is made: it is an equality, and whether the hours allow it is asked by the
    rows."""
    problem, limits = ground.problem, ground.problem.choices.limits
    if limits is None:
        return
    make, short = layout.columns["make"], layout.columns["short"]
    pinned = np.zeros(limits.make_least.shape, dtype=bool)
    pinned[problem.pins.node, problem.pins.month] = True
    free = ~pinned[make.row, make.month]
    bounds.lower[make.numbers[free]] = limits.make_least[make.row, make.month][free]
    bounds.upper[make.numbers[free]] = limits.make_most[make.row, make.month][free]
    _bound_stock(limits, layout, bounds)
    bounds.upper[short.numbers] = limits.short_most[short.row, short.month]


def _bound_stock(limits: Limits, layout: Layout, bounds: Bounds) -> None:
    """Stock up to a target is filled before that above it: the limits cut the lower layer first, the upper has the rest."""
    low, high = layout.columns["stock_low"], layout.columns["stock_high"]
    target = np.zeros(low.shape)
    target[low.row, low.month] = bounds.upper[low.numbers]
    least, most = np.minimum(limits.stock_least, target), np.minimum(limits.stock_most, target)
    bounds.lower[low.numbers], bounds.upper[low.numbers] = least[low.row, low.month], most[low.row, low.month]
    bounds.lower[high.numbers] = (limits.stock_least - least)[high.row, high.month]
    bounds.upper[high.numbers] = (limits.stock_most - most)[high.row, high.month]


def _needs(problem: SupplyProblem) -> Flags:
    limits = problem.choices.limits
    if limits is None:
        return np.zeros(len(problem.nodes.labels), dtype=bool)
    return np.asarray(((limits.stock_least > 0) | (limits.make_least > 0)).any(axis=1))


LIMITS = Part(bounds=_bounds, needs=_needs)
