"""Numbers as people read them: money in cents, units in milli-units, months, differences, and the sparkline.

Every filter takes the stored integer and returns text; nothing here is used for calculation. A minus is the true
minus sign, None is a dash, grouping and the decimal mark follow the reader's locale.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils import formats
from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from typing_extensions import TypeIs

register = template.Library()

DASH = "–"
SHORTEST_LINE = 3  # two points tell no course
_SCALES = ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "¥", "INR": "₹", "AUD": "A$", "CAD": "C$"}


def _absent(value: object) -> TypeIs[None]:
    """Whether there is no number: None, or the empty text that templates make of an unknown name."""
    return value is None or value == ""


def _text(value: Decimal, decimals: int, *, plus: bool = False) -> str:
    """Group and round half away from zero; a rounded zero carries no sign."""
    rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    body = formats.number_format(abs(rounded), decimals, use_l10n=True, force_grouping=True)
    sign = "−" if rounded < 0 else "+" if plus and rounded > 0 else ""
    return f"{sign}{body}"


def _scaled(value: Decimal, decimals: int, *, plus: bool = False) -> str:
    """Shorten thousands, millions and billions: 5434000 → 5.4 M."""
    for size, letter in _SCALES:
        if abs(value) >= size:
            return f"{_text(value / size, decimals, plus=plus)} {letter}"
    return _text(value, 0, plus=plus)


def _with_symbol(text: str, currency: str) -> str:
    """Put the currency's sign before the digits, behind the sign of the number; unknown ones keep their code."""
    sign, body = (text[0], text[1:]) if text[:1] in "−+" else ("", text)
    symbol = _SYMBOLS.get(currency, f"{currency} " if currency else "")
    return f"{sign}{symbol}{body}"


@register.filter
def money(cents: int | None, currency: str = "") -> str:
    """Cents as short money: 543400000 → 5.4 M; with a currency code its sign comes first."""
    return DASH if _absent(cents) else _with_symbol(_scaled(Decimal(int(cents)) / 100, 1), currency)


@register.filter
def money_full(cents: int | None, currency: str = "") -> str:
    """Cents to the cent: 2588573186 → 25,885,731.86."""
    return DASH if _absent(cents) else _with_symbol(_text(Decimal(int(cents)) / 100, 2), currency)


@register.filter
def money_delta(cents: int | None, currency: str = "") -> str:
    """Cents as short money with its sign always written."""
    return DASH if _absent(cents) else _with_symbol(_scaled(Decimal(int(cents)) / 100, 1, plus=True), currency)


@register.filter
def millions(cents: int | None, decimals: int = 1) -> str:
    """Cents as millions without a unit, for tables that name it once: 41260000000 → 412.6."""
    return DASH if _absent(cents) else _text(Decimal(int(cents)) / 100_000_000, int(decimals))


@register.filter
def millions_delta(cents: int | None, decimals: int = 1) -> str:
    """Cents as millions with the sign always written."""
    return DASH if _absent(cents) else _text(Decimal(int(cents)) / 100_000_000, int(decimals), plus=True)


@register.filter
def thousands(cents: int | None, decimals: int = 1) -> str:
    """Cents as thousands without a unit, for tables that name it once: 54340000 → 543.4."""
    return DASH if _absent(cents) else _text(Decimal(int(cents)) / 100_000, int(decimals))


@register.filter
def thousands_delta(cents: int | None, decimals: int = 1) -> str:
    """Cents as thousands with the sign always written."""
    return DASH if _absent(cents) else _text(Decimal(int(cents)) / 100_000, int(decimals), plus=True)


@register.filter
def units_full_delta(milli: int | None) -> str:
    """Milli-units as units with the sign always written: 52107000 → +52,107."""
    return DASH if _absent(milli) else _text(Decimal(int(milli)) / 1000, 0, plus=True)


@register.filter
def units(milli: int | None, decimals: int = 0) -> str:
    """Milli-units as units: 52107000 → 52,107."""
    return DASH if _absent(milli) else _text(Decimal(int(milli)) / 1000, int(decimals))


@register.filter
def units_short(milli: int | None) -> str:
    """Milli-units shortened: 169000000 → 169.0 k."""
    return DASH if _absent(milli) else _scaled(Decimal(int(milli)) / 1000, 1)


@register.filter
def units_delta(milli: int | None) -> str:
    """Milli-units shortened, with the sign always written."""
    return DASH if _absent(milli) else _scaled(Decimal(int(milli)) / 1000, 1, plus=True)


