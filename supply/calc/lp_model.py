"""Linear programme of the supply plan as sparse arrays: columns, rows and coefficients in one pass."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supply.calc.problem import Flags, Floats, Ints, SupplyProblem

MILLI = 1000.0


@dataclass(frozen=True)
class Block:
    """Columns of one kind: ``offset`` of the first one and the (row, month) pairs they stand for, in order."""

    offset: int
    row: Ints
    month: Ints

    @property
    def columns(self) -> Ints:
        """Column numbers in the order of the pairs."""
        return self.offset + np.arange(len(self.row), dtype=np.int64)

    def spread(self, values: Floats, shape: tuple[int, int]) -> Floats:
        """Values of all columns laid out as (row, month), 0 where there is no column."""
        laid = np.zeros(shape)
        laid[self.row, self.month] = values[self.offset : self.offset + len(self.row)]
        return laid


@dataclass(frozen=True)
class Layout:
    """Where each kind of column and row sits. Rows: balance of node × month, then group × month, then capacity."""

    make: Block
    buy: Block
    expedite: Block
    stock_low: Block
    stock_high: Block
    flow: Block
    short: Block
    overtime: Block
    columns: int
    balance_rows: int
    group_rows: int
    capacity_rows: int


@dataclass(frozen=True)
class LpArrays:
    """A programme in column-wise compressed form, ready for the solver; ``scope`` (node,) are the nodes inside."""

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


def lp_layout(problem: SupplyProblem, scope: Flags) -> Layout:
    """Place the columns: made nodes, bought nodes, purchases inside the lead time, two layers of stock (up to the
    safety stock and above it), lanes, shortages, overtime hours; only for nodes in ``scope`` (node,)."""
    months, nodes = problem.months, problem.nodes
    axis = np.arange(months, dtype=np.int64)
    every = np.ones(months, dtype=bool)
    late = axis[None, :] < nodes.buy_from[:, None]
    target = np.maximum(nodes.safety[:, None], np.where(axis == months - 1, nodes.end_stock[:, None], 0))
    grids = (
        (scope & nodes.can_make)[:, None] & every,
        (scope & nodes.can_buy)[:, None] & ~late,
        (scope & nodes.can_buy)[:, None] & late,
        scope[:, None] & (target > 0),
        scope[:, None] & every,
        np.ones((len(problem.groups.lane_group), months), dtype=bool),
        np.ones(problem.groups.quantity.shape, dtype=bool),
        problem.centres.overtime_limit > 0,
    )
    blocks, offset = [], 0
    for grid in grids:
        row, month = np.nonzero(grid)
        blocks.append(Block(offset, row.astype(np.int64), month.astype(np.int64)))
        offset += len(row)
    return Layout(
        *blocks,
        columns=offset,
        balance_rows=len(scope) * months,
        group_rows=problem.groups.quantity.size,
        capacity_rows=problem.centres.regular.size,
    )


def build_lp(problem: SupplyProblem, scope: Flags, reserve: Floats) -> LpArrays:
    """The whole programme.

    balance: stock before + made + bought + expedited + receipts − Σ flow − Σ quantity · made(parent) − stock = 0;
    group: Σ flow + short = demand; capacity: Σ hours · made − overtime ≤ regular − reserve.

    Args:
        problem: The supply problem.
        scope: Nodes with own or dependent demand (node,); the others keep their stock outside the programme.
        reserve: Hours kept free for rounding to whole quanta (work centre,).

    Returns:
        Arrays in units (milli-units / 1000), hours and currency.
    """
    layout = lp_layout(problem, scope)
    cost, lower, upper = _columns(problem, layout)
    row, column, value = _coefficients(problem, layout)
    order = np.lexsort((row, column))
    starts = np.searchsorted(column[order], np.arange(layout.columns + 1))
    months, nodes = problem.months, problem.nodes
    given = -problem.receipts / MILLI
    given[:, 0] -= nodes.opening / MILLI
    given = np.where(scope[:, None], given, 0.0)
    demand = (problem.groups.quantity / MILLI).ravel()
    free = np.full(layout.capacity_rows, -np.inf)
    hours = (problem.centres.regular - reserve[:, None]).ravel()
    assert given.size == layout.balance_rows == len(scope) * months
    return LpArrays(
        layout=layout,
        scope=scope,
        cost=cost,
        lower=lower,
        upper=upper,
        row_lower=np.concatenate([given.ravel(), demand, free]),
        row_upper=np.concatenate([given.ravel(), demand, hours]),
        starts=starts.astype(np.int32),
        index=row[order].astype(np.int32),
        value=value[order],
    )


def _columns(problem: SupplyProblem, layout: Layout) -> tuple[Floats, Floats, Floats]:
    """Cost, lower and upper bound of every column; pins fix their column (in the lead time: the expedited one)."""
    cost, lower, upper = np.zeros(layout.columns), np.zeros(layout.columns), np.full(layout.columns, np.inf)
    rates, nodes = problem.costs, problem.nodes
    last = problem.months - 1
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
    target = np.where(low.month == last, np.maximum(nodes.safety, nodes.end_stock)[low.row], nodes.safety[low.row])
    upper[low.columns] = target / MILLI
    cost[layout.flow.columns] = rates.freight[layout.flow.row]
    cost[layout.overtime.columns] = rates.overtime[layout.overtime.row]
    upper[layout.overtime.columns] = problem.centres.overtime_limit[layout.overtime.row, layout.overtime.month]
    for block in (layout.buy, layout.expedite):
        upper[block.columns] = nodes.buy_limit[block.row]
    for kind, blocks in (("make", (layout.make,)), ("buy", (layout.buy, layout.expedite))):
        _fix_pins(problem, kind, blocks, lower, upper)
    return cost, lower, upper


def _fix_pins(problem: SupplyProblem, kind: str, blocks: tuple[Block, ...], lower: Floats, upper: Floats) -> None:
    """Set both bounds of pinned columns to the pinned quantity, in place."""
    pins = problem.pins
    chosen = np.array([name == kind for name in pins.kind], dtype=bool)
    pinned = pins.node[chosen] * problem.months + pins.month[chosen]
    quantity = pins.quantity[chosen] / MILLI
    for block in blocks:
        position = np.full(len(problem.nodes.labels) * problem.months, -1, dtype=np.int64)
        position[block.row * problem.months + block.month] = block.columns
        column = position[pinned]
        lower[column[column >= 0]] = upper[column[column >= 0]] = quantity[column >= 0]


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
    rows, columns, values = zip(*pieces, strict=True)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
