"""Texts of figures → exact numbers: the one way of writing that reads a sheet, found among the usual ones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice

from catalog.services.imports.formats import NotUnderstood, Style, plain_number
from catalog.services.imports.table import NUMBER_CELL, UNREADABLE, UNREADABLE_CELL, bare

NEGATIVES = ("brackets", "trailing")
STYLES = tuple(
    Style(decimal=decimal, thousands=thousands, negatives=NEGATIVES)
    for decimal, thousands in (
        (".", ""), (".", ","), (",", "."), (",", ""), (".", " "), (",", " "), (".", "'"), (",", "'"),
    )
)  # fmt: skip
BLANKS = {"", "-", "–", "—", "n/a", "na", "nil", "none", "."}
CURRENCY = re.compile(r"(US\$|[$€£¥]|\b(USD|EUR|GBP|CHF|CAD|AUD|JPY)\b)", re.IGNORECASE)
PLAIN = re.compile(r"-?\d{1,12}(\.\d+)?", re.ASCII)
MOST_READINGS, SAMPLE = 3, 300
MILLION = 1_000_000
LARGEST = Decimal(10) ** 15
Reading = dict[str, Decimal]


def readings_of(texts: Iterable[str]) -> list[Reading]:
    """Number by text in each way of writing that reads most of them, the plainest first; different results only.

    A text that a reading lacks is not understood in it. Currency signs are dropped, a dash or a blank is 0, brackets and
    a trailing minus are negative.
    """
    distinct = set(texts)
    exact = {text: _exact(bare(text)) for text in distinct if text.startswith(NUMBER_CELL)}
    numbers = {text: number for text, number in exact.items() if number is not None}
    written = {text: _bare_number(text) for text in distinct if text[0] not in (NUMBER_CELL, UNREADABLE_CELL)}
    sample = dict(islice(sorted(written.items(), key=lambda entry: (-len(entry[1]), entry[1])), SAMPLE))
    tried = [(len(_reading(sample, style)), style) for style in STYLES]
    most = max(count for count, _ in tried)
    found: list[Reading] = []
    for reading in (_reading(written, style) for count, style in tried if count == most):
        if reading not in found:
            found.append(reading)
    found.sort(key=len, reverse=True)
    return [numbers | reading for reading in found if len(reading) == len(found[0])][:MOST_READINGS]


def _reading(written: dict[str, str], style: Style) -> Reading:
    return {text: number for text, plain in written.items() if (number := _number(plain, style)) is not None}


def millionths(number: Decimal) -> int:
    """A number in millionths, halves away from zero: finer than any figure of a forecast."""
    return int((number * MILLION).to_integral_value(ROUND_HALF_UP))


def why_unread(text: str) -> tuple[str, str]:
    """Reason and remedy for a cell that no reading understands."""
    if UNREADABLE_CELL in text:
        why = text.split(UNREADABLE_CELL)[1]
        if why == "formula":
            return "This formula holds no calculated value.", "Open the workbook, let it calculate, save it again."
        return UNREADABLE[why]
    return "This is not a number in the form of the other figures.", "Write it as the others, or leave it blank."


def _exact(text: str) -> Decimal | None:
    try:
        number = plain_number(text, Style())
    except NotUnderstood:
        return None
    return number if abs(number) < LARGEST else None


def _bare_number(text: str) -> str:
    """A text without signs of currency, with plain minus and apostrophe; '' where it stands for nothing."""
    plain = CURRENCY.sub("", text).replace("\u2212", "-").replace("\u2019", "'").strip()
    plain = re.sub(r"^(-?)\s+", r"\1", plain)
    return "" if plain.lower() in BLANKS else plain


def _number(plain: str, style: Style) -> Decimal | None:
    if not plain:
        return Decimal(0)
    if style.decimal == "." and PLAIN.fullmatch(plain):
        return Decimal(plain)
    if plain.startswith(("-(", "+(")):
        return None
    try:
        number = plain_number(plain, style)
    except NotUnderstood:
        return None
    return number if abs(number) < LARGEST else None
