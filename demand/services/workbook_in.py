"""A workbook that comes back: judged row by row and cell by cell against what it said when it went out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import numpy as np
from numpy.typing import NDArray

from catalog.frames.hierarchy import load_hierarchy
from catalog.registry import Fault, FileRefused
from catalog.services.imports.limits import whole_file
from catalog.services.imports.table import NUMBER_CELL, UNREADABLE, UNREADABLE_CELL, bare
from catalog.services.imports.workbook import workbook_sheets
from cycles.models import Plan, User
from cycles.selectors import scope_of
from demand.services.series_store import PAIR, load_values
from demand.services.workbook_out import (
    FIRST_VALUE,
    HEADER_LINE,
    KEYS,
    MILLI,
    NAMES,
    SEPARATOR,
    SHEET,
    opened_seal,
    titles_of,
)

Ints = NDArray[np.int64]
Cells = dict[int, str]
LARGEST_MILLI = 10**15
AGAIN = "Take a fresh file from Excel out and enter the change there."


@dataclass(frozen=True)
class TypedCell:
    """A cell that was changed in the file: milli-units `was` in it, `now` in the plan, `typed`; `month` a position."""

    line: int
    item_id: int
    market_id: int
    label: str
    month: int
    was: int
    now: int
    typed: int


@dataclass
class Judgement:
    """What a file asks for: the changed cells that stand, the faults of the others, and how much was not touched.

    `revision` is the one that the person saw, `rows` how many rows the file has, `absent` how many series that the person
    sees are not in it (they stay as they are)."""

    revision: int
    cells: list[TypedCell] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0
    absent: int = 0


@dataclass(frozen=True)
class _Series:
    """What the plan holds now for one row that a person sees."""

    item_id: int
    market_id: int
    names: tuple[str, ...]
    now: Ints
    alive: NDArray[np.bool_]
    quantum: int


@dataclass(frozen=True)
class _Judge:
    """The plan that a file is judged against: its titles and its visible series by "item|market"."""

    plan: Plan
    titles: list[str]
    series: dict[str, _Series]

    def month_title(self, month: int) -> str:
        """How the sheet calls a month."""
        return self.titles[FIRST_VALUE + month]


def judge_workbook(plan: Plan, content: bytes, user: User) -> Judgement:
    """Judge a workbook that `plan_workbook` made, without writing anything; conflicts are the ledger's to tell.

    Cells that say what they said stay out. Refused, each with row, field, value, reason and remedy: altered or unknown
    keys, another plan's rows, rows twice, changed locked cells, blanks, formulas, non-numbers, negative numbers, steps
    finer than the item's, and months in which the item is not on the market.

    Raises:
        FileRefused: it is no workbook of this plan at all.
    """
    judge = _Judge(plan, titles_of(plan), _series(plan, user))
    judgement = Judgement(revision=-1)
    seen: set[str] = set()
    for line, cells in _rows(judge, content):
        judgement.rows += 1
        _judge_row(judge, judgement, seen, line, cells)
    judgement.absent = len(set(judge.series) - seen)
    if not judgement.rows:
        raise whole_file("", f"The sheet {SHEET} has no rows.", AGAIN)
    return judgement


def _rows(judge: _Judge, content: bytes) -> Iterator[tuple[int, Cells]]:
    """The rows below the header of the sheet; the header has to be the plan's."""
    sheet = next((rows for name, rows in workbook_sheets(content) if name == SHEET), None)
    if sheet is None:
        raise whole_file("", f"There is no sheet {SHEET}: this is no workbook of the demand plan.", AGAIN)
    has_header = False
    for line, cells in sheet:
        if line == HEADER_LINE:
            has_header = True
            _check_header(judge, cells)
        if line > HEADER_LINE and any(bare(text).strip() for text in cells.values()):
            yield line, cells
    if not has_header:
        raise whole_file("", f"Row {HEADER_LINE} of the sheet {SHEET} is not the header any more.", AGAIN)


def _check_header(judge: _Judge, cells: Cells) -> None:
    found = [bare(cells.get(column, "")) for column in range(len(judge.titles))]
    if found == judge.titles and max(cells, default=0) < len(judge.titles):
        return
    wrong = next((column for column, title in enumerate(judge.titles) if found[column] != title), len(judge.titles))
    months = found[FIRST_VALUE] if len(found) > FIRST_VALUE else ""
    reason = f"The columns are not those of plan {judge.plan.number}; its first month is {judge.titles[FIRST_VALUE]}."
    remedy = f"Hand in a file of plan {judge.plan.number}, and leave the header as it is."
    shown = bare(cells.get(wrong, "")) or months
    raise FileRefused([Fault(HEADER_LINE, judge.titles[wrong] if wrong < len(found) else "", shown, reason, remedy)])


