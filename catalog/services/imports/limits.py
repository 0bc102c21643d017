"""How much of a file is read before it is refused; every bound is checked before memory is spent (docs/datasets.md)."""

from __future__ import annotations

from catalog.registry import Fault, FileRefused

MEGABYTE = 1024 * 1024
LARGEST_BYTES = 256 * MEGABYTE
LARGEST_JSON_BYTES = 16 * MEGABYTE
MOST_ROWS = 1_000_000
MOST_SHEET_ROWS = 250_000
MOST_COLUMNS = 500
LONGEST_CELL = 32_767
LONGEST_RECORD = 1_000_000
MOST_PARTS = 2_000
LARGEST_SHEET_BYTES = 512 * MEGABYTE
LARGEST_STRINGS_BYTES = 64 * MEGABYTE
LARGEST_PART_BYTES = 4 * MEGABYTE
MOST_STRINGS = 1_000_000
STEEPEST_RATIO = 200


def whole_file(value: str, reason: str, remedy: str) -> FileRefused:
    """A refusal of the whole file (row 0)."""
    return FileRefused([Fault(0, "", value, reason, remedy)])


def check_size(content: bytes, most: int = LARGEST_BYTES, kind: str = "file") -> None:
    """Refuse an empty or too large file.

    Raises:
        FileRefused: there is nothing in it but blanks, or it has more than `most` bytes.
    """
    if not content[:4096].strip() and not content.strip():
        raise whole_file("", "The file is empty.", "Hand in a file with a header row.")
    if len(content) > most:
        reason = f"The {kind} is larger than {most // MEGABYTE} MB."
        raise whole_file(str(len(content)), reason, "Split it by period, or hand it in as CSV.")


def check_rows(count: int, most: int, line: int) -> None:
    """Refuse the row that is one too many.

    Raises:
        FileRefused: `count` rows are more than `most`.
    """
    if count > most:
        reason = f"The file has more than {most:,} rows."
        raise FileRefused([Fault(line, "", "", reason, "Split it by period, or hand it in as CSV.")])
