"""Planned prices against what was paid, and standards that jump: shares and dollars by hand."""

from __future__ import annotations

import numpy as np
import pytest

from finance.calc.rate_findings import cost_jumps, price_gaps


def block(*rows: list[int]) -> np.ndarray:
    return np.array(rows, dtype=np.int64)


def test_price_gap_is_planned_over_paid_in_the_reporting_currency() -> None:
    """10 units brought 900.00, 90 each; planned 80 and 64 in a currency of 1.5 are (120 + 96) / 2 = 108: 20 % more."""
    gaps = price_gaps(
        sold_units=np.array([10_000]),
        sold_cents=np.array([900_00]),
        net_price4=block([80_0000, 64_0000]),
        fx6=block([1_500_000, 1_500_000]),
    )
    assert gaps.share.tolist() == pytest.approx([108 / 90 - 1])
    assert gaps.cents.tolist() == [10 * (108 - 90) * 100]


@pytest.mark.parametrize(("units", "cents", "price"), [(0, 5, 1), (5, 0, 1), (5, -5, 1), (5, 5, 0), (5, 5, -1)])
def test_what_is_not_known_is_no_gap(units: int, cents: int, price: int) -> None:
    gaps = price_gaps(
        sold_units=np.array([units]), sold_cents=np.array([cents]), net_price4=block([price]), fx6=block([1_000_000])
    )
    assert np.isnan(gaps.share).all() and gaps.cents.tolist() == [0]


def test_the_largest_jump_counts_with_its_month() -> None:
    """100 → 110 (+10 %), then 110 → 55 (−50 %); a missing cost is no jump; a steady one neither."""
    jumps = cost_jumps(block([100, 110, 55], [-1, 70, 70], [100, 0, 100], [9, 9, 9]))
    assert (jumps.month[0], jumps.before4[0], jumps.after4[0]) == (1, 110, 55)
    assert jumps.share[0] == pytest.approx(-0.5)
    assert np.isnan(jumps.share[1:]).all()
