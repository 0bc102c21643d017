"""Text cells → typed columns, exactly: a cell is understood completely or it is a fault."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import cast

import numpy as np
import pandas as pd

from catalog.calc.months import month_index
from catalog.registry import Column, Fault
from catalog.services.imports.faults import FaultList, faults_at
from catalog.services.imports.formats import NotUnderstood, Style, plain_day, plain_number
from catalog.services.imports.table import NUMBER_CELL, UNREADABLE, UNREADABLE_CELL, bare

DECIMALS = {"integer": 0, "money": 2, "units": 3, "rate": 4}
LARGEST = 2**63 - 1
EXACT = Context(prec=80, traps=[Inexact, InvalidOperation])
FLAGS = {"y": True, "yes": True, "true": True, "t": True, "1": True}
FLAGS |= {"n": False, "no": False, "false": False, "f": False, "0": False}

Value = str | int | bool | date | Decimal | None


@dataclass(frozen=True)
class Reading:
    """How the cells of one column are read.

    Attributes:
        style: how the source writes.
        factor: what a number is multiplied by, exactly.
        table: their text → ours; None where texts are taken as they are.
        label: what the file calls the column, where it has another name.
    """

    style: Style = field(default_factory=Style)
    factor: Decimal = Decimal(1)
    table: Mapping[str, str] | None = None
    label: str = ""


AS_IT_IS = Reading()


def typed_column(column: Column, cells: pd.Series[str], reading: Reading = AS_IT_IS) -> tuple[pd.DataFrame, FaultList]:
    """One column read by its kind, as `Column` describes; every distinct text is read once.

    Args:
        column: what is expected.
        cells: text, indexed by line number.
        reading: what a mapping says about it.

    Returns:
        A frame with the typed column (and `<name>_index` for a month), and one fault per cell that is not understood
        or blank where that is not allowed. Where there are faults the values must not be used.
    """
    codes, distinct = pd.factorize(cells)
    values: list[Value] = []
    wrong: dict[int, tuple[str, str]] = {}
    for code, text in enumerate(distinct):
        try:
            values.append(_read(column, str(text), reading))
        except NotUnderstood as error:
            values.append(None)
            wrong[code] = (error.args[0], error.args[1])
    name = f"{column.name} ({reading.label})" if reading.label and reading.label != column.name else column.name
    places = np.flatnonzero(np.isin(codes, list(wrong))).tolist() if wrong else []
    faults = faults_at(
        places,
        lambda place: Fault(int(cells.index[place]), name, bare(str(cells.iloc[place]))[:200], *wrong[codes[place]]),
    )
    return _as_frame(column, values, codes, cells.index), faults


def _read(column: Column, text: str, reading: Reading) -> Value:
    if UNREADABLE_CELL in text:
        raise NotUnderstood(*UNREADABLE[text.split(UNREADABLE_CELL)[1]])
    if not text.strip():
        if not column.nullable and column.required:
            raise NotUnderstood("The cell is blank.", "Fill it in.")
        return _BLANK.get(column.kind)
    if reading.table is not None:
        if bare(text) not in reading.table:
            raise NotUnderstood("The mapping's lookup does not know this.", "Add it to the lookup.")
        text = reading.table[bare(text)]
    return READERS[column.kind](column, text, reading)


def _text(column: Column, text: str, reading: Reading) -> str:
    plain = bare(text)
    if (column.references or column.choices) and plain != plain.strip():
        raise NotUnderstood("The code begins or ends with a space.", "Remove the space.")
    return sys.intern(plain)


def _scaled(column: Column, text: str, reading: Reading) -> int:
    decimals = DECIMALS[column.kind]
    scaled = EXACT.scaleb(_decimal(column, text, reading), decimals)
    if abs(scaled) > LARGEST:
        raise NotUnderstood("The number is too large.", "Check the scale of the column.")
    if scaled != scaled.to_integral_value():
        raise NotUnderstood(
            f"More than {decimals} decimals.",
            "Round it in the source: nothing is rounded here.",
        )
    return int(scaled)


def _decimal(column: Column, text: str, reading: Reading) -> Decimal:
    """A cell that the sheet or JSON holds as a number is exact, whatever the source's texts look like."""
    number = plain_number(bare(text), Style() if text.startswith(NUMBER_CELL) else reading.style)
    try:
        return EXACT.multiply(number, reading.factor)
    except Inexact as error:
        raise NotUnderstood("The number has too many digits.", "Round it in the source.") from error


def _date(column: Column, text: str, reading: Reading) -> date:
    return plain_day(bare(text), reading.style, is_month=False)


def _month(column: Column, text: str, reading: Reading) -> date:
    day = plain_day(bare(text), reading.style, is_month=True)
    if reading.style.month_from_day:
        return day.replace(day=1)
    if day.day != 1:
        raise NotUnderstood(
            "A month is given by its first day.", f"Write {day:%Y-%m}-01, or say `month_from_day: yes` in a mapping."
        )
    return day


def _flag(column: Column, text: str, reading: Reading) -> bool:
    plain = bare(text).strip().lower()
    if plain not in FLAGS:
        raise NotUnderstood("This is neither yes nor no.", "Write Y or N.")
    return FLAGS[plain]


READERS: dict[str, Callable[[Column, str, Reading], Value]] = {
    "text": _text,
    "integer": _scaled,
    "money": _scaled,
    "units": _scaled,
    "rate": _scaled,
    "decimal": _decimal,
    "date": _date,
    "month": _month,
    "flag": _flag,
}
_BLANK: dict[str, Value] = {"text": "", "flag": False}


def _as_frame(column: Column, values: list[Value], codes: np.ndarray, index: pd.Index[int]) -> pd.DataFrame:
    if column.kind in DECIMALS:
        whole = (
            pd.array(cast("list[int | None]", values), dtype="Int64").take(codes)
            if values
            else pd.array([], dtype="Int64")
        )
        exact = whole if column.nullable or not column.required or whole.isna().any() else whole.astype(np.int64)
        return pd.DataFrame({column.name: exact}, index=index)
    objects = np.array([*values, None], dtype=object)[:-1][codes]
    if column.kind == "flag":
        return pd.DataFrame(
            {column.name: np.array([value is True for value in objects], np.bool_)},
            index=index,
        )
    frame = pd.DataFrame({column.name: pd.Series(objects, index=index, dtype=object)})
    if column.kind == "month":
        numbers = np.array(
            [month_index(day) if isinstance(day, date) else -1 for day in values],
            np.int64,
        )
        frame[f"{column.name}_index"] = numbers[codes] if len(values) else np.zeros(0, np.int64)
    return frame
