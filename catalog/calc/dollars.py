"""Units × rate in exact integers, rounded once per cell: the one way in which this product makes money from units."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]

MILLI_TIMES_RATE4_PER_CENT = 100_000
FX6_ONE = 1_000_000
RATE4_ONE = 10_000
_LIMIT = 2**63 - MILLI_TIMES_RATE4_PER_CENT
_FX_LIMIT = 10**12


def to_cents(units_milli: ArrayLike, rate4: ArrayLike, fx6: ArrayLike | None = None) -> Ints:
    """Amounts = units × rate (× exchange rate), rounded to cents once per cell, half away from zero.

    Args:
        units_milli: milli-units, any sign (returns are negative), any shape.
        rate4: ten-thousandths of the market's currency per unit, not negative; shapes broadcast.
        fx6: millionths of the reporting currency per unit of the market's currency; none = the same currency.

    Returns:
        int64 cents of the reporting currency (hundredths, also for a currency without decimals).

    Raises:
        ValueError: a rate is negative (−1 marks a missing one: it must never be used) or an exchange rate is not
            positive or above a million.
        OverflowError: an amount does not fit 64 bits.
    """
    units, rates = np.broadcast_arrays(np.asarray(units_milli, np.int64), np.asarray(rate4, np.int64))
    if (rates < 0).any():
        raise ValueError("A missing rate (−1) cannot make dollars.")
    largest = _largest(units) * _largest(rates)
    if largest > _LIMIT:
        return _exactly(units, rates, fx6)
    product = units * rates
    if fx6 is None:
        return _divide(product, MILLI_TIMES_RATE4_PER_CENT)
    fx = _checked_fx(fx6)
    if (fx == FX6_ONE).all():
        shape = np.broadcast_shapes(product.shape, fx.shape)
        return np.broadcast_to(_divide(product, MILLI_TIMES_RATE4_PER_CENT), shape).copy()
    if largest // (MILLI_TIMES_RATE4_PER_CENT * FX6_ONE) * _largest(fx) > _LIMIT:
        return _exactly(units, rates, fx6)
    return _times_fx(product, fx)


def net_price4(list4: ArrayLike, discount4: ArrayLike) -> Ints:
    """Net price = list × (1 − discount), to ten-thousandths, half away from zero; shapes broadcast.

    Args:
        list4: list price, ten-thousandths of a currency per unit; −1 = missing.
        discount4: fraction off list in ten-thousandths (0 to 10,000, negative below −1 for a surcharge is refused);
            −1 = not given.

    Returns:
        int64 ten-thousandths; −1 wherever either operand is missing.

    Raises:
        ValueError: a discount is above 100 % or below −1.
    """
    lists, discounts = np.broadcast_arrays(np.asarray(list4, np.int64), np.asarray(discount4, np.int64))
    if (discounts > RATE4_ONE).any() or (discounts < -1).any():
        raise ValueError("A discount is a fraction between 0 and 1.")
    missing = (lists < 0) | (discounts < 0)
    return np.where(
        missing,
        np.int64(-1),
        _divide(np.where(missing, 0, lists * (RATE4_ONE - discounts)), RATE4_ONE),
    )


def _largest(numbers: Ints) -> int:
    return max(int(numbers.max(initial=0)), -int(numbers.min(initial=0)))


def _checked_fx(fx6: ArrayLike) -> Ints:
    fx = np.asarray(fx6, np.int64)
    if (fx <= 0).any() or (fx > _FX_LIMIT).any():
        raise ValueError("An exchange rate is positive and at most a million.")
    return fx


def _divide(product: Ints, divisor: int) -> Ints:
    """product / divisor, half away from zero; |product| + divisor / 2 fits 64 bits."""
    size = (np.abs(product) + divisor // 2) // divisor
    return np.where(product < 0, -size, size)


def _times_fx(product: Ints, fx: Ints) -> Ints:
    """product × fx / 10^11 without leaving 64 bits: the dividend is split so that every part stays exact.

    With |p| = q·10^11 + r, r = a·10^6 + b and a·fx = s·10^5 + t: result = q·fx + s + (t·10^6 + b·fx) / 10^11.
    """
    divisor = MILLI_TIMES_RATE4_PER_CENT * FX6_ONE
    whole, rest = np.divmod(np.abs(product), divisor)
    upper, lower = np.divmod(rest, FX6_ONE)
    carried, left = np.divmod(upper * fx, MILLI_TIMES_RATE4_PER_CENT)
    tail = left * FX6_ONE + lower * fx
    size = whole * fx + carried + (tail + divisor // 2) // divisor
    return np.where(product < 0, -size, size)


def _exactly(units: Ints, rates: Ints, fx6: ArrayLike | None) -> Ints:
    """The same in Python integers, for amounts whose product leaves 64 bits; slow and rare."""
    fx = np.asarray(FX6_ONE) if fx6 is None else _checked_fx(fx6)
    product = units.astype(object) * rates.astype(object) * fx.astype(object)
    divisor = MILLI_TIMES_RATE4_PER_CENT * FX6_ONE
    size = (abs(product) + divisor // 2) // divisor
    amounts: Ints = np.where(product < 0, -size, size).astype(np.int64)
    return amounts
