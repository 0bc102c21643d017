"""What a pin costs and does to the cover of its item: the plan solved again without it, from the optimal basis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import highspy
import numpy as np

from supply.calc.lp_model import LpArrays, build_lp
from supply.calc.plan_lp import SolvedPlan, rounding_reserve
from supply.calc.problem import Floats, PinRows, SupplyProblem
from supply.calc.requirement import gross_requirement
from supply.calc.stock_policy import forward_cover

DAYS = 365.0 / 12.0
MAKE, BUY, SUBCONTRACT, EXTRA_SHIFT = "make", "buy", "subcontract", "extra_shift"
COLUMNS = {MAKE: ("make",), BUY: ("buy", "expedite"), EXTRA_SHIFT: ("overtime",)}


@dataclass(frozen=True)
class PinnedEntry:
    """One pin in force: ``kind``, node (or work centre of an extra shift) ``subject``, ``month`` number, ``quantity``
    units or hours, ``unit_cost`` reporting currency paid per unit outside the programme (subcontract), else 0."""

    kind: str
    subject: int
    month: int
    quantity: float
    unit_cost: float = 0.0


@dataclass(frozen=True)
class PinEffect:
    """The plan with the pin against the plan without it: ``cost`` reporting currency, positive = the pin costs; ``days``
    of forward cover of its item at the end of its month, positive = more cover; NaN where no demand is coming, and for
    an extra shift. A pin without which no plan exists has a cost of −infinity."""

    cost: float
    days: float


def pin_effects(problem: SupplyProblem, solved: SolvedPlan, entries: Sequence[PinnedEntry]) -> Iterator[PinEffect]:
    """The effect of each pin, all others staying.

    A pin on production or purchases is an equality, so without it the plan costs at most as much: the effect is ≥ 0.
    More hours or units from outside save what they save, less what they cost.

    Args:
        problem: The solved problem. entries: Its pins.
        solved: Its optimum with the solver at the optimal basis (changed and restored here).
    """
    if not entries:
        return
    solver, best = solved.solver, solved.plan.cost
    basis, coming = solver.getBasis(), gross_requirement(problem)
    nobody = np.zeros(0, np.int64)
    unpinned = replace(problem, pins=PinRows((), nobody, nobody, nobody))
    free = build_lp(unpinned, solved.arrays.scope, rounding_reserve(problem))
    for entry in entries:
        undo = _without(solver, solved.arrays, free, entry)
        solver.run()
        is_known = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        cost = best - float(solver.getInfo().objective_function_value) if is_known else -np.inf
        stock = _stock(solver, solved)
        yield PinEffect(cost + entry.quantity * entry.unit_cost, _days(entry, solved.plan.inventory, stock, coming))
        _change(solver, undo)
        solver.setBasis(basis)
    solver.run()


Change = tuple[str, int, float, float]


def _without(solver: highspy.Highs, arrays: LpArrays, free: LpArrays, entry: PinnedEntry) -> list[Change]:
    """Take a pin out of the solver's programme; returns the changes that put it back."""
    layout, subject, month = arrays.layout, entry.subject, entry.month
    if entry.kind == SUBCONTRACT:
        row = int(layout.rows["balance"].numbered()[subject, month])
        now = (float(arrays.row_lower[row]), float(arrays.row_upper[row]))
        _change(solver, [("row", row, now[0] + entry.quantity, now[1] + entry.quantity)])
        return [("row", row, *now)]
    blocks = [layout.columns[name] for name in COLUMNS[entry.kind]]
    columns = [int(column) for column in (block.numbered()[subject, month] for block in blocks) if column >= 0]
    less = entry.quantity if entry.kind == EXTRA_SHIFT else 0.0
    wider = [("column", c, float(free.lower[c]), max(float(free.upper[c]) - less, 0.0)) for c in columns]
    _change(solver, wider)
    return [("column", c, float(arrays.lower[c]), float(arrays.upper[c])) for c in columns]


def _change(solver: highspy.Highs, changes: list[Change]) -> None:
    for what, number, low, high in changes:
        (solver.changeRowBounds if what == "row" else solver.changeColBounds)(number, low, high)


def _stock(solver: highspy.Highs, solved: SolvedPlan) -> Floats:
    columns, values = solved.arrays.layout.columns, np.maximum(np.array(solver.getSolution().col_value), 0.0)
    return columns["stock_low"].spread(values) + columns["stock_high"].spread(values)


def _days(entry: PinnedEntry, pinned: Floats, free: Floats, coming: Floats) -> float:
    """Days of cover that the pin adds at the end of its month, by the requirement of the months after it."""
    later = coming[entry.subject, entry.month + 1 :] if entry.kind != EXTRA_SHIFT else np.zeros(0)
    if not later.any():
        return float("nan")
    covers = [forward_cover(float(stock[entry.subject, entry.month]), later) for stock in (pinned, free)]
    return (float(covers[0] or 0.0) - float(covers[1] or 0.0)) * DAYS
