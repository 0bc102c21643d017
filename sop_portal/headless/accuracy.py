"""How good the earlier plans were, for the console and for accuracy.csv: by family and lag, beside the seasonal naive."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from cycles.models import Plan
from demand.services.accuracy import FamilyAccuracy, accuracy_by_family

COLUMNS = ("family", "lag", "months", "units", "wmape", "bias", "naive_wmape", "naive_bias")
ALL = "(all)"
MOST_SHOWN = 10.0


def write_accuracy(plan: Plan, path: Path) -> list[FamilyAccuracy]:
    """Judge the plans of earlier cycles by the months closed since and write one row per family and lag.

    Fractions with four decimals; blank where nothing was sold. A first cycle has nothing to judge: only the header.
    """
    judged = accuracy_by_family(plan)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for family in judged:
            for lag in family.lags:
                errors = (lag.wmape, lag.bias, lag.naive_wmape, lag.naive_bias)
                name = family.family or ALL
                writer.writerow([name, lag.lag, lag.months, lag.actual / 1000, *(_fraction(value) for value in errors)])
    return judged


def accuracy_lines(judged: list[FamilyAccuracy]) -> Iterator[str]:
    """A line per family with units behind it: WMAPE of the plan against the seasonal naive, and bias, per lag."""
    if judged:
        yield "  WMAPE of earlier plans / seasonal naive (bias), lags 1, 2, 3:"
    for family in judged:
        if any(lag.actual for lag in family.lags):
            cells = (
                f"{_percent(lag.wmape)} / {_percent(lag.naive_wmape)} ({_percent(lag.bias, sign='+')})"
                for lag in family.lags
            )
            yield f"  {family.family or ALL:<20} {'   '.join(cells)}"


def _fraction(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _percent(value: float | None, sign: str = "") -> str:
    if value is None:
        return "n/a"
    return f"> {MOST_SHOWN * 100:.0f} %" if value > MOST_SHOWN else f"{value * 100:{sign}.0f} %"
