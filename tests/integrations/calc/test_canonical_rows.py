"""Canonical rows: exact text, one row per month, sums kept."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.calc.inert_text import inert
from integrations.calc.canonical_rows import Stamp, line_rows
from integrations.calc.texts import cents_text, milli_text, price_text

STAMP = Stamp("2026-10", "f" * 64, 2026 * 12 + 9)
MILLI = st.lists(st.integers(0, 10**9), min_size=1, max_size=36)


def rows(quantity: list[int], *, whole_units: bool = False) -> list[dict[str, str]]:
    """The rows of one series of a kettle."""
    fields = {
        "quantity": quantity,
        "unconstrained_quantity": quantity,
        "amount": [units // 10 for units in quantity],
        "uom": "EA",
        "family": "Kettles",
        "currency": "USD",
    }
    stamp = Stamp(STAMP.plan_number, STAMP.snapshot_hash, STAMP.first_month, whole_units)
    return list(line_rows(stamp, ("money", "KE-100", "US/RETAIL"), fields, "POZ"))


def test_a_row_says_what_month_it_is_about() -> None:
    first, second = rows([1_500, 0])
    assert (first["period_start"], first["period_end"]) == ("2026-10-01", "2026-10-31")
    assert (second["period_start"], second["quantity"], second["unit_price"]) == ("2026-11-01", "0", None)


def test_price_is_amount_over_quantity() -> None:
    (row,) = rows([1_500])
    assert Decimal(row["unit_price"]) == Decimal(row["amount"]) / Decimal(row["quantity"])


@given(MILLI)
def test_whole_units_carry_the_remainder(quantity: list[int]) -> None:
    told = [Decimal(row["quantity"]) for row in rows(quantity, whole_units=True)]
    assert all(units == int(units) for units in told)
    assert abs(sum(told) * 1000 - sum(quantity)) <= 500


@given(MILLI)
def test_exact_units_lose_nothing(quantity: list[int]) -> None:
    assert sum(Decimal(row["quantity"]) for row in rows(quantity)) * 1000 == sum(quantity)


@pytest.mark.parametrize(("milli", "text"), [(0, "0"), (1_500, "1.5"), (-1, "-0.001"), (-2_000, "-2")])
def test_units_as_text(milli: int, text: str) -> None:
    assert milli_text(milli) == text


@pytest.mark.parametrize(("cents", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-123_456, "-1234.56")])
def test_money_as_text(cents: int, text: str) -> None:
    assert cents_text(cents) == text


def test_a_third_of_a_dollar_has_six_places() -> None:
    assert price_text(100, 3_000) == "0.333333"


def test_a_code_that_looks_like_a_formula_is_inert() -> None:
    assert inert("=1+1") == "'=1+1"
    assert inert("KE-100") == "KE-100"
