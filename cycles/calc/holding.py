"""Whether an assumption held: its actual beside what was expected and how far off it may be."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Tolerance(StrEnum):
    """How the tolerance is meant: in the metric's own unit, or in percent of the expected value."""

    ABSOLUTE = "absolute"
    PERCENT = "percent"

    @property
    def label(self) -> str:
        """The name people read."""
        return {"absolute": "In the metric's unit", "percent": "% of the expected value"}[self.value]


class Verdict(StrEnum):
    """What the actual months say."""

    HELD = "held"
    BROKEN = "broken"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict with its figures, in the metric's unit: deviation = actual − expected, |deviation| ≤ allowed holds."""

    verdict: Verdict
    deviation: Decimal
    allowed: Decimal


def judge_assumption(*, expected: Decimal, actual: Decimal, tolerance: Decimal, kind: Tolerance) -> Judgement:
    """Judge an actual: |actual − expected| ≤ allowed, where allowed = tolerance, or tolerance % of |expected|.

    The border holds. With nothing expected a percentage allows nothing: any actual but zero is broken.

    Args:
        expected, actual: in the metric's unit, signed.
        tolerance: 0 or more, in the metric's unit or in percent (5 = 5 %).
        kind: how `tolerance` is meant.

    Raises:
        ValueError: a negative tolerance.
    """
    if tolerance < 0:
        raise ValueError("a tolerance is 0 or more")
    allowed = tolerance if kind == Tolerance.ABSOLUTE else abs(expected) * tolerance / 100
    deviation = actual - expected
    return Judgement(Verdict.HELD if abs(deviation) <= allowed else Verdict.BROKEN, deviation, allowed)
