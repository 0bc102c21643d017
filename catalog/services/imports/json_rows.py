"""Bytes of a JSON file → a table of text: a list of objects with the dataset's columns, numbers kept as written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from catalog.registry import Fault, FileRefused
from catalog.services.imports.limits import (
    LARGEST_JSON_BYTES,
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    check_rows,
    check_size,
    whole_file,
)
from catalog.services.imports.table import NUMBER_CELL, TextTable, check_header

JSON_NUMBER = re.compile(NUMBER_CELL + r"-?[0-9.eE+-]+", re.ASCII)
FORM = 'Hand in a list of objects: [{"sku": "A", …}, …], or {"rows": […]}.'


class _Twice(ValueError):
    """An object names a member twice; `args` is the name."""


def json_table(content: bytes) -> TextTable:
    """The table of a JSON file; "rows" are numbered from 2, as if a header stood above them.

    The header is the union of the members in order of appearance; a member that a row lacks, or null, is blank.

    Raises:
        FileRefused: it is too large, no JSON, not a list of objects, or a value is nested.
    """
    check_size(content, LARGEST_JSON_BYTES, "JSON file")
    try:
        document = json.loads(
            content.decode("utf-8-sig"),
            parse_int=_number,
            parse_float=_number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_members,
        )
    except (ValueError, RecursionError) as error:
        place = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        reason = f"The member {error.args[0]} is given twice." if isinstance(error, _Twice) else "This is no JSON"
        raise whole_file("", f"{reason}{place}.".replace("..", "."), FORM) from error
    records = document.get("rows") if isinstance(document, dict) else document
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise whole_file("", "The file is not a list of objects.", FORM)
    check_rows(len(records), MOST_ROWS, 0)
    header = list(dict.fromkeys(name for record in records for name in record))
    if len(header) > MOST_COLUMNS:
        raise whole_file(str(len(header)), f"The rows have more than {MOST_COLUMNS} columns.", "Hand in fewer.")
    return TextTable("json", check_header(header, 1), _rows(records, header))


def _number(text: str) -> str:
    return NUMBER_CELL + text


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON number")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return members


def _rows(records: list[dict[str, Any]], header: list[str]) -> Iterator[tuple[int, list[str]]]:
    for line, record in enumerate(records, start=2):
        cells = [_cell(line, name, record.get(name)) for name in header]
        if any(cells):
            yield line, cells


def _cell(line: int, name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if not isinstance(value, str):
        raise FileRefused([Fault(line, name, "", "A value is nested.", "Give texts, numbers, true, false or null.")])
    marked = value[1:] if JSON_NUMBER.fullmatch(value) else value
    if len(value) > LONGEST_CELL or "\x00" in marked or NUMBER_CELL in marked:
        raise FileRefused(
            [Fault(line, name, value[:40], "The text is too long or holds control characters.", "Mend it.")]
        )
    return value
