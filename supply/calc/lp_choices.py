"""Columns and rows of the supply programme beyond making, buying and keeping: subcontract, backlog, people, lots."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supply.calc.lp_layout import Layout
from supply.calc.problem import Floats, Ints, Limits, People, SupplyProblem

MILLI = 1000.0

Piece = tuple[Ints, Ints, Floats]


@dataclass(frozen=True)
class Bounds:
    """Cost, lower and upper bound of every column (column,)."""

    cost: Floats
    lower: Floats
    upper: Floats


def choice_bounds(problem: SupplyProblem, layout: Layout, bounds: Bounds) -> NDArray[np.int32]:
    """Set cost and bounds of the columns that the problem's choices touch, in place.

    Returns:
        1 for each column of which only whole numbers are allowed (column,).
    """
    choices, whole = problem.choices, np.zeros(layout.columns, dtype=np.int32)
    for block, terms in ((layout.subcontract, choices.subcontract), (layout.backlog, choices.backlog)):
        if terms is not None:
            bounds.cost[block.columns] = terms.cost[block.row, block.month]
            bounds.upper[block.columns] = terms.limit[block.row, block.month]
    if choices.people is not None:
        _people_bounds(choices.people, layout, bounds)
        for block in (layout.people, layout.hired, layout.released):
            whole[block.columns] = choices.people.is_whole
    if choices.limits is not None:
        _limit_bounds(problem, choices.limits, layout, bounds)
    if choices.price is not None:
        flow = layout.flow
        bounds.cost[flow.columns] -= choices.price[problem.groups.lane_group[flow.row], flow.month]
    whole[layout.lots.columns] = 1
    return whole


def _people_bounds(people: People, layout: Layout, bounds: Bounds) -> None:
    """Heads between least and most; overtime of their work centre is bounded by a row instead of its column."""
    for block, rate in ((layout.people, people.wage), (layout.hired, people.hire), (layout.released, people.release)):
        bounds.cost[block.columns] = rate[block.row, block.month]
    heads = layout.people
    bounds.lower[heads.columns] = people.least[heads.row, heads.month]
    bounds.upper[heads.columns] = people.most[heads.row, heads.month]
    overtime = layout.overtime
    bounds.upper[overtime.columns[np.isin(overtime.row, people.centre)]] = np.inf


def _limit_bounds(problem: SupplyProblem, limits: Limits, layout: Layout, bounds: Bounds) -> None:
    """Hard limits of made, kept and declined units. A pin stands above the limits of what is made: it is an equality,
    and whether the hours allow it is asked by the rows."""
    make, stock, short = layout.make, layout.stock_high, layout.short
    pinned = np.zeros(limits.make_least.shape, dtype=bool)
    pinned[problem.pins.node, problem.pins.month] = True
    free = ~pinned[make.row, make.month]
    bounds.lower[make.columns[free]] = limits.make_least[make.row, make.month][free]
    bounds.upper[make.columns[free]] = limits.make_most[make.row, make.month][free]
    bounds.lower[stock.columns] = limits.stock_least[stock.row, stock.month]
    bounds.upper[stock.columns] = limits.stock_most[stock.row, stock.month]
    bounds.upper[short.columns] = limits.short_most[short.row, short.month]


def demand_rows(problem: SupplyProblem) -> tuple[Floats, Floats]:
    """Lower and upper bound (group × month,) of what is delivered, declined and late: the demand, or at least nothing
    where demand has no limit."""
    demand = problem.groups.quantity / MILLI
    least, most = demand.copy(), demand.copy()
    if problem.choices.is_open is not None:
        least[problem.choices.is_open], most[problem.choices.is_open] = 0.0, np.inf
    return least.ravel(), most.ravel()


def choice_rows(problem: SupplyProblem, layout: Layout) -> tuple[Floats, Floats]:
    """Bounds of the rows of people, their overtime, and lots, in that order.

    people: heads − heads before − hired + released = 0 (the opening heads in the first month); overtime hours ≤ limit of
    the work centre + overtime hours of the heads; made − lot · lots = 0.
    """
    people, lots = problem.choices.people, np.zeros(len(layout.lots.row))
    if people is None:
        return lots, lots
    heads = np.zeros(people.hours.shape)
    heads[:, 0] = people.opening
    limit = problem.centres.overtime_limit[people.centre].ravel()
    low = np.concatenate([heads.ravel(), np.full(limit.shape, -np.inf), lots])
    return low, np.concatenate([heads.ravel(), limit, lots])


def choice_coefficients(problem: SupplyProblem, layout: Layout) -> list[Piece]:
    """Non-zeros (row, column, value) of the columns and rows that the problem's choices add."""
    months, pieces = problem.months, list[Piece]()
    given = layout.subcontract
    pieces.append((given.row * months + given.month, given.columns, np.ones(len(given.row))))
    late = layout.backlog
    row = layout.balance_rows + late.row * months + late.month
    kept = late.month < months - 1
    pieces.append((row, late.columns, np.ones(len(row))))
    pieces.append((row[kept] + 1, late.columns[kept], np.full(int(kept.sum()), -1.0)))
    if problem.choices.people is not None:
        pieces += _people_coefficients(problem.choices.people, layout, months)
    if problem.choices.lot is not None:
        lots = layout.lots
        rows = layout.first_lot + np.arange(len(lots.row), dtype=np.int64)
        made = layout.make.numbered((len(problem.nodes.labels), months))[lots.row, lots.month]
        pieces.append((rows, made, np.ones(len(rows))))
        pieces.append((rows, lots.columns, -problem.choices.lot[lots.row]))
    return pieces


def _people_coefficients(people: People, layout: Layout, months: int) -> list[Piece]:
    heads, hired, released = layout.people, layout.hired, layout.released
    ones = np.ones(len(heads.row))
    pool = heads.row * months + heads.month
    row = layout.first_pool + pool
    later = heads.month < months - 1
    hours = -people.hours[heads.row, heads.month]
    capacity = layout.first_capacity + people.centre[heads.row] * months + heads.month
    overtime = layout.overtime.numbered((layout.capacity_rows // months, months))[people.centre[heads.row], heads.month]
    works_over = overtime >= 0
    over = row + layout.pool_rows
    return [
        (row, heads.columns, ones),
        (row[later] + 1, heads.columns[later], -ones[later]),
        (row, hired.columns, -ones),
        (row, released.columns, ones),
        (capacity, heads.columns, hours),
        (over, heads.columns, -people.overtime_hours[heads.row, heads.month]),
        (over[works_over], overtime[works_over], ones[works_over]),
    ]
