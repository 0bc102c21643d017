"""What moving the bytes costs at least: COPY BINARY out → numpy → COPY BINARY in, into a table without any constraint."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from django.db import connection

from catalog.frames.series_rows import read_series, write_series

ARRAYS_IN, ARRAYS_OUT, MONTHS = 2, 9, 24
BYTES_PER_ELEMENT = 12


@dataclass(frozen=True)
class Floor:
    """Seconds of the floor and the megabytes per second it moved."""

    seconds: float
    megabytes_per_second: float


def measure_floor(series: int) -> Floor:
    """Move as many arrays as a landing reads and writes for so many series; the tables live as long as the session."""
    keys = np.arange(series)
    blocks = [np.random.default_rng(column).integers(0, 500_000, (series, MONTHS)) for column in range(ARRAYS_IN)]
    _create("floor_in", ARRAYS_IN)
    _create("floor_out", ARRAYS_OUT)
    write_series("floor_in", ["item_id", "market_id"], _names(ARRAYS_IN), [keys, keys], blocks)
    start = time.perf_counter()
    read, arrays = read_series(
        f"SELECT item_id, market_id, {', '.join(_names(ARRAYS_IN))} FROM floor_in",
        keys=2,
        columns=ARRAYS_IN,
        months=MONTHS,
    )
    moved = [arrays[column % ARRAYS_IN] for column in range(ARRAYS_OUT)]
    write_series("floor_out", ["item_id", "market_id"], _names(ARRAYS_OUT), read, moved)
    seconds = time.perf_counter() - start
    size = series * MONTHS * (ARRAYS_IN + ARRAYS_OUT) * BYTES_PER_ELEMENT / 1e6
    return Floor(seconds, size / seconds)


def _names(count: int) -> list[str]:
    return [f"a{column}" for column in range(count)]


def _create(table: str, arrays: int) -> None:
    columns = ", ".join(f"{name} bigint[]" for name in _names(arrays))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(f"CREATE TEMPORARY TABLE {table} (item_id int4, market_id int4, {columns})")
