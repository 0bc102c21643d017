"""What the cells of a gesture shall hold: one function per way of moving them, and the instructions that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cycles.models import Plan
from demand.calc.spread import ladder_weights, scaled_totals, spread_totals, units_worth
from demand.frames import load_actuals, load_rates
from demand.services.ledger.cells import Cells
from demand.services.ledger.gestures import Cause, Gesture, Mode, Refusal, Unit
from demand.services.ledger.refusals import refusal
from demand.services.series_store import PAIR

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
YEAR = 12
#: milli-units × price in ten-thousandths × FX in millionths ÷ this = cents
RATES_PER_CENT = 1e11


@dataclass(frozen=True)
class Aim:
    """The cells that a gesture moves or confirms, what they shall hold (c,) in milli-units, and who was refused."""

    cells: Cells
    target: Ints
    refused: dict[int, Refusal]


def aim(plan: Plan, gesture: Gesture, cells: Cells) -> Aim:
    """Say what the cells of a gesture shall hold; the caller holds the plan's lock and has taken conflicts out."""
    ways: dict[Mode, Callable[[Plan, Gesture, Cells], Aim]] = {
        Mode.RESET: _reset,
        Mode.LAST_YEAR: _copy_last_year,
        Mode.FILL: _fill,
    }
    return ways.get(gesture.mode, _spread)(plan, gesture, cells)


def _reset(plan: Plan, gesture: Gesture, cells: Cells) -> Aim:
    return Aim(cells, cells.values.baseline[cells.row, cells.month], {})


def _copy_last_year(plan: Plan, gesture: Gesture, cells: Cells) -> Aim:
    cells = cells.kept(cells.alive[cells.row, cells.month])
    step = cells.step[cells.row]
    return Aim(cells, _last_year(plan, cells) // step * step, {})


def _fill(plan: Plan, gesture: Gesture, cells: Cells) -> Aim:
    """Each series takes its value of the instruction's first month in the others in which its item is on the market."""
    first = (
        np.array([min(instruction.months) for instruction in gesture.instructions], np.int64) - plan.first_month_index
    )
    source = first[cells.instruction]
    cells = cells.kept((cells.month != source) & cells.alive[cells.row, cells.month])
    return Aim(cells, cells.values.consensus[cells.row, first[cells.instruction]], {})


def _spread(plan: Plan, gesture: Gesture, cells: Cells) -> Aim:
    """A total per instruction, brought down to its leaves by the ladder of weights."""
    count = len(gesture.instructions)
    able = cells.kept(cells.can_hold())
    weights = _weights(plan, able, count)
    step = cells.coarsest(count)
    totals, unpriced = _totals(plan, gesture, able, weights, step)
    causes = _faults(totals, step, able, unpriced)
    concerned = set(np.unique(cells.instruction).tolist())
    refused = {
        position: refusal(position, cause, plan=plan, step_milli=int(step[position]))
        for position, cause in causes.items()
        if position in concerned
    }
    totals[list(causes)] = 0
    target = np.zeros(len(cells.row), np.int64)
    held = np.bincount(able.instruction, minlength=count) > 0
    target[cells.can_hold()] = spread_totals(np.where(held, totals, 0), weights, able.instruction, step)
    kept = ~np.isin(cells.instruction, list(causes))
    return Aim(cells.kept(kept), target[kept], refused)


def _totals(plan: Plan, gesture: Gesture, able: Cells, weights: Floats, step: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """(g,) the total that each instruction shall have, and whether a price is missing for it."""
    given = np.array([instruction.value for instruction in gesture.instructions], np.int64)
    now = able.sums(able.now(), len(given))
    unpriced = np.zeros(len(given), bool)
    if gesture.mode == Mode.SCALE:
        return scaled_totals(now, given, step), unpriced
    if gesture.unit == Unit.VALUE:
        price = _cents_per_milli(plan, able)
        unpriced[able.instruction[(price <= 0) & (weights > 0)]] = True
        given = units_worth(given, weights, price, able.instruction, quantum_milli=step)
    return (now + given if gesture.mode == Mode.CHANGE else given), unpriced


def _faults(totals: Ints, step: Ints, able: Cells, unpriced: NDArray[np.bool_]) -> dict[int, Cause]:
    """Why a total cannot be had, by position; the first that applies."""
    empty = np.bincount(able.instruction, minlength=len(totals)) == 0
    tests = (
        (Cause.NO_PRICE, unpriced),
        (Cause.BELOW_ZERO, totals < 0),
        (Cause.NOT_A_STEP, totals % step != 0),
        (Cause.NOT_ON_MARKET, empty & (totals != 0)),
    )
    found: dict[int, Cause] = {}
    for cause, fails in tests:
        for position in np.flatnonzero(fails).tolist():
            found.setdefault(position, cause)
    return found


def _weights(plan: Plan, able: Cells, count: int) -> Floats:
    """(c,) of `ladder_weights`; sales of a year before are read only where plan and baseline are 0."""
    steps = [able.now(), able.values.baseline[able.row, able.month]]
    weighing = np.zeros(count, bool)
    for step in steps:
        weighing |= able.sums(np.maximum(step, 0), count) > 0
    if not weighing[able.instruction].all():
        steps.append(_last_year(plan, able))
    return ladder_weights(np.stack(steps).astype(np.float64), able.instruction, count)


def _last_year(plan: Plan, cells: Cells) -> Ints:
    """(c,) units of the same cells a year before: actual where closed, else the plan's own; never below zero."""
    first = plan.first_month_index
    actuals = load_actuals(first - YEAR, first - 1, items=np.unique(cells.values.item_ids[cells.row]).tolist())
    before = np.zeros((len(cells.values.keys), YEAR + plan.horizon), np.int64)
    stored = actuals.item_ids.astype(np.int64) * PAIR + actuals.market_ids
    known = np.isin(stored, cells.values.keys)
    before[np.searchsorted(cells.values.keys, stored[known]), :YEAR] = actuals.units[known]
    before[:, YEAR:] = cells.values.consensus
    return np.maximum(before[cells.row, cells.month], 0)


def _cents_per_milli(plan: Plan, cells: Cells) -> Floats:
    """(c,) net price in cents of the reporting currency per milli-unit; 0 = none."""
    rows, place = np.unique(cells.row, return_inverse=True)
    rates = load_rates(plan, cells.values.item_ids[rows], cells.values.market_ids[rows])
    price = np.where(rates.missing, 0.0, rates.net_price4.astype(np.float64) * rates.fx6) / RATES_PER_CENT
    return price[place, cells.month]
