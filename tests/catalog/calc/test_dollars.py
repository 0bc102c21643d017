"""Dollars against Decimal arithmetic: exact at every size, half away from zero, missing rates refused."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.calc.dollars import net_price4, to_cents

units = st.integers(min_value=-(10**13), max_value=10**13)
rates = st.integers(min_value=0, max_value=10**9)
fxs = st.integers(min_value=1, max_value=10**9)


def by_hand(unit: int, rate: int, fx: int) -> int:
    amount = Decimal(unit) / 1000 * Decimal(rate) / 10_000 * Decimal(fx) / 1_000_000 * 100
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def test_worked_example() -> None:
    # 1.5 units at 23.9716 is 35.9574; at an exchange rate of 1.3 it is 46.74462.
    assert to_cents(1500, 239_716).tolist() == 3596
    assert to_cents(1500, 239_716, 1_300_000).tolist() == 4674


def test_half_a_cent_goes_away_from_zero() -> None:
    assert to_cents([1000, -1000], [50, 50]).tolist() == [1, -1]
    assert to_cents([1000, -1000], [49, 49]).tolist() == [0, 0]


@given(st.lists(st.tuples(units, rates, fxs), min_size=1, max_size=5))
def test_equals_decimal(cells: list[tuple[int, int, int]]) -> None:
    unit, rate, fx = (np.array(column, np.int64) for column in zip(*cells, strict=True))
    expected = [by_hand(*cell) for cell in cells]
    if max(map(abs, expected)) < 2**62:
        assert to_cents(unit, rate, fx).tolist() == expected
    same = [by_hand(u, r, 1_000_000) for u, r, _ in cells]
    assert to_cents(unit, rate).tolist() == same
    assert to_cents(unit, rate, np.full(len(cells), 1_000_000)).tolist() == same


def test_amount_beyond_64_bits_is_an_error() -> None:
    with pytest.raises(OverflowError):
        to_cents(2**62, 10**9)


def test_shapes_broadcast() -> None:
    assert to_cents(np.full((2, 3), 1000), np.array([[10_000], [20_000]])).tolist() == [
        [100] * 3,
        [200] * 3,
    ]
    assert to_cents(
        np.zeros((0, 3), np.int64),
        np.zeros((0, 3), np.int64),
        np.zeros((0, 3), np.int64) + 1,
    ).shape == (
        0,
        3,
    )


def test_missing_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="missing rate"):
        to_cents([1000], [-1])
    with pytest.raises(ValueError, match="exchange rate"):
        to_cents([1000], [1], [0])


def test_net_price() -> None:
    # 3,374.99 less 40 % is 2,024.994; a missing operand stays missing.
    assert net_price4([33_749_900, -1, 100], [4000, 4000, -1]).tolist() == [
        20_249_940,
        -1,
        -1,
    ]


@given(rates, st.integers(0, 10_000))
def test_net_price_equals_decimal(rate: int, discount: int) -> None:
    exact = (Decimal(rate) * (10_000 - discount) / 10_000).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert int(net_price4(rate, discount)) == exact


def test_discount_above_list_is_refused() -> None:
    with pytest.raises(ValueError, match="fraction"):
        net_price4([1], [10_001])
