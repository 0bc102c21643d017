"""Two files of rows as `manage.py bridge_files` takes them: read exactly, checked, bridged; no database is touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pandas as pd

from catalog.calc.months import month_date
from catalog.registry import Column, Dataset, Difference, Fault, FileRefused
from catalog.services.imports.cells import EXACT, Reading, typed_column
from catalog.services.imports.faults import FaultList, united
from catalog.services.imports.formats import NotUnderstood, Style, plain_number
from catalog.services.imports.guessing import STYLES, day_format, number_style
from catalog.services.imports.mapped import plan_columns
from catalog.services.imports.open_file import open_table
from catalog.services.imports.table import NUMBER_CELL, UNREADABLE_CELL, TextTable, check_header
from finance.calc.bridge import MixLevel
from finance.calc.bridge_files import FileBridge, FileRow, bridge_rows

COLUMNS = (
    Column("item", "text"),
    Column("family", "text"),
    Column("market", "text"),
    Column("month", "month"),
    Column("units", "decimal"),
    Column("price", "decimal", nullable=True),
    Column("cost", "decimal", required=False, nullable=True),
    Column("currency", "text", required=False, nullable=True),
    Column("fx", "decimal", required=False, nullable=True),
    Column("amount", "decimal", required=False, nullable=True),
)
NUMBERS = ("units", "price", "cost", "fx", "amount")
NUMBER_FORMS = dict(zip(("1234.56", "1.234,56", "1,234.56", "1 234,56", "1'234.56"), STYLES, strict=True))
NEGATIVES = ("brackets", "trailing")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class BridgeFile:
    """One file, read and checked. `notes` are sentences about what a reader should know of it."""

    rows: tuple[FileRow, ...]
    notes: tuple[str, ...]


def bridge_two_files(base: BridgeFile, other: BridgeFile, *, mix_level: MixLevel) -> tuple[FileBridge, tuple[str, ...]]:
    """The revenue bridge of two files and what to say about it; an item takes the family it has in the later file.

    An item that one file puts into several families stays in each of them. Months that only one file has are in the
    figures, as leaves that the other lacks, and are named.
    """
    now = _families(other.rows)
    then = _families(base.rows)
    moved = {
        item: min(now[item])
        for item, was in then.items()
        if item in now and len(was) == len(now[item]) == 1 and was != now[item]
    }
    rows = [replace(row, family=moved.get(row.item, row.family)) for row in base.rows]
    bridge = bridge_rows(rows, other.rows, mix_level=mix_level)
    notes = [f"Mix level: {mix_level.value}."]
    notes += [
        f"{item} moved from family {min(then[item])} to {family}: the later family counts."
        for item, family in sorted(moved.items())
    ]
    notes += _month_notes(base, other)
    if bridge.whole_groups:
        notes.append(
            f"{bridge.whole_groups} cells have no units of their group in the first file: their change is volume."
        )
    return bridge, tuple(notes)


def read_bridge_file(content: bytes, *, numbers: str = "") -> BridgeFile:
    """Read a CSV, XLSX or JSON file with the columns of `COLUMNS`; the order and the case of its header do not matter.

    Args:
        content: the file.
        numbers: one of `NUMBER_FORMS`; '' = told by the file, where its numbers allow one reading only.

    Raises:
        FileRefused: every fault with its row, column, value, reason and remedy.
    """
    table = open_table(content)
    header = check_header([name.strip().lower() for name in table.header], 1)
    dataset = _format()
    plan = plan_columns(dataset, header, None)
    lines = list(table.rows)
    cells = [row for _, row in lines]
    index = pd.Index([line for line, _ in lines], name="row", dtype="int64")
    texts = {column.name: plan.texts[column.name](cells) for column in COLUMNS}
    reading = Reading(_style(texts, numbers))
    typed = [
        typed_column(column, pd.Series(texts[column.name], index=index, dtype=object), reading) for column in COLUMNS
    ]
    faults = united([found for _, found in typed])
    if faults:
        raise FileRefused(faults)
    frame = pd.concat([column for column, _ in typed], axis=1)
    records = list(_records(frame))
    faults = united([FaultList(_faults(records, has_fx="fx" in header))])
    if faults:
        raise FileRefused(faults)
    return BridgeFile(tuple(_row(record) for record in records), tuple(_notes(header, plan.ignored, table, records)))


@dataclass(frozen=True)
class _Record:
    """One row as it was read, with its line."""

    line: int
    item: str
    family: str
    market: str
    month: int
    units: Decimal
    price: Decimal | None
    cost: Decimal | None
    currency: str
    fx: Decimal | None
    amount: Decimal | None


def _format() -> Dataset:
    return Dataset(
        name="bridge_file", title="Rows of a bridge", file_name="", app="finance", order=0, columns=COLUMNS,
        key=("item", "family", "market", "month"), duplicates="sum", mandatory=False, grain="item × market × month",
        apply=lambda rows, batch: Difference(),
    )  # fmt: skip


def _style(texts: dict[str, list[str]], numbers: str) -> Style:
    """How the file writes numbers and months: named, or the one form that reads all of it."""
    days = _distinct(texts["month"])
    dates = day_format(days, is_month=True)
    if numbers:
        return replace(NUMBER_FORMS[numbers], negatives=NEGATIVES, dates=dates, month_from_day=True)
    told = number_style([text for name in NUMBERS for text in _distinct(texts[name]) if _is_number(text)])
    return replace(told, dates=dates, month_from_day=True)


def _is_number(text: str) -> bool:
    """Whether any known form reads it; what none reads is a fault and says nothing about the others."""
    for style in STYLES:
        try:
            plain_number(text, replace(style, negatives=NEGATIVES))
        except NotUnderstood:
            continue
        return True
    return False


def _distinct(texts: Sequence[str]) -> list[str]:
    plain = {text.strip() for text in texts if not text.startswith(NUMBER_CELL) and UNREADABLE_CELL not in text}
    return sorted(plain - {""})


def _records(frame: pd.DataFrame) -> Iterator[_Record]:
    names = ("item", "family", "market", "month_index", "units", "price", "cost", "currency", "fx", "amount")
    for line, *values in zip(frame.index, *(frame[name] for name in names), strict=True):
        item, family, market, month, units, price, cost, currency, fx, amount = values
        yield _Record(
            int(line), item.strip(), family.strip(), market.strip(), int(month), units, price, cost, currency.strip(),
            fx, amount,
        )  # fmt: skip


def _faults(records: list[_Record], *, has_fx: bool) -> Iterator[Fault]:
    currencies = {record.currency for record in records if record.currency}
    for record in records:
        if record.price is None and record.amount is None and record.units:
            yield Fault(record.line, "price", "", "There are units and neither a price nor an amount.", "Fill one in.")
        for name in ("price", "cost"):
            value = getattr(record, name)
            if value is not None and value < 0:
                remedy = "Write a return as negative units, a credit as an amount."
                yield Fault(record.line, name, str(value), f"A {name} is not negative.", remedy)
        if record.fx is not None and record.fx <= 0:
            remedy = "Give the reporting currency per unit of the row's."
            yield Fault(record.line, "fx", str(record.fx), "An exchange rate is above 0.", remedy)
        elif has_fx and record.fx is None and (record.amount or record.units):
            yield Fault(record.line, "fx", "", "The cell is blank.", "Fill it in; 1 for the reporting currency.")
        elif not has_fx and len(currencies) > 1:
            reason = "The file has several currencies and no column fx."
            yield Fault(record.line, "currency", record.currency, reason, "Add the column fx.")


def _row(record: _Record) -> FileRow:
    priced = EXACT.multiply(record.units, record.price or Decimal(0))
    return FileRow(
        item=record.item,
        family=record.family,
        market=record.market,
        month=record.month,
        units=record.units,
        amount=priced if record.amount is None else record.amount,
        fx=record.fx or Decimal(1),
    )


def _notes(header: list[str], ignored: list[str], table: TextTable, records: list[_Record]) -> Iterator[str]:
    yield from table.notes
    if "cost" not in header:
        yield "There is no column cost: COGS and margin are n/a; the revenue bridge needs none."
    if ignored:
        yield f"Not used: {', '.join(ignored)}."
    if not records:
        yield "The file has a header and no row."
    keys = {(record.item, record.family, record.market, record.month) for record in records}
    if len(keys) < len(records):
        yield f"{len(records) - len(keys)} rows repeat an item, family, market and month and were added up."
    free = sum(1 for record in records if record.amount is None and record.units and not record.price)
    if free:
        yield f"{free} rows have units at a price of 0."
    other = sum(1 for record in records if _differs(record))
    if other:
        yield f"{other} rows give an amount other than units × price: the amount counts."


def _differs(record: _Record) -> bool:
    if record.amount is None or record.price is None:
        return False
    return abs(EXACT.subtract(EXACT.multiply(record.units, record.price), record.amount)) > CENT


def _families(rows: Sequence[FileRow]) -> dict[str, set[str]]:
    families: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        families[row.item].add(row.family)
    return families


def _month_notes(base: BridgeFile, other: BridgeFile) -> Iterator[str]:
    before, after = {row.month for row in base.rows}, {row.month for row in other.rows}
    for months, which in ((before - after, "first"), (after - before, "second")):
        if months:
            named = ", ".join(f"{month_date(month):%Y-%m}" for month in sorted(months))
            yield f"Only the {which} file has {named}: the whole amounts are in the bridge."
