"""Accuracy on the console: a line per family with units, nothing for a first cycle."""

from __future__ import annotations

from demand.calc.accuracy import Accuracy
from demand.services.accuracy import FamilyAccuracy
from sop_portal.headless.accuracy import accuracy_lines


def lag(number: int, actual: int, wmape: float | None, naive: float | None, bias: float | None) -> Accuracy:
    return Accuracy(
        lag=number,
        months=1,
        actual=actual,
        wmape=wmape,
        bias=bias,
        baseline_wmape=wmape,
        baseline_bias=bias,
        naive_wmape=naive,
        naive_bias=None,
    )


def test_a_first_cycle_has_nothing_to_say() -> None:
    assert list(accuracy_lines([])) == []


def test_a_line_per_family_with_units() -> None:
    families = [
        FamilyAccuracy("", (lag(1, 90_000, 0.544, 0.9, -0.19), lag(2, 90_000, 0.6, 20.5, 0.049))),
        FamilyAccuracy("Lamps", (lag(1, 5_000, None, None, None),)),
        FamilyAccuracy("Silent", (lag(1, 0, None, None, None),)),
    ]
    title, everything, lamps = accuracy_lines(families)
    assert "seasonal naive" in title
    assert " ".join(everything.split()) == "(all) 54 % / 90 % (-19 %) 60 % / > 1000 % (+5 %)"
    assert " ".join(lamps.split()) == "Lamps n/a / n/a (n/a)"
