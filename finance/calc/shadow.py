"""Somebody's own forecast against the plan: where the two tables differ, and what each difference looks like.

Source: the eight ways in which private models go wrong that controllers name most (docs/shadow-check.md); a row is
explained by the cheapest set of patterns that covers every differing cell (dynamic programming over its months).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
NEARLY = 1e-9


class ShadowKind(StrEnum):
    """What a difference looks like."""

    SHIFTED = "shifted_month"
    PRICE = "wrong_price"
    MISSING = "missing_item"
    THOUSANDS = "units_as_thousands"
    DOUBLE = "double_count"
    SIGN = "sign"
    STALE = "stale_actual"
    SWAPPED = "swapped_items"
    EXTRA = "not_in_plan"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Tables:
    """Two tables with the same rows and months, in units or in money.

    Attributes:
        theirs, plan: (rows, months); what a row does not give is 0.
        tolerance: (rows, months) how far two cells may lie apart by rounding alone.
        step: the step in which they write figures; what was computed from the plan was rounded to it.
        known: (rows, months) False where their cell could not be read: it is not compared.
        given: (rows,) whether their file has the row at all.
        closed: (months,) whether the month is closed, so that the plan's figure is the recorded actual.
        is_money: a constant ratio is then a price.
    """

    theirs: Floats
    plan: Floats
    tolerance: Floats
    step: float
    known: Flags
    given: Flags
    closed: Flags
    is_money: bool

    @property
    def differs(self) -> Flags:
        """(rows, months) where the figures lie further apart than rounding explains."""
        room = self.tolerance + NEARLY * np.abs(self.plan)
        return self.known & (np.abs(self.theirs - self.plan) > room)


@dataclass(frozen=True)
class Difference:
    """One difference: a row and a range of months (positions, both inclusive), and what it looks like.

    `other` is the row it was swapped or counted twice with (−1 none), `months` by how many months it is late (negative:
    early), `factor` theirs ÷ plan where that is constant (0 where not).
    """

    row: int
    first: int
    last: int
    kind: ShadowKind
    other: int = -1
    months: int = 0
    factor: float = 0.0


@dataclass(frozen=True)
class Pattern:
    """A way in which a row may differ: which cells (months,) it explains, and which of them prove it.

    `least` proofs are needed; `cost` ranks patterns that explain the same cells.
    """

    kind: ShadowKind
    fits: Flags
    proves: Flags
    cost: float
    least: int = 1
    other: int = -1
    months: int = 0
    factor: float = 0.0


@dataclass(frozen=True)
class Segment:
    """A range of months that ends in a differing cell, and the pattern that explains it."""

    first: int
    cost: float
    kind: ShadowKind
    other: int = -1
    months: int = 0
    factor: float = 0.0


COSTS = {
    ShadowKind.SIGN: 1.0,
    ShadowKind.DOUBLE: 1.0,
    ShadowKind.THOUSANDS: 1.0,
    ShadowKind.MISSING: 1.05,
    ShadowKind.SWAPPED: 1.1,
    ShadowKind.SHIFTED: 1.15,
}
NET_ZERO, STALE, RATIO, ADDED, FIRST_MONTH, ANY = 1.25, 1.28, 1.3, 1.4, 1.6, 2.0
PER_MONTH, PER_CELL, LONG_RATIO = 0.01, 0.3, 0.05
LONGEST_SHIFT = 3
MOST_COMPARED = 600
THOUSAND = 1000.0


def differences(tables: Tables) -> list[Difference]:
    """Every difference between the tables, by row and month; each differing cell lies in exactly one of them.

    Rows that nothing but rounding tells apart give none; an empty table gives none. The order of rows does not matter.

    Returns:
        Ranges that begin and end in a differing cell.

    Raises:
        ValueError: the arrays do not have one shape.
    """
    if not tables.theirs.shape == tables.plan.shape == tables.tolerance.shape == tables.known.shape:
        raise ValueError("Both tables need the same rows and months.")
    differs = tables.differs
    rows = np.flatnonzero(differs.any(axis=1))
    return [found for row in rows.tolist() for found in _of_row(tables, row, differs, rows)]


def _of_row(tables: Tables, row: int, differs: Flags, rows: NDArray[np.intp]) -> list[Difference]:
    cells = np.flatnonzero(differs[row])
    first, last = int(cells[0]), int(cells[-1])
    room = tables.tolerance[row]
    if not tables.given[row]:
        return [Difference(row, first, last, ShadowKind.MISSING)]
    if (np.abs(tables.plan[row]) <= room).all():
        return [Difference(row, first, last, ShadowKind.EXTRA)]
    patterns = [*_own_patterns(tables, row, differs[row]), *_pair_patterns(tables, row, differs, rows)]
    return _cheapest(tables, row, differs[row], patterns)


def _own_patterns(tables: Tables, row: int, differs: Flags) -> Iterator[Pattern]:
    """The patterns that look at the row alone."""
    theirs, plan, room = tables.theirs[row], tables.plan[row], tables.tolerance[row]
    simple = (
        (ShadowKind.SIGN, -1.0),
        (ShadowKind.DOUBLE, 2.0),
        (ShadowKind.THOUSANDS, 1 / THOUSAND),
        (ShadowKind.THOUSANDS, THOUSAND),
        (ShadowKind.MISSING, 0.0),
    )
    for kind, factor in simple:
        wanted = plan * factor
        wide = np.maximum(room, tables.step / 2) if factor < 1 else room * (1 + factor)
        fits = _alike(theirs, wanted, wide)
        seen = np.abs(plan) > 2 * room if factor in (0.0, -1.0) else np.abs(theirs) > room
        yield Pattern(kind, fits, fits & differs & seen, COSTS[kind], factor=factor)
    for months in (*range(1, LONGEST_SHIFT + 1), *range(-LONGEST_SHIFT, 0)):
        yield _shift(tables, row, differs, months)


def _shift(tables: Tables, row: int, differs: Flags, months: int) -> Pattern:
    """The plan some months later (or earlier): what moves in from outside, or was left blank, may be anything."""
    theirs, plan, room = tables.theirs[row], tables.plan[row], tables.tolerance[row]
    moved = np.roll(plan, months)
    outside = np.zeros(len(plan), bool)
    outside[slice(0, months) if months > 0 else slice(months, None)] = True
    same = _alike(theirs, moved, room) & ~outside
    blank = differs & (np.abs(theirs) <= room)
    proves = same & differs & (np.abs(moved) > 2 * room)
    cost = COSTS[ShadowKind.SHIFTED] + PER_MONTH * abs(months)
    return Pattern(ShadowKind.SHIFTED, same | outside | blank, proves, cost, least=2, months=months)


def _pair_patterns(tables: Tables, row: int, differs: Flags, rows: NDArray[np.intp]) -> Iterator[Pattern]:
    """The patterns that bring in another row: exchanged with it, or holding it besides its own."""
    theirs, plan, room = tables.theirs[row], tables.plan[row], tables.tolerance[row]
    if len(rows) <= MOST_COMPARED:
        others = rows[rows != row]
        mutual = _alike(theirs, tables.plan[others], room) & _alike(tables.theirs[others], plan, room)
        proves = mutual & differs[row] & (np.abs(tables.plan[others] - plan) > 2 * room)
        counts = proves.sum(axis=1)
        for place in np.argsort(-counts, kind="stable")[:3].tolist():
            if counts[place]:
                cost, other = COSTS[ShadowKind.SWAPPED], int(others[place])
                yield Pattern(ShadowKind.SWAPPED, mutual[place], proves[place], cost, other=other)
    added = _alike(theirs - plan, tables.plan, 2 * room)
    proves = added & differs[row] & (np.abs(tables.plan) > 4 * room)
    proves[row] = False
    other = int(np.argmax(proves.sum(axis=1)))
    kind = ShadowKind.DOUBLE if tables.given[other] else ShadowKind.OTHER
    yield Pattern(kind, added[other], proves[other], ADDED, least=2, other=other)


def _alike(one: Floats, other: Floats, room: Floats) -> Flags:
    close: Flags = np.abs(one - other) <= room + NEARLY * np.abs(other)
    return close


def _cheapest(tables: Tables, row: int, differs: Flags, patterns: list[Pattern]) -> list[Difference]:
    """The cheapest segments that cover every differing cell; earlier entries win ties."""
    months = len(differs)
    best = np.zeros(months + 1)
    chosen: list[Segment | None] = [None] * months
    runs = [_run_starts(pattern.fits) for pattern in patterns]
    for month in range(months):
        best[month + 1] = best[month]
        if not differs[month]:
            continue
        segments = [
            *_by_patterns(month, differs, patterns, runs),
            *_by_ratio(tables, row, month, differs),
            *_by_sum(tables, row, month, differs),
            *_by_place(tables, month, differs),
        ]
        costs = [best[segment.first] + segment.cost for segment in segments]
        place = int(np.argmin(costs))
        best[month + 1], chosen[month] = costs[place], segments[place]
    return list(reversed(list(_walk_back(row, differs, chosen))))


def _walk_back(row: int, differs: Flags, chosen: list[Segment | None]) -> Iterator[Difference]:
    month = len(differs) - 1
    while month >= 0:
        segment = chosen[month]
        if segment is None:
            month -= 1
            continue
        first = segment.first + int(np.argmax(differs[segment.first : month + 1]))
        yield Difference(row, first, month, segment.kind, segment.other, segment.months, segment.factor)
        month = segment.first - 1


def _run_starts(fits: Flags) -> NDArray[np.int64]:
    """(months,) where the unbroken run of fitting cells that holds a month begins; months + 1 where it does not fit."""
    starts = np.full(len(fits), len(fits) + 1)
    for month, is_fitting in enumerate(fits.tolist()):
        if is_fitting:
            starts[month] = starts[month - 1] if month and fits[month - 1] else month
    return starts


def _by_patterns(
    month: int, differs: Flags, patterns: list[Pattern], runs: list[NDArray[np.int64]]
) -> Iterator[Segment]:
    for pattern, starts in zip(patterns, runs, strict=True):
        first = int(starts[month])
        if first <= month and pattern.proves[first : month + 1].sum() >= pattern.least:
            yield Segment(first, pattern.cost, pattern.kind, pattern.other, pattern.months, pattern.factor)


def _by_ratio(tables: Tables, row: int, month: int, differs: Flags) -> Iterator[Segment]:
    """The longest range up to `month` in which theirs ÷ plan can be one number, with two proofs or more."""
    theirs, plan, room = tables.theirs[row], tables.plan[row], np.maximum(tables.tolerance[row], tables.step / 2)
    low, high, proofs = -np.inf, np.inf, 0
    found: Segment | None = None
    for first in range(month, -1, -1):
        if abs(plan[first]) <= room[first]:
            if differs[first]:
                break
            continue
        ends = ((theirs[first] - room[first]) / plan[first], (theirs[first] + room[first]) / plan[first])
        low, high = max(low, min(ends) - NEARLY), min(high, max(ends) + NEARLY)
        if low > high:
            break
        proofs += bool(differs[first])
        if differs[first] and proofs > 1:
            is_price = tables.is_money and low + high > 0
            kind = ShadowKind.PRICE if is_price else ShadowKind.OTHER
            found = Segment(first, RATIO - LONG_RATIO * (is_price and proofs > 2), kind, factor=(low + high) / 2)
    if found is not None:
        yield found


def _by_sum(tables: Tables, row: int, month: int, differs: Flags) -> Iterator[Segment]:
    """Ranges up to `month` whose sums agree: the amount only stands in other months."""
    gap = np.where(tables.known[row], tables.theirs[row] - tables.plan[row], 0.0)
    room = tables.tolerance[row]
    moved, size = gap[month], abs(gap[month])
    for first in range(month - 1, -1, -1):
        moved, size = moved + gap[first], size + abs(gap[first])
        span = month - first + 1
        allowed = float(room[first : month + 1].max()) * np.sqrt(span) * 2 + NEARLY * size
        if differs[first] and abs(moved) <= allowed and size > 8 * allowed:
            later = 1 if gap[month] > 0 else -1
            yield Segment(first, NET_ZERO + PER_MONTH * span, ShadowKind.SHIFTED, months=later)
            return


def _by_place(tables: Tables, month: int, differs: Flags) -> Iterator[Segment]:
    """What only its place tells: older figures in closed months or in the first month, else anything."""
    is_open_first = not tables.closed[month] and (month == 0 or bool(tables.closed[month - 1]))
    if tables.closed[month]:
        first = month
        while first and differs[first - 1] and tables.closed[first - 1]:
            first -= 1
        yield Segment(first, STALE, ShadowKind.STALE)
    elif is_open_first:
        yield Segment(month, FIRST_MONTH, ShadowKind.STALE)
    first = month
    while True:
        span = month - first + 1
        kind = ShadowKind.PRICE if tables.is_money and span == 1 else ShadowKind.OTHER
        yield Segment(first, ANY + PER_CELL * (span - 1), kind)
        if not first or not differs[first - 1]:
            return
        first -= 1
