"""How a source writes numbers and days: a mapping names it, and a cell is read in that form or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

DATE_FORMATS = ("YYYY-MM-DD", "D/M/Y", "M/D/Y", "YYYYMMDD", "YYYYMM", "M/YYYY", "excel")
NEGATIVES = ("brackets", "trailing")
THOUSANDS = (".", ",", " ", "'")
ISO_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)
PARTS = {
    "D/M/Y": re.compile(r"(?P<d>\d{1,2})[./-](?P<m>\d{1,2})[./-](?P<y>\d{4})", re.ASCII),
    "M/D/Y": re.compile(r"(?P<m>\d{1,2})[./-](?P<d>\d{1,2})[./-](?P<y>\d{4})", re.ASCII),
    "YYYYMMDD": re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})", re.ASCII),
    "YYYYMM": re.compile(r"(?P<y>\d{4})(?P<m>\d{2})", re.ASCII),
    "M/YYYY": re.compile(r"(?P<m>\d{1,2})[./-](?P<y>\d{4})", re.ASCII),
}
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
LIKE_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}", re.ASCII)
EXCEL_FIRST_DAY, EXCEL_LEAP_FAULT, EXCEL_LAST_SERIAL = date(1899, 12, 31), 60, 2_958_465
NAME_IT = "or name the format in a mapping."


class NotUnderstood(ValueError):
    """A cell that cannot be read; `args` are the reason and the remedy."""


@dataclass(frozen=True)
class Style:
    """How one source writes: `decimal` and `thousands` signs, `negatives` it may use, its form of days (ISO always).

    `thousands` '' means that digits are not grouped; ' ' stands for any kind of space. `month_from_day` lets a month
    be given by any day in it.
    """

    decimal: str = "."
    thousands: str = ""
    negatives: tuple[str, ...] = ()
    dates: str = ""
    month_from_day: bool = False


def plain_number(text: str, style: Style) -> Decimal:
    """The exact number that a text writes in a style.

    Groups of digits must have three each; a sign that the style does not name is refused, never dropped.

    Raises:
        NotUnderstood: the text is no number in this style.
    """
    core, negative = _without_negative(text.strip(), style)
    if style.thousands:
        core = _ungrouped(core, style)
    if style.decimal == ",":
        if "." in core:
            raise NotUnderstood("A point in a number of a source with decimal commas.", f"Correct it, {NAME_IT}")
        core = core.replace(",", ".")
    if not NUMBER.fullmatch(core) or (negative and core[0] in "+-"):
        raise NotUnderstood(*_number_advice(text.strip(), style))
    return Decimal(core).copy_negate() if negative else Decimal(core)


def _without_negative(text: str, style: Style) -> tuple[str, bool]:
    if "brackets" in style.negatives and text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if "trailing" in style.negatives and text.endswith("-") and len(text) > 1:
        return text[:-1].strip(), True
    return text, False


def _ungrouped(text: str, style: Style) -> str:
    sign = r"[ \u00a0\u202f]" if style.thousands == " " else re.escape(style.thousands)
    whole, mark, rest = text.partition(style.decimal)
    if not re.search(sign, whole):
        return text
    if not re.fullmatch(rf"[+-]?\d{{1,3}}({sign}\d{{3}})+", whole, re.ASCII):
        raise NotUnderstood("The thousands are not grouped by three.", f"Correct it, {NAME_IT}")
    return re.sub(sign, "", whole) + mark + rest


def _number_advice(text: str, style: Style) -> tuple[str, str]:
    if text.startswith("="):
        return "This is a formula.", "Hand in values, not formulas."
    if style.decimal != "." or style.thousands or style.negatives:
        return "This is not a number in the form that the mapping names.", "Correct it, or correct the mapping."
    if "," in text:
        return "A comma in a number may be a decimal or a thousands sign.", f"Write 1234.56, {NAME_IT}"
    if text.startswith("(") or text.endswith("-"):
        return "This looks like a bookkeeper's negative.", f"Write -5, not (5) or 5-, {NAME_IT}"
    return "This is not a number.", f"Write digits, a point and decimals, without units or spaces, {NAME_IT}"


def plain_day(text: str, style: Style, *, is_month: bool) -> date:
    """The day that a text writes in a style; a month without a day is its first day, where a month is wanted.

    Raises:
        NotUnderstood: the text is no day of the calendar in this style.
    """
    found = _day_parts(text.strip(), style, is_month)
    if isinstance(found, date):
        return found
    year, month, day = found
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NotUnderstood("This is not a date of the calendar.", f"Write YYYY-MM-DD, {NAME_IT}") from error


def _day_parts(text: str, style: Style, is_month: bool) -> tuple[int, int, int] | date:
    iso = ISO_DAY.fullmatch(text)
    if iso and (iso[3] or is_month):
        return int(iso[1]), int(iso[2]), int(iso[3] or 1)
    if style.dates == "excel" and re.fullmatch(r"\d{1,7}(\.0+)?", text, re.ASCII):
        return day_of_serial(int(text.split(".")[0]))
    parts = PARTS[style.dates].fullmatch(text) if style.dates in PARTS else None
    if parts is None:
        raise NotUnderstood(*_day_advice(text, style))
    if "d" not in parts.groupdict() and not is_month:
        raise NotUnderstood("The day of the month is missing.", f"Write YYYY-MM-DD, {NAME_IT}")
    return int(parts["y"]), int(parts["m"]), int(parts.groupdict().get("d", 1))


def day_of_serial(serial: int) -> date:
    """The day of an Excel serial of the 1900 system: 1 = 1900-01-01, with Excel's 29 February 1900 (60), which is none.

    Raises:
        NotUnderstood: the serial is no day.
    """
    if not 1 <= serial <= EXCEL_LAST_SERIAL or serial == EXCEL_LEAP_FAULT:
        raise NotUnderstood("This is no day of Excel's calendar.", "Correct it in the source.")
    return EXCEL_FIRST_DAY + timedelta(days=serial - (serial > EXCEL_LEAP_FAULT))


def _day_advice(text: str, style: Style) -> tuple[str, str]:
    remedy = f"Write YYYY-MM-DD, {NAME_IT}"
    if style.dates:
        return (
            f"This is not a date written as {style.dates}.",
            "Correct it, or correct the mapping's format (YYYY-MM-DD is always understood).",
        )
    like = LIKE_DAY.fullmatch(text)
    if like and int(like[1]) <= 12 and int(like[2]) <= 12:
        return "Day and month cannot be told apart.", remedy
    if like:
        return "This is a date, but its form is not named.", remedy
    if re.fullmatch(r"\d{5}", text, re.ASCII):
        return "This may be a day counted by Excel.", f"Format the column as a date or write YYYY-MM-DD, {NAME_IT}"
    return "This is not a date.", remedy