@register.filter
def number(value: float | Decimal | None, decimals: int = 0) -> str:
    """A plain number, grouped."""
    return DASH if _absent(value) else _text(Decimal(str(value)), int(decimals))


@register.filter
def percent(fraction: float | Decimal | None, decimals: int = 1) -> str:
    """A fraction as a percentage: 0.013 → 1.3%."""
    return DASH if _absent(fraction) else f"{_text(Decimal(str(fraction)) * 100, int(decimals))}%"


@register.filter
def percent_delta(fraction: float | Decimal | None, decimals: int = 1) -> str:
    """A fraction as a percentage with the sign always written."""
    return DASH if _absent(fraction) else f"{_text(Decimal(str(fraction)) * 100, int(decimals), plus=True)}%"


@register.filter
def points_delta(fraction: float | Decimal | None, decimals: int = 1) -> str:
    """A difference of two fractions in percentage points: −0.005 → −0.5 pp."""
    return DASH if _absent(fraction) else f"{_text(Decimal(str(fraction)) * 100, int(decimals), plus=True)} pp"


@register.filter
def basis_points(points: int | None) -> str:
    """Hundredths of a percentage point as percentage points with the sign always written: 125 → +1.25 pp."""
    return DASH if _absent(points) else f"{_text(Decimal(int(points)) / 100, 2, plus=True)} pp"


@register.filter
def rate(rate4: int | None, decimals: int = 2) -> str:
    """Ten-thousandths as a price or rate: 123450 → 12.35."""
    return DASH if _absent(rate4) else _text(Decimal(int(rate4)) / 10_000, int(decimals))


@register.filter
def month(value: dt.date | int | None, style: str = "short") -> str:
    """A month, from its first day or its index (year × 12 + month − 1): Nov 13, or November 2013 with 'long'."""
    if _absent(value):
        return DASH
    day = value if isinstance(value, dt.date) else dt.date(int(value) // 12, int(value) % 12 + 1, 1)
    return format_date(day, {"short": "M y", "long": "F Y", "name": "M"}[style])


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """A day as people say it: Thu 17 Dec."""
    return DASH if _absent(value) else format_date(value, "D j M")


@register.filter
def tone(value: float | None, wanted: str = "more") -> str:
    """The class that colours a difference: 'more' is good by default, with 'less' it is bad; zero has none."""
    if not value:
        return ""
    return "good" if (value > 0) == (wanted == "more") else "bad"


@register.filter
def pairs(named: object) -> list[tuple[str, object]]:
    """The names and values of a mapping; a template's own `.items` would find a value that is named items."""
    return list(named.items()) if isinstance(named, dict) else [("", named)] if named is not None else []


@register.filter
def initials(person: object) -> str:
    """Two letters for an avatar."""
    words = str(person or "?").replace("-", " ").replace("_", " ").split()
    return "".join(word[0] for word in words[:2]).upper()


def _points(values: Sequence[float], low: float, high: float) -> str:
    step = 114 / max(len(values) - 1, 1)
    span = (high - low) or 1
    return " ".join(f"{3 + i * step:.1f},{31 - 28 * (value - low) / span:.1f}" for i, value in enumerate(values))


@register.simple_tag
def sparkline(values: Sequence[float] | None, reference: Sequence[float] | None = None) -> SafeString:
    """A small line of up to a few dozen values, with a dashed reference; decoration, so it is hidden from readers."""
    if not values or len(values) < SHORTEST_LINE:
        return mark_safe("")
    both = [*values, *(reference or ())]
    low, high = min(both), max(both)
    line = _points(values, low, high)
    last = line.rsplit(" ", 1)[-1].split(",")
    dashed = format_html('<polyline class="spark-ref" points="{}"/>', _points(reference or (), low, high))
    return format_html(
        '<svg class="spark" viewBox="0 0 120 34" aria-hidden="true" focusable="false">'
        '<polygon class="spark-area" points="3,33 {} 117,33"/>{}<polyline class="spark-line" points="{}"/>'
        '<circle class="spark-dot" cx="{}" cy="{}" r="2.4"/></svg>',
        line, dashed, line, last[0], last[1],
    )  # fmt: skip


@register.simple_tag
def heat(load: float | None) -> str:
    """The class of a heat-map cell for a load as a fraction of capacity: the borders are 0.7, 0.9, 1 and 1.1."""
    if load is None:
        return "heat-0"
    return f"heat-{1 + sum(load > border for border in (0.7, 0.9, 1.0, 1.1))}"
