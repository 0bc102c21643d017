"""How their figures are written: against which figures of the plan, in ones or thousands, rounded how far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SCALES = (1.0, 1_000.0, 1_000_000.0)
CLOSE = 0.006
CLEARLY_BETTER = 0.02
SHARE_ON_GRID = 0.75
SAME_AGREEMENT, ALL_AGREEMENT = 0.93, 0.995
NOT_TOLD = 0.2
GAINED = 0.25
FULL_ROW = 4
SMALLEST_STEP = 1e-6
RATE_ROUNDING = 2e-4


@dataclass(frozen=True)
class Candidate:
    """Figures of the plan that their file may speak of: (rows, months) in units or in money.

    `unit_value` (rows, months) is what one unit is worth where they are money, 0 where they are units. `slack` is the
    share of a figure by which theirs may be off from the start, because it was multiplied with a rounded price.
    """

    name: str
    values: Floats
    unit_value: Floats
    slack: float = 0.0


@dataclass(frozen=True)
class Scale:
    """What was found: the position of the candidate, what their figures are multiplied by, the room for rounding.

    `tolerance` is (rows, months); `step` is the power of ten in
    which they write, `agreement` the share of cells that agree within the tolerance; `rounded_to` in words.
    """

    candidate: int
    factor: float
    tolerance: Floats
    step: float
    agreement: float
    rounded_to: str


def find_scale(theirs: Floats, compared: Flags, candidates: Sequence[Candidate], leaves: NDArray[np.int64]) -> Scale:
    """The candidate and factor under which most cells agree, and the smallest room for rounding that explains them.

    A file that agrees nowhere is taken for what lies nearest by the median of the ratios. The room is never chosen to
    make single differences vanish: a wider one must bring the bulk of the file to agree.

    Args:
        theirs: (rows, months) as written.
        compared: (rows, months) cells that the file gives.
        candidates: at least one, the preferred first.
        leaves: (rows,) how many series each row adds up.

    Raises:
        ValueError: there is no candidate.
    """
    if not candidates:
        raise ValueError("There is nothing to compare with.")
    best = (-1.0, 0, 1.0)
    for place, candidate in enumerate(candidates):
        for factor in SCALES:
            share = _share_close(theirs * factor, candidate.values, compared)
            if share > best[0] + CLEARLY_BETTER:
                best = (share, place, factor)
    if best[0] < NOT_TOLD:
        best = (best[0], *_nearest(theirs, compared, candidates))
    _, place, factor = best
    return _with_room(theirs, compared, candidates[place], (place, factor), leaves)


def _share_close(theirs: Floats, plan: Floats, compared: Flags) -> float:
    counted = compared & ((plan != 0) | (theirs != 0))
    if not counted.any():
        return 0.0
    step = _grid_step(theirs[counted])
    room = CLOSE * np.abs(plan) + step / 2
    room = np.minimum(room, 0.25 * np.abs(plan))
    return float((np.abs(theirs - plan) <= room)[counted].mean())


def _nearest(theirs: Floats, compared: Flags, candidates: Sequence[Candidate]) -> tuple[int, float]:
    """Position and factor with the median of theirs ÷ plan closest to 1 on a logarithmic scale."""
    found = (np.inf, 0, 1.0)
    for place, candidate in enumerate(candidates):
        counted = compared & (candidate.values > 0) & (theirs > 0)
        if not counted.any():
            continue
        away = np.log(np.median(theirs[counted] / candidate.values[counted]))
        for factor in SCALES:
            distance = float(abs(away + np.log(factor)))
            if distance < found[0] - CLEARLY_BETTER:
                found = (distance, place, factor)
    return found[1], found[2]


def _grid_step(values: Floats, share: float = SHARE_ON_GRID) -> float:
    """The largest power of ten of which a share of the values are multiples."""
    used = np.abs(values[values != 0])
    if not len(used):
        return SMALLEST_STEP
    step = SMALLEST_STEP
    while step < used.max():
        parts = used / (step * 10)
        if (np.abs(parts - np.round(parts)) < 1e-6 * np.maximum(parts, 1)).mean() < share:
            break
        step *= 10
    return step


def _with_room(
    theirs: Floats, compared: Flags, candidate: Candidate, chosen: tuple[int, float], leaves: NDArray[np.int64]
) -> Scale:
    place, factor = chosen
    scaled, plan = theirs * factor, candidate.values
    counted = compared & ((plan != 0) | (scaled != 0))
    step = _grid_step(scaled[counted]) if counted.any() else SMALLEST_STEP
    strict = _grid_step(scaled[counted], 1.0) if counted.any() else SMALLEST_STEP
    rooms = _rooms((strict, step), candidate, leaves)
    shares = [float((np.abs(scaled - plan) <= room)[counted].mean()) if counted.any() else 1.0 for _, room, _ in rooms]
    away = np.abs(scaled - plan)
    steps = sum(is_step for _, _, is_step in rooms)
    gained = _whole_rows(away <= rooms[-1][1], counted) - _whole_rows(away <= rooms[steps - 1][1], counted)
    is_wider = gained >= GAINED
    shares = shares if is_wider else shares[:steps]
    enough = (ALL_AGREEMENT if is_wider else SAME_AGREEMENT) * max(shares)
    found = next(position for position, share in enumerate(shares) if share >= enough)
    return Scale(place, factor, rooms[found][1], step, shares[found], rooms[found][0])


def _whole_rows(agrees: Flags, counted: Flags) -> float:
    """The share of rows that agree in every cell, of those with some figures."""
    full = counted.sum(axis=1) >= FULL_ROW
    whole = np.asarray((agrees | ~counted).all(axis=1))
    return float(whole[full].mean()) if full.any() else 0.0


def _rooms(
    written: tuple[float, float], candidate: Candidate, leaves: NDArray[np.int64]
) -> list[tuple[str, Floats, bool]]:
    """Ever wider room: each power of ten up to the step they write in, then sums of rounded series, then rates.

    Every figure is a multiple of the first step in which they write, most of the second: less than half of the first
    cannot be told apart. Name, room (rows, months), and whether it is a mere step. The wider ones count only where they
    bring many whole rows to agree: differences stand on a few rows, rounding touches most of them.
    """
    shape = candidate.values.shape
    finest = 0.005 if candidate.unit_value.any() else 0.0005
    strict, step = written
    steps = [max(finest * 2, strict)]
    while steps[-1] * 10 <= step * 1.000001:
        steps.append(steps[-1] * 10)
    if step > steps[-1]:
        steps.append(step)
    rooms = [(f"steps of {size:,.10g}", np.full(shape, size / 2 * (1 + 1e-6)), True) for size in steps]
    last = steps[-1] / 2 * (1 + 1e-6)
    summed = np.broadcast_to(leaves[:, None] * last, shape)
    if leaves.max(initial=1) > 1:
        rooms.append((f"sums of series in steps of {steps[-1]:,.10g}", summed, False))
    if candidate.unit_value.any():
        units = summed + leaves[:, None] * 0.5 * candidate.unit_value
        rooms.append(("whole units × price", np.asarray(units), False))
    rates = summed + RATE_ROUNDING * np.abs(candidate.values)
    rooms.append(("rounded rates", np.asarray(rates), False))
    slack = candidate.slack * np.abs(candidate.values)
    return [(name, np.asarray(room + slack), is_step) for name, room, is_step in rooms]
