"""A waiver holds for the money it was given for, and a tenth more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cycles.calc.waiving import still_holds, tolerance_cents

MONEY = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("waived", "now", "holds"),
    [
        (1000, 1100, True),  # 1000 + 10 % = 1100
        (1000, 1101, False),
        (-1000, -1100, True),
        (1000, -100, True),  # other sign: only within the tolerance
        (1000, -101, False),
        (0, 0, True),
        (0, 1, False),
        (None, None, True),
        (None, 5, False),
        (5, None, False),
    ],
)
def test_limits(waived: int | None, now: int | None, holds: bool) -> None:
    assert still_holds(waived_cents=waived, tolerance=tolerance_cents(waived), money_cents=now) is holds


@given(MONEY, st.integers(0, 100))
def test_it_holds_for_its_own_money_and_for_less(waived: int, percent: int) -> None:
    less = abs(waived) * percent // 100 * (1 if waived >= 0 else -1)
    assert still_holds(waived_cents=waived, tolerance=tolerance_cents(waived), money_cents=less)
