"""Plans of earlier cycles against what was sold since: errors per lag, and what each stream and person added.

Everything is judged on the same cells: segment (family or item, in a market) × closed month. A plan's first open month is
lag 1. A = actual, F = forecast; sums are exact integers of milli-units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]
SIGNAL_MONTHS = 3


@dataclass(frozen=True)
class Moves:
    """What the ledgers of the judged plans did to judged cells; arrays (l,), one entry per line and month.

    `stream` is the place in the order of the streams; `person` the author's key; `segment` and `column` the cell;
    `delta` signed milli-units.
    """

    stream: Ints
    person: Ints
    segment: Ints
    column: Ints
    delta: Ints

    def placed(self, chosen: Marks, shape: tuple[int, int]) -> Ints:
        """Sum of the chosen lines per cell, (s, m) milli-units."""
        total = np.zeros(shape, np.int64)
        np.add.at(total, (self.segment[chosen], self.column[chosen]), self.delta[chosen])
        return total


@dataclass(frozen=True)
class LagBlock:
    """Closed months as the plans that lay `lag` months before them saw them; (s, m) milli-units, one alignment.

    `months` (m,) month numbers. `naive` is what was sold twelve months before. `consensus` = `baseline` + Σ `moves`.
    """

    lag: int
    months: Ints
    actual: Ints
    naive: Ints
    baseline: Ints
    consensus: Ints
    moves: Moves


@dataclass(frozen=True)
class Yardsticks:
    """What an error is measured in. `price4` (s,): ten-thousandths of the reporting currency per unit, −1 = unknown;
    `scale` (s,): in-sample mean of |y[t] − y[t−12]| in milli-units, NaN where the past is too short."""

    price4: Ints
    scale: Floats


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors of one forecast over a group of cells. Milli-units; `cents` prices Σ|A − F|, without `unpriced` milli-units.

    WMAPE = Σ|A−F| ÷ Σ|A|; bias = Σ(F−A) ÷ Σ|A|, positive is too high; MASE = Σ|A−F| ÷ Σ scale over the same cells,
    below 1 beats the seasonal naive of the past; tracking signal = Σ(A−F) ÷ MAD over the months' totals, None below three
    months. None where there is nothing to divide by.
    """

    actual: int
    absolute: int
    signed: int
    cents: int
    unpriced: int
    mase: float | None
    tracking_signal: float | None

    @property
    def wmape(self) -> float | None:
        """Σ|A−F| ÷ Σ|A|."""
        return self.absolute / self.actual if self.actual else None

    @property
    def bias(self) -> float | None:
        """Σ(F−A) ÷ Σ|A|."""
        return self.signed / self.actual if self.actual else None


@dataclass(frozen=True, slots=True)
class Added:
    """Forecast value added: error before − error after. Positive: the step helped. `points` a fraction, None without sales."""

    points: float | None
    cents: int


def errors_of(actual: Ints, forecast: Ints, sticks: Yardsticks) -> Errors:
    """Errors of a forecast (s, m) against actuals (s, m); `sticks` (s,)."""
    error = forecast - actual
    size = np.abs(error)
    priced = sticks.price4 >= 0
    scaled = np.nan_to_num(sticks.scale) > 0
    below = float(sticks.scale[scaled].sum()) * actual.shape[1]
    totals = -error.sum(axis=0)
    spread = float(np.abs(totals).mean()) if totals.size >= SIGNAL_MONTHS else 0.0
    return Errors(
        actual=int(np.abs(actual).sum()),
        absolute=int(size.sum()),
        signed=int(error.sum()),
        cents=int(to_cents(size[priced], sticks.price4[priced, None]).sum()),
        unpriced=int(size[~priced].sum()),
        mase=float(size[scaled].sum()) / below if below else None,
        tracking_signal=float(totals.sum()) / spread if spread else None,
    )


def added(before: Errors, after: Errors) -> Added:
    """What a step took off the error; both on the same cells."""
    known = before.wmape is not None and after.wmape is not None
    return Added(before.wmape - after.wmape if known else None, before.cents - after.cents)  # type: ignore[operator]


