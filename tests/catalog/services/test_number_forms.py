"""Numbers and days in the forms of other systems: read exactly in the named form, refused in any other."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.services.imports.formats import NotUnderstood, Style, day_of_serial, plain_day, plain_number

SIGNS = [(".", ""), (".", ","), (",", "."), (",", " "), (".", "'"), (",", "")]
AMOUNTS = st.decimals(min_value=Decimal("-999999999.99"), max_value=Decimal("999999999.99"), places=2)
DAYS = st.dates(date(1950, 1, 1), date(2099, 12, 31))


@given(AMOUNTS, st.sampled_from(SIGNS))
def test_what_a_style_writes_it_reads(amount: Decimal, signs: tuple[str, str]) -> None:
    decimal, thousands = signs
    written = f"{amount:,.2f}".replace(",", "T").replace(".", decimal).replace("T", thousands)
    assert plain_number(written, Style(decimal=decimal, thousands=thousands)) == amount


@given(AMOUNTS.filter(lambda amount: amount > 0))
def test_bookkeepers_negatives(amount: Decimal) -> None:
    style = Style(negatives=("brackets", "trailing"))
    assert plain_number(f"({amount})", style) == plain_number(f"{amount}-", style) == -amount


@given(DAYS)
def test_what_a_form_writes_it_reads(day: date) -> None:
    written = {
        "D/M/Y": f"{day.day}.{day.month}.{day.year}",
        "M/D/Y": f"{day:%m/%d/%Y}",
        "YYYYMMDD": f"{day:%Y%m%d}",
        "excel": str((day - date(1899, 12, 30)).days),
    }
    for form, text in written.items():
        assert plain_day(text, Style(dates=form), is_month=False) == day
        assert plain_day(day.isoformat(), Style(dates=form), is_month=False) == day


def test_serials_around_the_day_that_never_was() -> None:
    assert day_of_serial(1) == date(1900, 1, 1)
    assert day_of_serial(59) == date(1900, 1, 1) + timedelta(days=58)
    assert day_of_serial(61) == date(1900, 3, 1)
    for serial in (0, 60, 2_958_466):
        with pytest.raises(NotUnderstood):
            day_of_serial(serial)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("1.5", Style(decimal=",")),
        ("1,2", Style(thousands=",")),
        ("12,345,67", Style(thousands=",")),
        ("1.2345", Style(decimal=",", thousands=".")),
        ("(-5)", Style(negatives=("brackets",))),
        ("-5-", Style(negatives=("trailing",))),
        ("(5)", Style(negatives=("trailing",))),
        ("5-", Style()),
        ("1 000", Style()),
        ("", Style()),
    ],
)
def test_what_another_style_means_is_refused(text: str, style: Style) -> None:
    with pytest.raises(NotUnderstood):
        plain_number(text, style)
