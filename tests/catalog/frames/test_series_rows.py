"""Series rows through PostgreSQL and back; every departure from the form is refused."""

from __future__ import annotations

import numpy as np
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from catalog.frames.series_rows import SeriesFormatError, pack_series, read_series, unpack_series, write_series

BIGINTS = st.integers(-(2**63), 2**63 - 1)
READ = "SELECT item_id::int4, market_id, units, cents FROM series_try ORDER BY 1, 2"


@pytest.fixture
def table(db) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE series_try (item_id bigint, market_id integer, units bigint[], cents bigint[]) ON COMMIT DROP"
        )
    return "series_try"


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@given(st.integers(0, 5), st.integers(1, 4), st.data())
def test_packing_is_undone_exactly(count: int, months: int, data: st.DataObject) -> None:
    keys = [data.draw(arrays(np.int32, count)) for _ in range(2)]
    blocks = [data.draw(arrays(np.int64, (count, months), elements=BIGINTS)) for _ in range(2)]
    got_keys, got_blocks = unpack_series(pack_series(keys, blocks, widths=[4, 4]), keys=2, columns=2, months=months)
    assert all((a == b).all() for a, b in zip([*keys, *blocks], [*got_keys, *got_blocks], strict=True))


def test_round_trip_through_the_database(table: str) -> None:
    items = np.arange(500)
    units = np.arange(500 * 24, dtype=np.int64).reshape(500, 24) - 7000
    assert write_series(table, ["item_id", "market_id"], ["units", "cents"], [items, 7], [units, units * 10**12]) == 500
    keys, blocks = read_series(READ, keys=2, columns=2, months=24)
    assert keys[0].tolist() == items.tolist() and set(keys[1].tolist()) == {7}
    assert (blocks[0] == units).all() and (blocks[1] == units * 10**12).all()


def test_parameters_are_bound(table: str) -> None:
    write_series(table, ["item_id", "market_id"], ["units"], [np.array([1, 2]), 7], [np.ones((2, 3), np.int64)])
    query = "SELECT item_id::int4, units FROM series_try WHERE item_id = %s"
    assert read_series(query, keys=1, columns=1, months=3, parameters=[2])[0][0].tolist() == [2]


def test_nothing_to_read(table: str) -> None:
    keys, blocks = read_series(READ, keys=2, columns=2, months=24)
    assert (len(keys[0]), blocks[0].shape) == (0, (0, 24))


@pytest.mark.parametrize(
    "values",
    [
        "(1, 1, '{1,2}', '{1,2,3}')",
        "(1, 1, '{1,2,3}', NULL)",
        "(1, NULL, '{1,2,3}', '{1,2,3}')",
        "(1, 1, '{1,NULL,3}', '{1,2,3}')",
        "(1, 1, '[0:2]={1,2,3}', '{1,2,3}')",
        "(1, 1, '{{1,2,3}}', '{1,2,3}')",
    ],
)
def test_another_form_is_refused(table: str, values: str) -> None:
    run(f"INSERT INTO series_try VALUES {values}")
    with pytest.raises(SeriesFormatError):
        read_series(READ, keys=2, columns=2, months=3)


def test_compensating_lengths_are_refused(table: str) -> None:
    run("INSERT INTO series_try VALUES (1, 1, '{1,2}', '{1,2,3,4}')")
    with pytest.raises(SeriesFormatError):
        read_series(READ, keys=2, columns=2, months=3)


def test_uncast_key_is_refused(table: str) -> None:
    run("INSERT INTO series_try VALUES (1, 1, '{1,2,3}', '{1,2,3}')")
    with pytest.raises(SeriesFormatError, match="cast keys"):
        read_series("SELECT item_id, market_id, units, cents FROM series_try", keys=2, columns=2, months=3)


def test_writing_refuses_what_does_not_fit(table: str) -> None:
    units = np.ones((2, 3), np.int64)
    with pytest.raises(SeriesFormatError, match="does not fit"):
        write_series(table, ["item_id", "market_id"], ["units"], [np.array([1, 2]), 2**40], [units])
    with pytest.raises(SeriesFormatError, match="integer arrays"):
        write_series(table, ["item_id"], ["units"], [np.array([1, 2])], [units * 0.5])
    with pytest.raises(SeriesFormatError, match="one integer per row"):
        write_series(table, ["item_id"], ["units"], [np.array([1, 2, 3])], [units])
    with pytest.raises(SeriesFormatError, match="one column"):
        write_series(table, ["item_id"], ["units"], [], [units])
    with pytest.raises(SeriesFormatError, match="not an integer"):
        write_series(table, ["units"], ["cents"], [np.array([1, 2])], [units])
