"""History of any series as a table (series, month, value), and the table of its forecast."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from demand.calc.forecast_block import SILENT, ForecastBlock

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Names a column may have, lower case; the first is the one that is written.
COLUMNS = {
    "series": ("series", "unique_id", "series_id", "item", "sku", "id"),
    "month": ("month", "ds", "date", "period", "t", "index"),
    "value": ("value", "y", "units", "quantity", "qty", "sales"),
}
YEARS = 12
DATED = re.compile(r"(\d{4})[-/.M]?(0[1-9]|1[0-2])(?:[-/.]?(?:0[1-9]|[12]\d|3[01])(?:[ T].*)?)?")
WHOLE = re.compile(r"\d{1,5}(?:\.0+)?")
NAMED_FAULTS = 5
ZERO = "Zero"


class UnreadableHistory(Exception):
    """The table cannot be read as a history; says the row, the column, the value and what to do."""


@dataclass(frozen=True)
class History:
    """Pasts of s series, each ending with its own last month.

    `names` (s,) in order of first appearance; `values` (s, T) right-aligned, NaN before a series begins; `last` (s,)
    month numbers, year × 12 + month − 1 where `dated`, else the file's own count; `filled`: months that were missing
    inside a series and count as 0.
    """

    names: list[str]
    values: Floats
    last: Ints
    dated: bool
    filled: int


def history_of(table: pd.DataFrame) -> History:
    """Read a table of text cells: one row per series and month, in any order, columns named as in `COLUMNS`.

    Months are 2013-11, 2013-11-01, 201311, 2013/11 or 2013M11, or whole numbers of at most five digits that count months. A month
    missing inside a series counts as 0 (nothing was sold), and is counted.

    Raises:
        UnreadableHistory: a column is missing, a cell is no month or no number, or a month stands twice.
    """
    frame = table.rename(columns={_column(table, wanted): wanted for wanted in COLUMNS})[list(COLUMNS)]
    if frame.empty:
        raise UnreadableHistory("The history has no rows. Give one row per series and month.")
    values = pd.to_numeric(frame["value"].str.strip(), errors="coerce")
    _refuse(
        frame, "value", ~np.isfinite(values.to_numpy(np.float64)), "is not a number; write digits with a decimal point"
    )
    months, dated = _months(frame)
    names = frame["series"].str.strip()
    _refuse(frame, "series", (names == "").to_numpy(), "names no series")
    twice = pd.DataFrame({"series": names, "month": months}).duplicated().to_numpy()
    _refuse(frame, "month", twice, "stands twice for its series; keep one row per series and month")
    return _aligned(names, months, values.to_numpy(np.float64), dated=dated)


def forecast_table(history: History, block: ForecastBlock) -> pd.DataFrame:
    """One row per series and month of the horizon: series, month, value, lower, upper (80 %), model.

    Months are written as 2013-11, or as the count of the file; the model of a silent series as "Zero" ("None" would be
    read as a missing value).
    """
    count, horizon = block.points.shape
    month = (history.last[:, None] + 1 + np.arange(horizon)[None, :]).ravel()
    dates = [f"{number // YEARS:04d}-{number % YEARS + 1:02d}" for number in month.tolist()]
    return pd.DataFrame(
        {
            "series": np.repeat(np.array(history.names, dtype=object), horizon),
            "month": dates if history.dated else month,
            "value": block.points.ravel(),
            "lower": block.low.ravel(),
            "upper": block.high.ravel(),
            "model": np.repeat(np.where(block.model == SILENT, ZERO, block.model), horizon),
        }
    )


def _column(table: pd.DataFrame, wanted: str) -> str:
    known = {str(name).strip().lower(): str(name) for name in reversed(list(table.columns))}
    for name in COLUMNS[wanted]:
        if name in known:
            return known[name]
    raise UnreadableHistory(
        f"No column for the {wanted}: the file has {', '.join(map(str, table.columns))}. "
        f"Name it one of {', '.join(COLUMNS[wanted])}."
    )


def _months(frame: pd.DataFrame) -> tuple[Ints, bool]:
    """Month numbers (n,) and whether they are calendar months; a file says all its months in one way."""
    text = frame["month"].str.strip()
    if text.str.fullmatch(WHOLE).all():
        return text.to_numpy().astype(np.float64).astype(np.int64), False
    parts = text.str.extract(rf"^{DATED.pattern}$")
    _refuse(frame, "month", parts[0].isna().to_numpy(), "is not a month; write 2013-11 or 2013-11-01 in every row")
    year, month = (parts[column].to_numpy().astype(np.int64) for column in (0, 1))
    return year * YEARS + month - 1, True


def _refuse(frame: pd.DataFrame, column: str, faulty: NDArray[np.bool_], reason: str) -> None:
    if not faulty.any():
        return
    places = np.flatnonzero(faulty)
    named = [f"row {place + 2}, {column} {frame[column].iloc[place]!r}" for place in places[:NAMED_FAULTS].tolist()]
    more = f" and {len(places) - NAMED_FAULTS} more" if len(places) > NAMED_FAULTS else ""
    raise UnreadableHistory(f"{'; '.join(named)}{more}: {reason}.")


def _aligned(names: pd.Series[str], months: Ints, values: Floats, *, dated: bool) -> History:
    codes, order = pd.factorize(names)
    count = len(order)
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(first, codes, months)
    np.maximum.at(last, codes, months)
    length = last - first + 1
    width = int(length.max())
    begun = np.arange(width)[None, :] >= (width - length)[:, None]
    aligned = np.where(begun, 0.0, np.nan)
    aligned[codes, width - 1 - (last[codes] - months)] = values
    return History([str(name) for name in order], aligned, last, dated, int(length.sum()) - len(months))
