"""Their file beside the plan: the sheet that fits best, every line aligned, figures in the form of the plan."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from catalog.registry import Fault, FileRefused
from catalog.services.imports.limits import whole_file
from catalog.services.imports.loose_sheets import LooseSheet, loose_sheets
from catalog.services.imports.table import bare
from finance.calc.shadow_scale import RATE_ROUNDING, Candidate, Scale, find_scale
from finance.frames.shadow import Names, PlanSide
from finance.services.shadow.figures import Reading, millionths, readings_of, why_unread
from finance.services.shadow.layout import SheetLine, SheetTable, understood
from finance.services.shadow.naming import (
    WHAT,
    Columns,
    Directory,
    Named,
    Unaligned,
    find_columns,
    name_lines,
)
from finance.services.shadow.rows import Coverage, cover

MOST_ROWS = 50_000
CENTS, MILLI = 100, 1000
PRICE_WORDS = ("price", "asp", "preis")
MILLION = 1_000_000
NEARLY_AS_GOOD = 0.7


@dataclass(frozen=True)
class Basis:
    """Which figures of the plan theirs are compared with: `key`, words, and whether they are money."""

    key: str
    title: str
    is_money: bool


BASES = (
    Basis("revenue", "revenue of the plan", True),
    Basis("units", "units of the plan", False),
    Basis("upside", "unconstrained revenue", True),
    Basis("wanted", "unconstrained units", False),
)


@dataclass(frozen=True)
class TheirFile:
    """A file read beside a plan.

    `coverage` holds the rows compared and which series each adds up; `months` the month numbers compared. `theirs`
    (rows, months) are their figures in millionths of one unit or of one unit of currency, after the factor; `known`
    marks cells that could be read. `line_cents` are the amounts of unaligned lines by line, None where they are units.
    """

    table: SheetTable
    columns: Columns
    coverage: Coverage
    months: list[int]
    theirs: NDArray[np.object_]
    known: NDArray[np.bool_]
    basis: Basis
    scale: Scale
    plan: dict[str, NDArray[np.int64]]
    unaligned: list[tuple[Unaligned, Decimal]]
    faults: list[Fault]
    repeated: dict[int, list[int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Attempt:
    table: SheetTable
    columns: Columns
    named: Named
    coverage: Coverage


def read_against(content: bytes, side: PlanSide, names: Names, *, wanted: str = "") -> TheirFile:
    """The reading of a file under which most of it agrees with the plan.

    Every visible sheet, every group of figures in it and every usual way of writing numbers is tried; the plan's
    revenue, units, unconstrained revenue and units are the figures it may speak of.

    Args:
        content: the file.
        side: the plan.
        names: what things are called.
        wanted: 'units' or 'money' where a person says what the figures are; '' to tell by the figures.

    Raises:
        FileRefused: no sheet names months, no line is understood, or no month of the file is in the plan.
    """
    sheets = loose_sheets(content, most_rows=MOST_ROWS)
    directory = Directory(names)
    attempts = [attempt for sheet in sheets if (attempt := _attempt(sheet, side, names, directory))]
    if not attempts:
        raise _not_understood(sheets)
    attempt = max(attempts, key=lambda found: len(found.named.nodes))
    months = [m for m in attempt.table.months if m in side.months and side.loaded[m - side.first_month]]
    if not months:
        raise whole_file(
            "",
            "None of the months of the file is a month of the plan.",
            f"The plan knows {_span(side)}; correct the headings.",
        )
    if len(attempt.coverage.nodes) == 0 or not attempt.named.nodes:
        raise whole_file("", "No line names an item, a family or a market of ours.", "Write our codes or names.")
    readings = list(_readings(attempt, side, months, wanted))
    if not readings:
        raise whole_file(
            "", "The file holds no figures under its months.", "Hand in the values, not pictures or links."
        )
    most = max(reading.scale.agreement for reading in readings)
    near = [reading for reading in readings if reading.scale.agreement >= NEARLY_AS_GOOD * most]
    best = max(near, key=lambda reading: (reading.basis.is_money, reading.scale.agreement))
    return _with_notes(best, attempt, sheets, side)


def _attempt(sheet: LooseSheet, side: PlanSide, names: Names, directory: Directory) -> _Attempt | None:
    open_months = list(side.months[side.closed :])
    table = understood(sheet, [*open_months, *reversed(side.months[: side.closed])])
    if table is None or not table.lines or not table.blocks:
        return None
    columns = find_columns(table, directory)
    named = name_lines(table, columns, directory)
    coverage = cover(named, side, names)
    return _Attempt(table, columns, named, coverage)


def _not_understood(sheets: Sequence[LooseSheet]) -> FileRefused:
    if not any(sheet.rows for sheet in sheets):
        return whole_file("", "The file holds no figures.", "Hand in a table of items or families by month.")
    reason = "No row and no column of the file names months."
    return whole_file("", reason, "Head each column with its month (Nov 2013, 2013-11), or give a column of months.")


def _span(side: PlanSide) -> str:
    first, last = side.months[0], side.months[-1]
    return f"{first // 12}-{first % 12 + 1:02d} to {last // 12}-{last % 12 + 1:02d}"


def _readings(attempt: _Attempt, side: PlanSide, months: list[int], wanted: str) -> Iterator[TheirFile]:
    """One reading per group of figures and way of writing."""
    plan = _plan_figures(attempt.coverage, side, months)
    bases = [basis for basis in BASES if wanted in ("", "money" if basis.is_money else "units")]
    for block in _blocks(attempt.table):
        texts = [text for line in attempt.table.lines for (at, _), text in line.cells.items() if at in block]
        for reading in readings_of(texts):
            yield _reading(attempt, (block, reading), (months, plan), bases)


def _blocks(table: SheetTable) -> list[tuple[int, ...]]:
    """The groups of figures to try: each alone, and units × price where no group is money by its heading."""
    single: list[tuple[int, ...]] = []
    prices = [place for place, title in enumerate(table.blocks) if _is_price(title)]
    others = [place for place in range(len(table.blocks)) if place not in prices]
    single += [(place,) for place in others]
    single += [(place, prices[0]) for place in others if prices]
    return single or [(place,) for place in prices]


def _is_price(title: str) -> bool:
    return any(word in title.casefold().split() or word in title.casefold() for word in PRICE_WORDS)


def _reading(
    attempt: _Attempt,
    taken: tuple[tuple[int, ...], Reading],
    compared: tuple[list[int], dict[str, NDArray[np.int64]]],
    bases: Sequence[Basis],
) -> TheirFile:
    block, reading = taken
    months, plan = compared
    coverage = attempt.coverage
    place_of = {month: place for place, month in enumerate(months)}
    shape = (len(coverage.nodes), len(months))
    theirs, known = np.zeros(shape, object), np.ones(shape, bool)
    faults: list[Fault] = []
    unaligned: dict[int, Decimal] = defaultdict(Decimal)
    lines_of: dict[tuple[int, int], list[int]] = defaultdict(list)
    for position, line in enumerate(attempt.table.lines):
        row = coverage.row_of.get(position, -1)
        for month in {month for at, month in line.cells if at == block[0]} & set(place_of):
            value = _value(line, block, month, reading)
            if isinstance(value, Fault):
                faults += [value] if row >= 0 or position in attempt.named.unaligned else []
                known[row, place_of[month]] &= row < 0
            elif row >= 0:
                theirs[row, place_of[month]] += millionths(value)
                lines_of[row, place_of[month]].append(line.line)
            elif position in attempt.named.unaligned:
                unaligned[position] += value
    candidates = [_candidate(basis, plan, is_product=len(block) > 1) for basis in bases]
    scale = find_scale(
        theirs.astype(np.float64) / MILLION, known & coverage.given[:, None], candidates, coverage.leaves
    )
    factor = int(scale.factor)
    repeated = {row: lines for (row, _), lines in lines_of.items() if len(lines) > 1}
    return TheirFile(
        attempt.table, attempt.columns, coverage, months, theirs * factor, known, bases[scale.candidate], scale, plan,
        [(attempt.named.unaligned[at], value * factor) for at, value in sorted(unaligned.items())],
        faults, repeated,
    )  # fmt: skip


def _value(line: SheetLine, block: tuple[int, ...], month: int, reading: Reading) -> Decimal | Fault:
    """The figure of a cell (or the product of two), or why it cannot be read; a blank is 0."""
    value = Decimal(1)
    for at in block:
        text = line.cells.get((at, month), "")
        number = reading.get(text) if text.strip() else Decimal(0)
        if number is None:
            return Fault(line.line, _month_name(month), bare(text)[:80], *why_unread(text))
        value *= number
    return value


def _plan_figures(coverage: Coverage, side: PlanSide, months: list[int]) -> dict[str, NDArray[np.int64]]:
    """Milli-units and cents of the plan by row of the coverage, (rows, months) each."""
    columns = [month - side.first_month for month in months]
    blocks = {"units": side.units, "revenue": side.cents, "wanted": side.wanted_units, "upside": side.upside_cents}
    return {name: coverage.sums(block[:, columns]) for name, block in blocks.items()}


def _candidate(basis: Basis, plan: dict[str, NDArray[np.int64]], *, is_product: bool) -> Candidate:
    values = plan[basis.key] / (CENTS if basis.is_money else MILLI)
    if not basis.is_money:
        return Candidate(basis.key, values, np.zeros_like(values))
    units = plan["units" if basis.key == "revenue" else "wanted"] / MILLI
    price = np.divide(values, units, out=np.zeros_like(values), where=units != 0)
    return Candidate(basis.key, values, np.abs(price), RATE_ROUNDING if is_product else 0.0)


def _month_name(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


def _with_notes(best: TheirFile, attempt: _Attempt, sheets: Sequence[LooseSheet], side: PlanSide) -> TheirFile:
    """What was understood and what was left out, in sentences."""
    table, columns, notes = best.table, best.columns, best.notes
    if len(sheets) > 1:
        notes.append(f"Read from the sheet {table.sheet}; the workbook has {', '.join(s.name for s in sheets)}.")
    across = "across" if table.form == "wide" else "down"
    named = [f"{role} from {' and '.join(found)}" for role, found in columns.roles.items()]
    notes.append(f"Months stand {across}; {', '.join(named) or 'no column names an item or a market'}.")
    ignored = [c for c in table.columns if not any(c in found for found in columns.roles.values()) and c[0] != "("]
    if ignored:
        notes.append(f"Not read: {', '.join(ignored[:12])}.")
    if best.scale.factor != 1:
        notes.append(f"The figures are written in units of {best.scale.factor:,.0f}.")
    if attempt.named.totals or attempt.coverage.subtotals:
        left = len(attempt.named.totals) + len(attempt.coverage.subtotals)
        notes.append(f"{left:,} lines of totals were left out.")
    outside = [month for month in table.months if month not in best.months]
    if outside:
        shown = ", ".join(_month_name(month) for month in outside[:6])
        notes.append(f"{len(outside)} months are not in the plan ({_span(side)}) and were not compared: {shown}.")
    if table.formulas:
        notes.append(f"{table.formulas:,} cells are formulas: the values last calculated were taken.")
    without = Counter(what for what in WHAT if what in columns.roles)
    if not without:
        notes.append("No column names items or families: markets were compared as a whole.")
    return best