def on_rows(block: LagBlock, rows: Marks) -> LagBlock:
    """The same block for some of its segments, `rows` (s,)."""
    place = np.cumsum(rows) - 1
    kept = rows[block.moves.segment]
    moves = block.moves
    inner = Moves(
        moves.stream[kept], moves.person[kept], place[moves.segment[kept]], moves.column[kept], moves.delta[kept]
    )
    actual, naive, baseline, consensus = (
        array[rows] for array in (block.actual, block.naive, block.baseline, block.consensus)
    )
    return LagBlock(block.lag, block.months, actual, naive, baseline, consensus, inner)


def by_stream(block: LagBlock, sticks: Yardsticks, streams: int) -> list[Errors]:
    """Errors of the seasonal naive, of the baseline, and after each of the `streams` laid on it in their order.

    The value added by a step is `added` of its two neighbours, so the steps add up: naive − consensus.
    """
    running = block.baseline.copy()
    found = [errors_of(block.actual, block.naive, sticks), errors_of(block.actual, running, sticks)]
    for stream in range(streams):
        running = running + block.moves.placed(block.moves.stream == stream, running.shape)
        found.append(errors_of(block.actual, running, sticks))
    return found


@dataclass(frozen=True, slots=True)
class PersonAdded:
    """What one person's edits did to the error at one lag: the plan without them less the plan as it was.

    `cells` moved by the person, of which `better` came nearer to what was sold; `moved` Σ of the edits in milli-units.
    Over those cells, as planned: `missed` Σ|A−F|, `too_high` Σ(F−A), `sold` Σ|A|, `mase`; `before` is Σ|A−F| without them.
    """

    person: int
    cells: int
    better: int
    moved: int
    missed: int
    before: int
    too_high: int
    sold: int
    mase: float | None
    added: Added


def by_person(block: LagBlock, sticks: Yardsticks) -> list[PersonAdded]:
    """One entry per person, the largest money first. Two people on one cell are each judged with the other's edit in it,
    so people do not add up to the streams."""
    shape = block.consensus.shape
    scale = np.broadcast_to(np.nan_to_num(sticks.scale)[:, None], shape)
    final = errors_of(block.actual, block.consensus, sticks)
    found = []
    for person in np.unique(block.moves.person).tolist():
        own = block.moves.placed(block.moves.person == person, shape)
        touched = own != 0
        without = block.consensus - own
        size, before = np.abs(block.consensus - block.actual), np.abs(without - block.actual)
        scaled = touched & (scale > 0)
        found.append(
            PersonAdded(
                person=person,
                cells=int(touched.sum()),
                better=int((touched & (size < before)).sum()),
                moved=int(own.sum()),
                missed=int(size[touched].sum()),
                before=int(before[touched].sum()),
                too_high=int((block.consensus - block.actual)[touched].sum()),
                sold=int(np.abs(block.actual[touched]).sum()),
                mase=float(size[scaled].sum() / scale[scaled].sum()) if scaled.any() else None,
                added=added(errors_of(block.actual, without, sticks), final),
            )
        )
    return sorted(found, key=lambda row: (-abs(row.added.cents), row.person))


def seasonal_scale(history: Ints) -> Floats:
    """In-sample mean of |y[t] − y[t−12]| (s,), milli-units, of `history` (s, T); NaN with twelve months or fewer."""
    if history.shape[1] <= 12:
        return np.full(len(history), np.nan)
    return np.asarray(np.abs(history[:, 12:] - history[:, :-12]).mean(axis=1))


def average_price4(units: Ints, cents: Ints) -> Ints:
    """Net sales ÷ units of some closed months (s,), in ten-thousandths per unit; −1 where the units are not positive.

    Args:
        units: milli-units (s, T). cents: reporting currency (s, T).
    """
    sold, net = units.sum(axis=1), cents.sum(axis=1)
    usable = (sold > 0) & (net >= 0)
    price = np.full(len(sold), -1, np.int64)
    price[usable] = np.rint(net[usable] * 100_000.0 / sold[usable]).astype(np.int64)
    return price
