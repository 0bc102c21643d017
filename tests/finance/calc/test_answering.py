"""How far answers reach: amounts with their signs, the limit inclusive, decisions until the gap moves."""

from __future__ import annotations

import pytest

from finance.calc.answering import Reach, is_decision_current, threshold_cents


@pytest.mark.parametrize(
    ("adjusted", "expected", "left", "is_reached"),
    [
        (0, 0, -2_000, False),
        (1_500, 0, -2_000 + 1_500, True),  # exactly the limit of 500 is within it
        (1_499, 0, -2_000 + 1_499, False),
        (0, 1_500, -2_000 + 1_500, True),
        (-350, 1_500, -2_000 - 350 + 1_500, False),  # a risk on top of the gap takes away what the action brings
        (4_600, 0, -2_000 + 4_600, False),  # far too much is no answer either
    ],
)
def test_what_is_left_of_a_gap(adjusted: int, expected: int, left: int, is_reached: bool) -> None:
    reach = Reach(gap=-2_000, adjusted=adjusted, expected=expected, limit=500)
    assert reach.needs_answer
    assert (reach.left, reach.is_reached) == (left, is_reached)


def test_a_gap_within_the_limit_needs_nothing() -> None:
    assert not Reach(gap=500, adjusted=0, expected=0, limit=500).needs_answer
    assert Reach(gap=501, adjusted=0, expected=0, limit=500).needs_answer


def test_the_threshold_is_the_larger_of_amount_and_fraction() -> None:
    assert threshold_cents(amount=1_000, fraction_ppm=50_000, reference=10_000) == 1_000
    assert threshold_cents(amount=1_000, fraction_ppm=50_000, reference=-100_000) == 100_000 * 5 // 100


@pytest.mark.parametrize(
    ("decided", "holds"), [(None, True), (-1_600, True), (-2_400, True), (-1_400, False), (0, False)]
)
def test_a_decision_covers_the_gap_it_was_made_about(decided: int | None, holds: bool) -> None:
    assert is_decision_current(gap=-2_000, decided=decided, limit=500) is holds
