"""Series rows between PostgreSQL and numpy by COPY BINARY.

A row of integer keys and bigint arrays of equal length has a fixed size when nothing is NULL, so a whole block is one
numpy structured array: no parsing and no loop. An array travels as (dimensions 1, has-NULL flag 0, element type 20,
length, lower bound 1) and then (8, value) per element; all words are big-endian.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

import numpy as np
from django.db import connection
from numpy.typing import ArrayLike, NDArray

Keys = NDArray[np.int32]
Block = NDArray[np.int64]

INT8_TYPE = 20
KEY_BYTES = {21: 2, 23: 4, 20: 8}
SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
ARRAY_HEADER_BYTES, ELEMENT_BYTES = 20, 12


class SeriesFormatError(ValueError):
    """The rows are not what the caller said: another length, a NULL, another type or another number of columns."""


def read_series(
    query: str,
    *,
    keys: int,
    columns: int,
    months: int,
    parameters: Sequence[object] = (),
) -> tuple[list[Keys], list[Block]]:
    """Run a query whose rows are `keys` int4 columns followed by `columns` bigint[] columns of `months` elements.

    Args:
        query: SQL with `%s` placeholders; keys must be cast (`item_id::int4`).
        keys: number of key columns.
        columns: number of array columns.
        months: length of every array.
        parameters: values of the placeholders.

    Returns:
        `keys` arrays (n,) int32 and `columns` arrays (n, months) int64, in the order of the query.

    Raises:
        SeriesFormatError: a row does not have exactly this form.
    """
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        bound = cursor.mogrify(query, tuple(parameters)).decode() if parameters else query
        cursor.copy_expert(f"COPY ({bound}) TO STDOUT (FORMAT binary)", buffer)
    return unpack_series(buffer.getbuffer(), keys=keys, columns=columns, months=months)


def write_series(
    table: str,
    key_columns: Sequence[str],
    array_columns: Sequence[str],
    keys: Sequence[ArrayLike],
    blocks: Sequence[ArrayLike],
) -> int:
    """Append one row per series to `table`; runs inside the caller's transaction.

    Args:
        table: database table.
        key_columns: integer columns of any width.
        array_columns: bigint[] columns.
        keys: one integer array (n,) or one integer (the same for all rows) per key column.
        blocks: one integer array (n, months) per array column, all of one shape.

    Returns:
        The number of rows written.

    Raises:
        SeriesFormatError: shapes disagree, a key does not fit its column, or a column has another type.
    """
    arrays = [np.asarray(block) for block in blocks]
    if len(arrays) != len(array_columns) or len(keys) != len(key_columns) or not arrays:
        raise SeriesFormatError("Name one column for each array.")
    if any(array.ndim != 2 or array.shape != arrays[0].shape or array.dtype.kind not in "iu" for array in arrays):
        raise SeriesFormatError("Blocks are integer arrays (series, month) of one shape.")
    quote = connection.ops.quote_name
    names = ", ".join(quote(name) for name in [*key_columns, *array_columns])
    with connection.cursor() as cursor:
        widths = _key_widths(table, tuple(key_columns))
        content = pack_series(keys, arrays, widths=widths)
        cursor.copy_expert(
            f"COPY {quote(table)} ({names}) FROM STDIN (FORMAT binary)",
            io.BytesIO(content),
        )
    return len(arrays[0])


def pack_series(keys: Sequence[ArrayLike], blocks: Sequence[Block], *, widths: Sequence[int]) -> bytes:
    """Bytes for COPY … FROM STDIN (FORMAT binary): keys of the given byte widths, then blocks (n, months).

    Raises:
        SeriesFormatError: a key is no integer, has another length, or does not fit its width.
    """
    count, months = blocks[0].shape
    rows = np.zeros(count, _row_dtype(widths, len(blocks), months))
    rows["fields"] = len(keys) + len(blocks)
    for k, (key, width) in enumerate(zip(keys, widths, strict=True)):
        values = np.asarray(key)
        limit = np.iinfo(f"i{width}")
        if values.dtype.kind not in "iu" or values.shape not in {(), (count,)}:
            raise SeriesFormatError(f"Key {k} is not one integer per row.")
        if values.size and (values.min() < limit.min or values.max() > limit.max):
            raise SeriesFormatError(f"Key {k} does not fit {width} bytes.")
        rows[f"key_bytes{k}"], rows[f"key{k}"] = width, values
    for c, block in enumerate(blocks):
        rows[f"array_bytes{c}"] = ARRAY_HEADER_BYTES + ELEMENT_BYTES * months
        rows[f"header{c}"] = _array_header(months)
        rows[f"elements{c}"]["bytes"], rows[f"elements{c}"]["value"] = 8, block
    return SIGNATURE + rows.tobytes() + TRAILER


def unpack_series(
    content: bytes | memoryview, *, keys: int, columns: int, months: int
) -> tuple[list[Keys], list[Block]]:
    """Inverse of `pack_series` for 4-byte keys; every length, header word and NULL flag is checked.

    Raises:
        SeriesFormatError: the content is not exactly this form.
    """
    dtype = _row_dtype([4] * keys, columns, months)
    count, rest = divmod(len(content) - len(SIGNATURE) - len(TRAILER), dtype.itemsize)
    if rest or count < 0 or bytes(content[: len(SIGNATURE)]) != SIGNATURE or bytes(content[-2:]) != TRAILER:
        raise SeriesFormatError(
            f"Rows are not {keys} int4 keys and {columns} arrays of {months} bigint without NULL (cast keys to int4)."
        )
    rows = np.frombuffer(content, dtype, count=count, offset=len(SIGNATURE))
    _check_words(rows, keys, columns, months)
    return (
        [rows[f"key{k}"].astype(np.int32) for k in range(keys)],
        [rows[f"elements{c}"]["value"].astype(np.int64) for c in range(columns)],
    )


def _array_header(months: int) -> list[int]:
    return [1, 0, INT8_TYPE, months, 1]


def _row_dtype(widths: Sequence[int], columns: int, months: int) -> np.dtype[np.void]:
    fields: list[tuple[object, ...]] = [("fields", ">i2")]
    for k, width in enumerate(widths):
        fields += [(f"key_bytes{k}", ">i4"), (f"key{k}", f">i{width}")]
    for c in range(columns):
        element = [("bytes", ">i4"), ("value", ">i8")]
        fields += [
            (f"array_bytes{c}", ">i4"),
            (f"header{c}", ">i4", 5),
            (f"elements{c}", element, (months,)),
        ]
    return np.dtype(fields)


def _check_words(rows: NDArray[np.void], keys: int, columns: int, months: int) -> None:
    good = (rows["fields"] == keys + columns).all()
    for k in range(keys):
        good = good and (rows[f"key_bytes{k}"] == 4).all()
    for c in range(columns):
        good = good and (rows[f"array_bytes{c}"] == ARRAY_HEADER_BYTES + ELEMENT_BYTES * months).all()
        good = good and (rows[f"header{c}"] == _array_header(months)).all()
        good = good and (rows[f"elements{c}"]["bytes"] == 8).all()
    if not good:
        raise SeriesFormatError("A row has another length, a NULL, another type or another number of columns.")


@cache
def _key_widths(table: str, columns: tuple[str, ...]) -> list[int]:
    """Bytes of integer columns; a process asks once, because only a migration changes them."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(map(quote, columns))} FROM {quote(table)} LIMIT 0")
        types = [column.type_code for column in cursor.description]
    if any(code not in KEY_BYTES for code in types):
        raise SeriesFormatError("A key column is not an integer.")
    return [KEY_BYTES[code] for code in types]
