"""Accuracy on the console: a line per family with units, nothing for a first cycle."""

from __future__ import annotations

from demand.calc.accuracy import Errors
from demand.services.accuracy import Accuracy, FamilyAccuracy
from sop_portal.headless.accuracy import accuracy_lines


def lag(number: int, actual: int, *, missed: int = 0, naive: int = 0, high: int = 0) -> Accuracy:
    """Σ|A|, Σ|A−F| of the plan and of the naive, Σ(F−A) of the plan, milli-units."""
    plan = Errors(actual, missed, high, cents=0, unpriced=0, mase=None, tracking_signal=None)
    before = Errors(actual, naive, 0, cents=0, unpriced=0, mase=None, tracking_signal=None)
    return Accuracy(number, 1, plan, plan, before)


def test_a_first_cycle_has_nothing_to_say() -> None:
    assert list(accuracy_lines([])) == []


def test_a_line_per_family_with_units() -> None:
    first = lag(1, 90_000, missed=48_960, naive=81_000, high=-17_100)
    second = lag(2, 10_000, missed=6_000, naive=205_000, high=490)
    families = [
        FamilyAccuracy("", (first, second)),
        FamilyAccuracy("Lamps", (lag(1, 5_000, missed=2_000, naive=500), lag(2, 0, missed=700))),
        FamilyAccuracy("Silent", (lag(1, 0, missed=1_000),)),
    ]
    title, everything, lamps = accuracy_lines(families)
    assert "seasonal naive" in title
    assert " ".join(everything.split()) == "(all) 54 % / 90 % (-19 %) 60 % / > 1000 % (+5 %)"
    assert " ".join(lamps.split()) == "Lamps 40 % / 10 % (+0 %) n/a / n/a (n/a)"
