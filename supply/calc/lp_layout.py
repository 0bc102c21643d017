"""Where the columns and rows of the supply programme sit."""

from dataclasses import dataclass

import numpy as np

from supply.calc.problem import Flags, Floats, Ints, SupplyProblem
from supply.calc.requirement import safety_targets


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

    def numbered(self, shape: tuple[int, int]) -> Ints:
        """Column numbers laid out as (row, month), −1 where there is no column."""
        laid = np.full(shape, -1, dtype=np.int64)
        laid[self.row, self.month] = self.columns
        return laid


@dataclass(frozen=True)
class Layout:
    """Where each kind of column and row sits.

    Rows: balance of node × month, group × month, capacity of work centre × month, heads of pool × month, overtime of
    pool × month, one per column of ``lots``.
    """

    make: Block
    buy: Block
    expedite: Block
    stock_low: Block
    stock_high: Block
    flow: Block
    short: Block
    overtime: Block
    subcontract: Block
    backlog: Block
    people: Block
    hired: Block
    released: Block
    lots: Block
    balance_rows: int
    group_rows: int
    capacity_rows: int
    pool_rows: int

    @property
    def columns(self) -> int:
        """Number of columns."""
        return self.lots.offset + len(self.lots.row)

    @property
    def first_capacity(self) -> int:
        """Row of the first work centre in the first month."""
        return self.balance_rows + self.group_rows

    @property
    def first_pool(self) -> int:
        """Row of the first pool's heads in the first month."""
        return self.first_capacity + self.capacity_rows

    @property
    def first_lot(self) -> int:
        """Row of the first column of ``lots``."""
        return self.first_pool + 2 * self.pool_rows

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.first_lot + len(self.lots.row)


def lp_layout(problem: SupplyProblem, scope: Flags) -> Layout:
    """Place the columns: made nodes, bought nodes, purchases inside the lead time, two layers of stock (up to the
    safety stock and above it) of what can be stocked, lanes, shortages, overtime hours, and what the problem's choices
    add; only for nodes in ``scope`` (node,). Without a column of stock a balance reads: what comes in goes out in the
    same month."""
    blocks: list[Block] = []
    for grid in (*_base_grids(problem, scope), *_choice_grids(problem, scope)):
        row, month = np.nonzero(grid)
        offset = blocks[-1].offset + len(blocks[-1].row) if blocks else 0
        blocks.append(Block(offset, row.astype(np.int64), month.astype(np.int64)))
    people = problem.choices.people
    make, buy, expedite, low, high, flow, short, overtime, given, late, heads, hired, released, lots = blocks
    return Layout(
        make=make,
        buy=buy,
        expedite=expedite,
        stock_low=low,
        stock_high=high,
        flow=flow,
        short=short,
        overtime=overtime,
        subcontract=given,
        backlog=late,
        people=heads,
        hired=hired,
        released=released,
        lots=lots,
        balance_rows=len(scope) * problem.months,
        group_rows=problem.groups.quantity.size,
        capacity_rows=problem.centres.regular.size,
        pool_rows=people.hours.size if people else 0,
    )


def _base_grids(problem: SupplyProblem, scope: Flags) -> tuple[Flags, ...]:
    months, nodes = problem.months, problem.nodes
    late = np.arange(months)[None, :] < nodes.buy_from[:, None]
    every = np.ones(months, dtype=bool)
    kept = scope & nodes.stocked
    overtime = problem.centres.overtime_limit > 0
    if problem.choices.people is not None:
        overtime[problem.choices.people.centre] |= problem.choices.people.overtime_hours > 0
    return (
        (scope & nodes.can_make)[:, None] & every,
        (scope & nodes.can_buy)[:, None] & (~late | (problem.ordered > 0)),
        (scope & nodes.can_buy)[:, None] & late,
        kept[:, None] & (safety_targets(problem) > 0),
        kept[:, None] & every,
        np.ones((len(problem.groups.lane_group), months), dtype=bool),
        np.ones(problem.groups.quantity.shape, dtype=bool),
        overtime,
    )


def _choice_grids(problem: SupplyProblem, scope: Flags) -> tuple[Flags, ...]:
    """Columns of subcontract, backlog, heads, hired, released and lots; none of what the problem does not choose."""
    choices, months = problem.choices, problem.months
    nodes = np.zeros((len(scope), months), dtype=bool)
    pools = np.ones(choices.people.hours.shape if choices.people else (0, months), dtype=bool)
    given, late, lot = choices.subcontract, choices.backlog, choices.lot
    return (
        nodes if given is None else scope[:, None] & (given.limit > 0),
        np.zeros(problem.groups.quantity.shape, dtype=bool) if late is None else late.limit > 0,
        pools,
        pools,
        pools,
        nodes if lot is None else (scope & problem.nodes.can_make & (lot > 0))[:, None] & ~nodes,
    )
