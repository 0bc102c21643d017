"""Linear programme of the supply plan as sparse arrays: columns, rows and coefficients in one pass."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supply.calc.lp_choices import Bounds, choice_bounds, choice_coefficients, choice_rows, demand_rows
from supply.calc.lp_layout import Layout, lp_layout
from supply.calc.problem import Flags, Floats, Ints, SupplyProblem
from supply.calc.requirement import safety_targets

MILLI = 1000.0


@dataclass(frozen=True)
class LpArrays:
    """A programme in column-wise compressed form, ready for the solver; ``scope`` (node,) are the nodes inside,
    ``whole`` (column,) is 1 where only whole numbers are allowed."""

    layout: Layout
    scope: Flags
    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    starts: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Floats
    whole: NDArray[np.int32]


def build_lp(problem: SupplyProblem, scope: Flags, reserve: Floats) -> LpArrays:
    """The whole programme.

    balance: stock before + made + bought + expedited + subcontracted + receipts − Σ flow − Σ quantity · made(parent)
    − stock = 0; group: Σ flow + short + backlog − backlog before = demand; capacity: Σ hours · made − overtime
    − hours of the heads ≤ regular − reserve. ``lp_choices`` adds the rows of people and lots.

    Args:
        problem: The supply problem.
        scope: Nodes with own or dependent demand (node,); the others keep their stock outside the programme.
        reserve: Hours kept free for rounding to whole quanta (work centre,).

    Returns:
        Arrays in units (milli-units / 1000), hours and currency.
    """
    layout = lp_layout(problem, scope)
    cost, lower, upper = _columns(problem, layout)
    whole = choice_bounds(problem, layout, Bounds(cost, lower, upper))
    row, column, value = _summed(*_coefficients(problem, layout), layout.rows)
    starts = np.searchsorted(column, np.arange(layout.columns + 1))
    months, nodes = problem.months, problem.nodes
    given = -problem.receipts / MILLI
    given[:, 0] -= nodes.opening / MILLI
    given = np.where(scope[:, None], given, 0.0)
    hours = (problem.centres.regular - reserve[:, None]).ravel()
    (least, demand), (low, high) = demand_rows(problem), choice_rows(problem, layout)
    assert given.size == layout.balance_rows == len(scope) * months
    return LpArrays(
        layout=layout,
        scope=scope,
        cost=cost,
        lower=lower,
        upper=upper,
        row_lower=np.concatenate([given.ravel(), least, np.full(layout.capacity_rows, -np.inf), low]),
        row_upper=np.concatenate([given.ravel(), demand, hours, high]),
        starts=starts.astype(np.int32),
        index=row.astype(np.int32),
        value=value,
        whole=whole,
    )


def _summed(row: Ints, column: Ints, value: Floats, rows: int) -> tuple[Ints, Ints, Floats]:
    """Non-zeros by column and row, each place once: two operations on one work centre are one coefficient."""
    place, where = np.unique(column * rows + row, return_inverse=True)
    summed = np.zeros(len(place))
    np.add.at(summed, where, value)
    return place % rows, place // rows, summed


def _columns(problem: SupplyProblem, layout: Layout) -> tuple[Floats, Floats, Floats]:
    """Cost, lower and upper bound of every column; pins fix their column (in the lead time: the expedited one)."""
    cost, lower, upper = np.zeros(layout.columns), np.zeros(layout.columns), np.full(layout.columns, np.inf)
    rates, nodes = problem.costs, problem.nodes
    for block, rate in (
        (layout.make, rates.make),
        (layout.buy, rates.buy),
        (layout.expedite, rates.expedite),
        (layout.stock_high, rates.holding),
        (layout.short, rates.shortage),
    ):
        cost[block.columns] = rate[block.row, block.month]
    low = layout.stock_low
    cost[low.columns] = rates.holding[low.row, low.month] - rates.safety_penalty[low.row, low.month]
    upper[low.columns] = safety_targets(problem)[low.row, low.month] / MILLI
    cost[layout.flow.columns] = rates.freight[layout.flow.row]
    cost[layout.overtime.columns] = rates.overtime[layout.overtime.row, layout.overtime.month]
    upper[layout.overtime.columns] = problem.centres.overtime_limit[layout.overtime.row, layout.overtime.month]
    in_time = timely_purchase(problem, np.inf)
    upper[layout.buy.columns] = np.minimum(nodes.buy_limit[layout.buy.row], in_time[layout.buy.row, layout.buy.month])
    upper[layout.expedite.columns] = nodes.buy_limit[layout.expedite.row]
    _fix_pins(problem, layout, lower, upper)
    return cost, lower, upper


def timely_purchase(problem: SupplyProblem, beyond: float) -> Floats:
    """Units (node, month) that can be bought without expediting: what was ordered in time for months inside the lead
    time, ``beyond`` for later ones."""
    late = np.arange(problem.months)[None, :] < problem.nodes.buy_from[:, None]
    return np.where(late, problem.ordered / MILLI, beyond)


def _fix_pins(problem: SupplyProblem, layout: Layout, lower: Floats, upper: Floats) -> None:
    """Set both bounds of pinned columns, in place; a purchase uses what was ordered in time before it is expedited."""
    pins = problem.pins
    in_time = timely_purchase(problem, np.inf)[pins.node, pins.month]
    quantity = pins.quantity / MILLI
    for kind, block, part in (
        ("make", layout.make, quantity),
        ("buy", layout.buy, np.minimum(quantity, in_time)),
        ("buy", layout.expedite, np.maximum(quantity - in_time, 0.0)),
    ):
        position = np.full(len(problem.nodes.labels) * problem.months, -1, dtype=np.int64)
        position[block.row * problem.months + block.month] = block.columns
        column = position[pins.node * problem.months + pins.month]
        fixed = (column >= 0) & np.array([name == kind for name in pins.kind], dtype=bool)
        lower[column[fixed]] = upper[column[fixed]] = part[fixed]


def _coefficients(problem: SupplyProblem, layout: Layout) -> tuple[Ints, Ints, Floats]:
    """All non-zeros as (row, column, value)."""
    months = problem.months
    pieces: list[tuple[Ints, Ints, Floats]] = []

    def add(row: Ints, column: Ints, value: Floats | float) -> None:
        pieces.append((row, column, np.broadcast_to(np.asarray(value, dtype=np.float64), row.shape)))

    for block in (layout.make, layout.buy, layout.expedite):
        add(block.row * months + block.month, block.columns, 1.0)
    for block in (layout.stock_low, layout.stock_high):
        add(block.row * months + block.month, block.columns, -1.0)
        kept = block.month < months - 1
        add((block.row * months + block.month + 1)[kept], block.columns[kept], 1.0)
    flow, groups, first = layout.flow, problem.groups, layout.balance_rows
    add(groups.lane_node[flow.row] * months + flow.month, flow.columns, -1.0)
    add(first + groups.lane_group[flow.row] * months + flow.month, flow.columns, 1.0)
    add(first + layout.short.row * months + layout.short.month, layout.short.columns, 1.0)
    capacity = first + layout.group_rows
    overtime = layout.overtime
    add(capacity + overtime.row * months + overtime.month, overtime.columns, -1.0)
    make = np.full((len(problem.nodes.labels), months), -1, dtype=np.int64)
    make[layout.make.row, layout.make.month] = layout.make.columns
    routing = problem.routing
    operation, month = np.nonzero(make[routing.node] >= 0)
    add(
        capacity + routing.centre[operation] * months + month,
        make[routing.node[operation], month],
        routing.hours[operation],
    )
    bom = problem.bom
    line, month = np.nonzero(bom.valid & (make[bom.parent] >= 0))
    add(bom.component[line] * months + month, make[bom.parent[line], month], -bom.quantity[line])
    pieces += choice_coefficients(problem, layout)
    rows, columns, values = zip(*pieces, strict=True)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
