"""Text cells → typed columns, exactly: a cell is understood completely or it is a fault."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import cast

import numpy as np
import pandas as pd

from catalog.calc.months import month_index
from catalog.registry import Column, Fault

DECIMALS = {"integer": 0, "money": 2, "units": 3, "rate": 4}
LARGEST = 2**63 - 1
PLAIN_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LIKE_DAY_FIRST = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
FLAGS = {"y": True, "yes": True, "true": True, "t": True, "1": True}
FLAGS |= {"n": False, "no": False, "false": False, "f": False, "0": False}

Value = str | int | bool | date | Decimal | None


class _NotUnderstood(ValueError):
    """A cell that cannot be read; `args` are the reason and the remedy."""


def typed_column(column: Column, cells: pd.Series[str]) -> tuple[pd.DataFrame, list[Fault]]:
    """One column read by its kind, as `Column` describes; every distinct text is read once.

    Args:
        column: what is expected.
        cells: text, indexed by line number.

    Returns:
        A frame with the typed column (and `<name>_index` for a month), and one fault per cell that is not understood
        or blank where that is not allowed. Where there are faults the values must not be used.
    """
    codes, distinct = pd.factorize(cells)
    values: list[Value] = []
    wrong: dict[int, tuple[str, str]] = {}
    for code, text in enumerate(distinct):
        try:
            values.append(_read(column, str(text)))
        except _NotUnderstood as error:
            values.append(None)
            wrong[code] = (error.args[0], error.args[1])
    faults = [
        Fault(
            int(cells.index[int(position)]),
            column.name,
            str(cells.iloc[position]),
            *wrong[codes[position]],
        )
        for position in np.flatnonzero(np.isin(codes, list(wrong)))
    ]
    return _as_frame(column, values, codes, cells.index), faults


def _read(column: Column, text: str) -> Value:
    if not text.strip():
        if not column.nullable and column.required:
            raise _NotUnderstood("The cell is blank.", "Fill it in.")
        return _BLANK.get(column.kind)
    return READERS[column.kind](column, text)


def _text(column: Column, text: str) -> str:
    if (column.references or column.choices) and text != text.strip():
        raise _NotUnderstood("The code begins or ends with a space.", "Remove the space.")
    return text


def _scaled(column: Column, text: str) -> int:
    decimals = DECIMALS[column.kind]
    scaled = _decimal(column, text).scaleb(decimals)
    if scaled != scaled.to_integral_value():
        raise _NotUnderstood(
            f"More than {decimals} decimals.",
            "Round it in the source: nothing is rounded here.",
        )
    if abs(scaled) > LARGEST:
        raise _NotUnderstood("The number is too large.", "Check the scale of the column.")
    return int(scaled)


def _decimal(column: Column, text: str) -> Decimal:
    plain = text.strip()
    if not PLAIN_NUMBER.fullmatch(plain):
        raise _NotUnderstood(*_number_advice(plain))
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise _NotUnderstood("This is not a number.", "Write digits, a point and decimals.") from error


def _number_advice(text: str) -> tuple[str, str]:
    if text.startswith("="):
        return "This is a formula.", "Hand in values, not formulas."
    if "," in text:
        return (
            "A comma in a number may be a decimal or a thousands sign.",
            "Write 1234.56.",
        )
    if text.startswith("(") or text.endswith("-"):
        return "This looks like a bookkeeper's negative.", "Write -5, not (5) or 5-."
    return (
        "This is not a number.",
        "Write digits, a point and decimals, without units or spaces.",
    )


def _date(column: Column, text: str) -> date:
    plain = text.strip()
    if LIKE_DAY_FIRST.fullmatch(plain):
        raise _NotUnderstood("Day and month cannot be told apart.", "Write YYYY-MM-DD.")
    if not ISO_DAY.fullmatch(plain):
        raise _NotUnderstood("This is not a date.", "Write YYYY-MM-DD.")
    try:
        return date.fromisoformat(plain)
    except ValueError as error:
        raise _NotUnderstood("This is not a date of the calendar.", "Write YYYY-MM-DD.") from error


def _month(column: Column, text: str) -> date:
    plain = text.strip()
    day = _date(column, f"{plain}-01" if re.fullmatch(r"\d{4}-\d{2}", plain) else plain)
    if day.day != 1:
        raise _NotUnderstood("A month is given by its first day.", f"Write {day:%Y-%m}-01.")
    return day


def _flag(column: Column, text: str) -> bool:
    if text.strip().lower() not in FLAGS:
        raise _NotUnderstood("This is neither yes nor no.", "Write Y or N.")
    return FLAGS[text.strip().lower()]


READERS: dict[str, Callable[[Column, str], Value]] = {
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
