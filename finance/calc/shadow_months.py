"""A heading or a cell that names a month, in the ways in which people write months."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

MONTHS = 12
EARLIEST, LATEST = 1990, 2079
FIRST_SERIAL, LAST_SERIAL = 32_874, 65_746  # 1990-01-01 and 2079-12-31 in the days of a sheet
NAMES = (
    ("jan", "january", "januar", "enero", "janvier"),
    ("feb", "february", "februar", "febrero", "fevrier", "février"),
    ("mar", "march", "märz", "maerz", "mrz", "mär", "marzo", "mars"),
    ("apr", "april", "abril", "avril"),
    ("may", "mai", "mayo"),
    ("jun", "june", "juni", "junio", "juin"),
    ("jul", "july", "juli", "julio", "juillet"),
    ("aug", "august", "agosto", "août", "aout"),
    ("sep", "sept", "september", "septiembre", "septembre"),
    ("oct", "october", "okt", "oktober", "octubre", "octobre"),
    ("nov", "november", "noviembre", "novembre"),
    ("dec", "december", "dez", "dezember", "diciembre", "décembre", "decembre"),
)
NUMBER_OF = {name: number for number, names in enumerate(NAMES, 1) for name in names}
_WORD = r"(?P<word>[a-zäéû]+)\.?"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"(?P<y>\d{4})[-/. ](?P<m>\d{1,2})",
        r"(?P<y>\d{4})(?P<m>\d{2})",
        r"(?P<y>\d{4})[-/. ]?[mp](?P<m>\d{1,2})",
        r"[mp](?P<m>\d{1,2})[-/. ]?(?P<y>\d{4})",
        r"(?P<m>\d{1,2})[-/. ](?P<y>\d{4})",
        r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[t ]0{1,2}:00(?::00)?(?:\.0+)?)?",
        rf"{_WORD}[-/. ']*(?P<y>\d{{4}}|\d{{2}})",
        rf"(?P<y>\d{{4}})[-/. ]*{_WORD}",
        rf"(?P<d>\d{{1,2}})[-/. ]+{_WORD}[-/. ]*(?P<y>\d{{4}}|\d{{2}})",
        rf"{_WORD} (?P<d>\d{{1,2}}), ?(?P<y>\d{{4}})",
    )
)
_TWO_WAYS = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d{2})")


@lru_cache(maxsize=1 << 15)
def month_number(text: str) -> int | None:
    """The month number (year × 12 + month − 1) that a text names; None when it names none or could be two.

    `11/1/2013` and `1/11/2013` stand for a month only as its first day: which part is the month must follow from the
    other headings (`months_of`).
    """
    plain = " ".join(text.strip().lower().split())
    if not any(sign.isdigit() for sign in plain):
        return None
    for shape in _SHAPES:
        parts = shape.fullmatch(plain)
        if parts is not None:
            found = parts.groupdict()
            month = NUMBER_OF.get(found["word"]) if found.get("word") else int(found.get("m") or 0)
            return _number(found["y"], month)
    return None


def months_of(texts: Sequence[str]) -> list[int | None]:
    """The month of each text, None where there is none; days such as `01/11/2013` are read in the one way that fits.

    Of day first and month first the way counts under which more of the texts are different months, and, when equally
    many are, under which they lie closer together.
    """
    plain = [month_number(text) for text in texts]
    ways = [_TWO_WAYS.fullmatch(text.strip()) for text in texts]
    if any(ways):
        readings = [[_number(way["y"], int(way[part])) if way else None for way in ways] for part in ("b", "a")]
        best = max(readings, key=lambda reading: (len(_distinct(reading)), -_spread(reading)))
        plain = [known if known is not None else other for known, other in zip(plain, best, strict=True)]
    return plain


def serial_month(number: float) -> int | None:
    """The month of a day that a sheet keeps as a number; None when it is no first or last day of a month."""
    if number != int(number) or not FIRST_SERIAL <= number <= LAST_SERIAL:
        return None
    day = date(1899, 12, 30) + timedelta(days=int(number))
    is_edge = day.day == 1 or (day + timedelta(days=1)).day == 1
    return day.year * MONTHS + day.month - 1 if is_edge else None


def name_number(text: str) -> int | None:
    """1 to 12 for a name of a month without a year, else None."""
    return NUMBER_OF.get(text.strip().lower().rstrip("."))


def years_for(names: Sequence[int], known: Sequence[int]) -> list[int]:
    """Month numbers for names of months that follow each other, so that most of them are `known` month numbers.

    Args:
        names: 1 to 12 in the order of the sheet; a smaller one after a larger one begins the next year.
        known: the months that the plan has, the preferred first.
    """
    if not names or not known:
        return []
    starts = {month // MONTHS for month in known}
    allowed = set(known)

    def from_year(year: int) -> list[int]:
        found: list[int] = []
        for name in names:
            if found and name - 1 <= found[-1] % MONTHS:
                year += 1
            found.append(year * MONTHS + name - 1)
        return found

    rank = {month: place for place, month in enumerate(known)}
    readings = [from_year(year) for year in sorted(starts | {min(starts) - 1})]
    return max(readings, key=lambda months: (len(allowed & set(months)), -min(rank.get(m, len(known)) for m in months)))


def _number(year: str, month: int | None) -> int | None:
    full = int(year) + (2000 if len(year) == 2 else 0)
    if month is None or not 1 <= month <= MONTHS or not EARLIEST <= full <= LATEST:
        return None
    return full * MONTHS + month - 1


def _distinct(months: Sequence[int | None]) -> set[int]:
    return {month for month in months if month is not None}


def _spread(months: Sequence[int | None]) -> int:
    found = _distinct(months)
    return max(found) - min(found) if found else 0
