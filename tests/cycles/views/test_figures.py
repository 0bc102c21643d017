"""Numbers as people read them."""

from __future__ import annotations

from datetime import date

import pytest

from cycles.templatetags import figures


@pytest.mark.parametrize(
    ("cents", "text"),
    [(543_400_000, "$5.4 M"), (-543_400_000, "−$5.4 M"), (12_345, "$123"), (0, "$0"), (None, "–"), (-40, "$0")],
)
def test_money(cents: int | None, text: str) -> None:
    assert figures.money(cents, "USD") == text


def test_money_to_the_cent_and_in_millions() -> None:
    assert figures.money_full(2_588_573_186) == "25,885,731.86"
    assert figures.millions(41_260_000_000) == "412.6"
    assert figures.millions_delta(-540_000_000) == "−5.4"
    assert figures.money_delta(390_000_000, "EUR") == "+€3.9 M"
    assert figures.money(100_000, "PLN") == "PLN 1.0 k"


def test_thousands_and_whole_units_with_their_sign() -> None:
    assert figures.thousands(54_340_000) == "543.4"
    assert figures.thousands_delta(-16_690_000) == "−166.9"
    assert figures.thousands_delta(None) == "–"
    assert figures.units_full_delta(52_107_000) == "+52,107"


def test_half_is_rounded_away_from_zero() -> None:
    assert figures.millions(5_000_000) == "0.1"  # 0.05
    assert figures.millions(-5_000_000) == "−0.1"


def test_units_rates_and_months() -> None:
    assert figures.units(52_107_000) == "52,107"
    assert figures.units_short(169_000_000) == "169.0 k"
    assert figures.rate(123_450) == "12.35"
    assert figures.month(2013 * 12 + 10) == "Nov 13"
    assert figures.month(date(2013, 11, 1), "long") == "November 2013"
    assert figures.percent(0.013) == "1.3%"


@pytest.mark.parametrize(("load", "band"), [(None, 0), (0.5, 1), (0.7, 1), (0.71, 2), (0.95, 3), (1.05, 4), (1.2, 5)])
def test_heat_bands(load: float | None, band: int) -> None:
    assert figures.heat(load) == f"heat-{band}"


def test_sparkline_needs_three_values() -> None:
    assert figures.sparkline([1, 2]) == ""
    assert figures.sparkline([1, 2, 3], [2, 2, 2]).count("<polyline") == 2
