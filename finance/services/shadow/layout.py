"""From the cells of a sheet to lines with labels and figures by month, whichever way round the sheet is built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog.services.imports.loose_sheets import LooseSheet
from catalog.services.imports.table import FORMULA, NUMBER_CELL, UNREADABLE_CELL, bare
from finance.calc.shadow_months import month_number, months_of, name_number, serial_month, years_for

HEADING = "(heading)"
HEADER_SEARCH = 60
SURE = 0.8
YEAR_WORDS, MONTH_WORDS = ("year", "jahr", "calendar year"), ("month", "monat", "period", "mo")
Row = tuple[int, list[str]]


@dataclass(frozen=True)
class SheetLine:
    """One row of the sheet: its line, label by column name, and cell text by (block, month number)."""

    line: int
    labels: dict[str, str]
    cells: dict[tuple[int, int], str]


@dataclass(frozen=True)
class SheetTable:
    """A sheet understood as a table. `blocks` name the groups of figures (units, revenue, …); `form` wide or long."""

    sheet: str
    form: str
    blocks: list[str]
    lines: list[SheetLine]
    columns: list[str]
    months: list[int]
    formulas: int = 0
    notes: list[str] = field(default_factory=list)


def understood(sheet: LooseSheet, known: Sequence[int]) -> SheetTable | None:
    """The table of a sheet; None where no row and no column names months.

    Months may stand across (one column each, also several groups of them) or down (one row each, or a year and a month
    column). Rows above the headings, repeated headings and blank rows are passed over.

    Args:
        sheet: the cells.
        known: month numbers of the plan, the preferred first: they tell the year where a heading leaves it out.
    """
    rows = [(line, [_calculated(text) for text in cells]) for line, cells in sheet.rows]
    formulas = sum(1 for _, cells in sheet.rows for text in cells if text.startswith(f"{UNREADABLE_CELL}{FORMULA}"))
    found = _months_across(rows, known)
    down = _months_down(rows)
    if down is not None and (found is None or _most(down[1]) > len(found[1])):
        return _long(sheet.name, rows, down, formulas)
    return None if found is None else _wide(sheet.name, rows, found, formulas)


def _calculated(text: str) -> str:
    """A formula counts as the value that the spreadsheet calculated last; without one it stays unreadable."""
    if text.startswith(f"{UNREADABLE_CELL}{FORMULA}") and bare(text).strip():
        shown = bare(text)
        return shown if month_number(shown) is not None else NUMBER_CELL + shown
    return text


def _cell_months(cells: Sequence[str]) -> list[int | None]:
    """The month of each cell; numbers count only where most of them can be months."""
    texts = ["" if text.startswith(NUMBER_CELL) or UNREADABLE_CELL in text else text for text in cells]
    months = months_of(texts)
    numbers = [place for place, text in enumerate(cells) if text.startswith(NUMBER_CELL)]
    as_months = {place: _number_month(bare(cells[place])) for place in numbers}
    dated = [place for place in numbers if as_months[place] is not None]
    if len(dated) > 1 and len(dated) >= SURE * len(numbers) and len({as_months[p] for p in dated}) == len(dated):
        months = [as_months.get(place, month) for place, month in enumerate(months)]
    return months


def _number_month(text: str) -> int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return serial_month(number) or (month_number(text) if len(text) == 6 else None)


Across = tuple[int, dict[int, int]]


def _months_across(rows: Sequence[Row], known: Sequence[int]) -> Across | None:
    """Position of the heading row and month by column: the row that names most months, the first of equals."""
    best: Across | None = None
    for place, (_, cells) in enumerate(rows[:HEADER_SEARCH]):
        months = {column: month for column, month in enumerate(_cell_months(cells)) if month is not None}
        months = months or _without_years(rows, place, known)
        if months and (best is None or len(months) > len(best[1])):
            best = place, months
    return best


def _without_years(rows: Sequence[Row], place: int, known: Sequence[int]) -> dict[int, int]:
    """Names of months alone: the year stands in the row above, else follows from the months of the plan."""
    names = {column: number for column, text in enumerate(rows[place][1]) if (number := name_number(text))}
    if len(names) < 2:
        return {}
    years: dict[int, int] = {}
    year = 0
    for column, text in enumerate(rows[place - 1][1] if place else []):
        digits = "".join(sign for sign in bare(text) if sign.isdigit())
        year = int(digits) if len(digits) == 4 and digits[:2] in ("19", "20") else year
        years[column] = year
    if all(years.get(column) for column in names):
        return {column: years[column] * 12 + number - 1 for column, number in names.items()}
    return dict(zip(names, years_for(list(names.values()), known), strict=False))


Down = tuple[int, dict[int, int], tuple[int, ...]]


def _months_down(rows: Sequence[Row]) -> Down | None:
    """Heading row, month by row position, and the columns that told it; None where no column holds months."""
    best: Down | None = None
    for column in range(len(rows[0][1]) if rows else 0):
        cells = [cells[column] for _, cells in rows]
        months = {place: month for place, month in enumerate(_column_months(cells)) if month is not None}
        filled = sum(bool(text.strip()) for text in cells)
        if len(months) > 1 and len(months) >= 0.5 * filled and (best is None or len(months) > len(best[1])):
            best = max(min(months) - 1, 0), months, (column,)
    return _year_and_month(rows) or best


def _column_months(cells: Sequence[str]) -> list[int | None]:
    texts = ["" if text.startswith(NUMBER_CELL) or UNREADABLE_CELL in text else text for text in cells]
    months = months_of(texts)
    numbers = [place for place, text in enumerate(cells) if text.startswith(NUMBER_CELL)]
    as_months = {place: _number_month(bare(cells[place])) for place in numbers}
    if len(numbers) > 1 and sum(month is not None for month in as_months.values()) >= SURE * len(numbers):
        months = [as_months.get(place, month) for place, month in enumerate(months)]
    return months


def _year_and_month(rows: Sequence[Row]) -> Down | None:
    """A column of years beside a column of months, by their headings."""
    for place, (_, cells) in enumerate(rows[:HEADER_SEARCH]):
        names = [bare(text).strip().lower() for text in cells]
        year = next((column for column, name in enumerate(names) if name in YEAR_WORDS), None)
        month = next((column for column, name in enumerate(names) if name in MONTH_WORDS), None)
        if year is None or month is None:
            continue
        found: dict[int, int] = {}
        for below in range(place + 1, len(rows)):
            when, name = bare(rows[below][1][year]).strip(), bare(rows[below][1][month]).strip()
            number = int(name) if name.isdigit() else name_number(name)
            if when.isdigit() and len(when) == 4 and number and 1 <= number <= 12:
                found[below] = int(when) * 12 + number - 1
        if found:
            return place, found, (year, month)
    return None


def _most(months: dict[int, int]) -> int:
    return len(months)


def _named(cells: Sequence[str], skipped: Sequence[int]) -> dict[int, str]:
    """A name for every column that is no month: its heading, else its number; never the same twice."""
    names: dict[int, str] = {}
    for column, text in enumerate(cells):
        if column in skipped:
            continue
        name = bare(text).strip() or f"column {column + 1}"
        names[column] = name if name not in names.values() else f"{name} ({column + 1})"
    return names


def _wide(sheet: str, rows: Sequence[Row], found: Across, formulas: int) -> SheetTable:
    place, months = found
    block_of, seen = {}, Counter[int]()
    for column, month in months.items():
        block_of[column] = seen[month]
        seen[month] += 1
    names = _named(rows[place][1], list(months))
    lines = []
    heading = ""
    for line, cells in rows[place + 1 :]:
        if sum(month is not None for month in months_of([cells[column] for column in months])) > 1:
            continue
        figures = {
            (block_of[column], month): cells[column] for column, month in months.items() if cells[column].strip()
        }
        labels = {name: bare(cells[column]).strip() for column, name in names.items()}
        if not figures:
            heading = next((text for text in labels.values() if text), heading)
            continue
        lines.append(SheetLine(line, labels | {HEADING: heading}, figures))
    blocks = [
        _block_title(rows, place, [c for c in months if block_of[c] == block]) for block in range(max(seen.values()))
    ]
    return SheetTable(sheet, "wide", blocks, lines, [*names.values(), HEADING], sorted(seen), formulas)


def _block_title(rows: Sequence[Row], place: int, columns: Sequence[int]) -> str:
    """What stands in the rows above a group of months (units, revenue, …), in words."""
    above = [bare(cells[column]) for _, cells in rows[:place] for column in columns]
    return " ".join(text.strip() for text in above if text.strip())


def _long(sheet: str, rows: Sequence[Row], down: Down, formulas: int) -> SheetTable:
    place, months, used = down
    names = _named(rows[place][1], used)
    figures = [column for column in names if _is_figures([rows[below][1][column] for below in months])]
    titles = [names[column] for column in figures]
    lines = []
    for below, month in months.items():
        line, cells = rows[below]
        labels = {name: bare(cells[column]).strip() for column, name in names.items()}
        held = {(block, month): cells[column] for block, column in enumerate(figures) if cells[column].strip()}
        lines.append(SheetLine(line, labels, held))
    return SheetTable(sheet, "long", titles, lines, list(names.values()), sorted(set(months.values())), formulas)


def _is_figures(cells: Sequence[str]) -> bool:
    """Whether most cells of a column are numbers, as a sheet or as text holds them."""
    filled = [text for text in cells if text.strip()]
    numbers = [text for text in filled if text.startswith(NUMBER_CELL) or _looks_like_number(text)]
    return bool(filled) and len(numbers) >= SURE * len(filled)


def _looks_like_number(text: str) -> bool:
    plain = text.strip()
    digits = sum(sign.isdigit() for sign in plain)
    letters = sum(sign.isalpha() for sign in plain)
    return plain in ("-", "–") or (digits > 0 and letters <= 3 and not plain[0].isalpha() and digits >= letters)
