"""When an assumption holds: the border, both kinds of tolerance, nothing expected, negative values."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cycles.calc.holding import Tolerance, Verdict, judge_assumption

VALUES = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


def judge(expected: str, actual: str, tolerance: str, kind: Tolerance = Tolerance.PERCENT):
    return judge_assumption(expected=Decimal(expected), actual=Decimal(actual), tolerance=Decimal(tolerance), kind=kind)


@pytest.mark.parametrize(
    ("expected", "actual", "tolerance", "kind", "verdict"),
    [
        ("100", "105", "5", Tolerance.PERCENT, Verdict.HELD),  # 5 % of 100 = 5: the border holds
        ("100", "105.01", "5", Tolerance.PERCENT, Verdict.BROKEN),
        ("100", "94.99", "5", Tolerance.PERCENT, Verdict.BROKEN),
        ("1.10", "1.12", "0.02", Tolerance.ABSOLUTE, Verdict.HELD),
        ("1.10", "1.1201", "0.02", Tolerance.ABSOLUTE, Verdict.BROKEN),
        ("-3", "-3.1", "5", Tolerance.PERCENT, Verdict.HELD),  # 5 % of |−3| = 0.15
        ("0", "0", "5", Tolerance.PERCENT, Verdict.HELD),
        ("0", "0.1", "5", Tolerance.PERCENT, Verdict.BROKEN),  # a share of nothing is nothing
    ],
)
def test_the_border_holds(expected: str, actual: str, tolerance: str, kind: Tolerance, verdict: Verdict) -> None:
    assert judge(expected, actual, tolerance, kind).verdict == verdict


def test_the_figures_of_a_judgement() -> None:
    judged = judge("-200", "-230", "10")
    assert (judged.deviation, judged.allowed) == (Decimal(-230) - Decimal(-200), Decimal(200) * 10 / 100)


def test_a_negative_tolerance_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        judge("1", "1", "-1")


@given(VALUES, VALUES, st.decimals(min_value=0, max_value=1000, places=4), st.sampled_from(Tolerance))
def test_a_wider_tolerance_never_breaks_what_held(
    expected: Decimal, actual: Decimal, tolerance: Decimal, kind: Tolerance
) -> None:
    narrow = judge_assumption(expected=expected, actual=actual, tolerance=tolerance, kind=kind)
    wide = judge_assumption(expected=expected, actual=actual, tolerance=tolerance + 1, kind=kind)
    assert narrow.verdict == Verdict.BROKEN or wide.verdict == Verdict.HELD
