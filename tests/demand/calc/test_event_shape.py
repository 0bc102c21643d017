"""The units of an event over its months: totals kept in whole steps, shapes as their names say."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demand.calc.event_shape import (
    Shape,
    days_in_months,
    discount_of_month,
    lift_total,
    over_markets,
    over_months,
    shape_weights,
)

MARCH = 2014 * 12 + 2


def test_days_of_the_months_that_an_event_touches() -> None:
    months, days, lengths = days_in_months(date(2014, 3, 22), date(2014, 5, 1))
    assert (months, days.tolist(), lengths.tolist()) == ([MARCH, MARCH + 1, MARCH + 2], [10, 30, 1], [31, 30, 31])


def test_a_lift_counts_the_days_only() -> None:
    """A fifth more on 310 units during 10 of 31 days and on 300 during the whole of April: 0.2 × (100 + 300) = 80."""
    assert lift_total(np.array([310_000, 300_000]), np.array([10 / 31, 1.0]), 2_000) == 80_000


@pytest.mark.parametrize(
    ("shape", "months"),
    [
        (Shape.DAYS, [15, 45, 0]),  # 10 and 30 of 40 days
        (Shape.FLAT, [20, 20, 20]),
        (Shape.FRONT, [30, 20, 10]),
        (Shape.RAMP, [10, 20, 30]),
    ],
)
def test_sixty_units_in_each_shape(shape: Shape, months: list[int]) -> None:
    weights = shape_weights(shape, np.array([10, 30, 0]))
    assert over_months(60_000, weights, 10).tolist() == [unit * 1000 for unit in months]


def test_a_discount_of_ten_days_is_a_third_of_the_month() -> None:
    """20 % × 10 ÷ 30 = 6.67 %."""
    assert list(discount_of_month(2_000, np.array([10 / 30, 1.0]))) == [667, 2_000]


@given(
    st.integers(-10**6, 10**6), st.lists(st.integers(1, 31), min_size=1, max_size=6),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=5), st.sampled_from(list(Shape)), st.sampled_from([1, 10, 1000]),
)  # fmt: skip
def test_no_unit_is_lost_over_months_and_markets(
    steps: int, days: list[int], markets: list[int], shape: Shape, quantum: int
) -> None:
    months = over_months(steps * quantum, shape_weights(shape, np.array(days)), quantum)
    assert months.sum() == steps * quantum
    spread = over_markets(months, np.array([[size] * len(days) for size in markets]), quantum)
    assert (spread.sum(axis=0) == months).all() and not (spread % quantum).any()
