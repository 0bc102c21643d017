"""ABC by cumulative revenue, XYZ by sample variation: limits, the crossing item, and what is in no class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demand.calc.item_classes import ClassLimits, revenue_classes, variation_classes

LIMITS = ClassLimits()


def test_the_item_that_crosses_belongs_to_the_higher_class() -> None:
    # of 100: before the third lie 79 < 80, so it crosses and is A; before the fourth 90 < 95: B; before the fifth 95: C
    classes, reached = revenue_classes([50, 29, 11, 5, 4, 1], LIMITS)
    assert "".join(classes) == "AAABCC"
    assert reached.tolist() == pytest.approx([0.50, 0.79, 0.90, 0.95, 0.99, 1.00])


def test_an_item_that_lands_on_the_limit_closes_its_class() -> None:
    assert "".join(revenue_classes([80, 15, 5], LIMITS)[0]) == "ABC"


def test_without_revenue_there_is_no_class() -> None:
    classes, reached = revenue_classes([0, 100, -7], LIMITS)
    assert classes.tolist() == ["–", "A", "–"] and np.isnan(reached[[0, 2]]).all()
    assert revenue_classes([], LIMITS)[0].tolist() == [] and revenue_classes([0], LIMITS)[0].tolist() == ["–"]


@given(st.lists(st.integers(-50, 10_000), max_size=30))
def test_classes_never_rise_as_revenue_falls_and_a_holds_its_share(cents: list[int]) -> None:
    classes, _ = revenue_classes(cents, LIMITS)
    ranked = [classes[place] for place in sorted(range(len(cents)), key=lambda place: -cents[place])]
    assert ranked == sorted(ranked, key="ABC–".index)
    earning = sum(value for value in cents if value > 0)
    assert sum(value for value, letter in zip(cents, classes, strict=True) if letter == "A") >= 0.8 * earning - 1e-9


def test_variation_is_the_sample_deviation_over_the_mean() -> None:
    # 8, 12: mean 10, sample variance ((−2)² + 2²) ÷ 1 = 8; the population's would be 4
    classes, variation = variation_classes(np.array([[8, 12], [5, 15], [0, 20]]), LIMITS)
    assert variation.tolist() == pytest.approx([8**0.5 / 10, 50**0.5 / 10, 200**0.5 / 10])
    assert classes.tolist() == ["X", "Y", "Z"]


def test_limits_are_inclusive_and_the_companys() -> None:
    own = ClassLimits(x=8**0.5 / 10, y=50**0.5 / 10)
    assert variation_classes(np.array([[8, 12], [5, 15]]), own)[0].tolist() == ["X", "Y"]
    assert "".join(revenue_classes([60, 30, 10], ClassLimits(a=0.5, b=0.6))[0]) == "ACC"


@pytest.mark.parametrize("units", [[[0, 0, 0]], [[5, -5, 0]], [[7]]])
def test_what_has_no_mean_or_one_month_does_not_vary(units: list[list[int]]) -> None:
    classes, variation = variation_classes(np.array(units), LIMITS)
    assert classes.tolist() == ["–"] and np.isnan(variation).all()