def _judge_row(judge: _Judge, judgement: Judgement, seen: set[str], line: int, cells: Cells) -> None:
    """Judge one row: who it is, then its locked and its open cells."""
    key, revision, seal = (bare(cells.get(column, "")) for column in range(len(KEYS)))
    opened = opened_seal(seal)
    fault = _identity_fault(judge, line, (key, revision), opened)
    if fault is not None or opened is None:
        judgement.faults += [fault] if fault else []
        return
    place = opened[0].partition(SEPARATOR)[2]
    series = judge.series.get(place)
    if series is None:
        reason = "There is no such row in the plan, or it is outside of your families and markets."
        judgement.faults.append(
            Fault(line, "Item", place, reason, "Ask who plans it, or an administrator for the right.")
        )
        return
    if place in seen:
        judgement.faults.append(Fault(line, "Key", place, "The row is in the file twice.", "Delete one of the two."))
        return
    seen.add(place)
    if judgement.revision not in (-1, opened[1]):
        reason = f"The row was made at revision {opened[1]}, the file at {judgement.revision}."
        judgement.faults.append(Fault(line, "Revision", place, reason, "Hand in rows of one file only."))
        return
    judgement.revision = opened[1]
    names = [bare(cells.get(column, "")) for column in range(len(KEYS), FIRST_VALUE)]
    for title, name, own in zip(NAMES, names, series.names, strict=True):
        if name != own:
            reason = f"This cell is locked and was {own!r}: the figures of the row may belong to another."
            judgement.faults.append(Fault(line, title, name, reason, f"Nothing of this row is taken. {AGAIN}"))
            return
    _judge_cells(judge, judgement, series, opened[2], (line, cells))


def _identity_fault(
    judge: _Judge, line: int, shown: tuple[str, str], opened: tuple[str, int, Ints] | None
) -> Fault | None:
    key, revision = shown
    number = key.partition(SEPARATOR)[0]
    if not key:
        reason = "The row has no key: it was not in the file that went out."
        return Fault(line, "Key", "", reason, "New rows are made in the grid, by naming item and market there.")
    if opened is None or (key, revision) != (opened[0], str(opened[1])):
        return Fault(line, "Key", key[:80], "The hidden key, revision or seal of the row was altered.", AGAIN)
    if number != judge.plan.number:
        reason = f"The row belongs to plan {number}, not to {judge.plan.number}."
        return Fault(line, "Key", key[:80], reason, f"Hand in a file of plan {judge.plan.number}.")
    if opened[2].shape != (3, judge.plan.horizon):
        return Fault(line, "Key", key[:80], "The row has another number of months than the plan.", AGAIN)
    return None


def _judge_cells(judge: _Judge, judgement: Judgement, series: _Series, sealed: Ints, row: tuple[int, Cells]) -> None:
    """Compare every figure with the sealed one; what differs is typed, or a locked cell that was changed."""
    line, cells = row
    label = f"{series.names[1]} · {series.names[3]}"
    for place, was in enumerate(sealed.ravel().tolist()):
        text = cells.get(FIRST_VALUE + place, "")
        value = _milli(text)
        if value == was:
            continue
        title = judge.titles[FIRST_VALUE + place]
        fault = _cell_fault(judge, series, text, value, place)
        if fault is not None:
            judgement.faults.append(Fault(line, title, bare(text)[:80], *fault))
        elif value is not None:
            cell = TypedCell(
                line, series.item_id, series.market_id, label, place, was, int(series.now[place]), int(value)
            )
            judgement.cells.append(cell)


def _cell_fault(judge: _Judge, series: _Series, text: str, value: Decimal | None, place: int) -> tuple[str, str] | None:
    """Why a changed cell cannot be taken, and what to do; None when it can."""
    if place >= judge.plan.horizon:
        return "This cell is locked: it is there to compare.", "Change the white cells of the plan's months."
    if UNREADABLE_CELL in text:
        return UNREADABLE[text.split(UNREADABLE_CELL)[1]]
    if not text.strip():
        return "The cell is empty, which is not 0.", "Type 0 to plan nothing, or the number that stood there."
    if value is None:
        return "This is not a number.", "Type a plain number of units, as Excel shows numbers."
    if value < 0:
        return "Demand cannot go below zero.", "Type 0 or more."
    if value > LARGEST_MILLI:
        return "The number is too large.", "Type units, not milli-units or money."
    if value % series.quantum:
        return f"This item is planned in steps of {series.quantum / MILLI:g}.", "Round it to that step."
    if not series.alive[place] and value and not series.now[place]:
        return "The item is not on the market in that month.", "Leave 0, or correct its dates in products.csv."
    return None


def _milli(text: str) -> Decimal | None:
    """Milli-units of a number cell, exactly as typed; None when it is no number."""
    if not text.startswith(NUMBER_CELL):
        return None
    try:
        return Decimal(bare(text)) * MILLI
    except InvalidOperation:
        return None


def _series(plan: Plan, user: User) -> dict[str, _Series]:
    hierarchy = load_hierarchy()
    items = hierarchy.items.set_index("item_id")
    markets = hierarchy.markets.set_index("market_id")["code"].to_dict()
    values = load_values(plan, items.index.tolist())
    rows = items.reindex(values.item_ids)
    seen = scope_of(user).mask(rows["family_id"].to_numpy(), values.market_ids)
    months = plan.first_month_index + np.arange(plan.horizon)
    alive = (rows["launch_month"].to_numpy()[:, None] <= months) & (months <= rows["end_month"].to_numpy()[:, None])
    named = rows[["family", "code", "name", "quantum_milli"]].itertuples(index=False, name=None)
    found = {}
    for row, (family, code, name, quantum) in enumerate(named):
        if seen[row]:
            item, market = divmod(int(values.keys[row]), PAIR)
            names = (str(family), str(code), str(name), str(markets[market]))
            place = f"{code}{SEPARATOR}{names[3]}"
            found[place] = _Series(item, market, names, values.consensus[row], alive[row], int(quantum))
    return found
