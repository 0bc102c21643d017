"""Months of the command line, texts of money, and the stop watch."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date

import pytest

from sop_portal.headless.measures import Steps
from sop_portal.headless.outputs import money
from sop_portal.management.commands.run_cycle import month_of, months_of


def test_months_of_includes_both_ends_across_years() -> None:
    months = months_of("2013-11..2014-02")
    assert months == [date(2013, 11, 1), date(2013, 12, 1), date(2014, 1, 1), date(2014, 2, 1)]
    assert months_of("2013-11..2013-11") == [month_of("2013-11")]


@pytest.mark.parametrize("text", ["2013-00", "2013-13", "2013-1", "13-01", "2013/01", "2013-01-01", "", "2013-01 "])
def test_what_is_no_month(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not YYYY-MM"):
        month_of(text)


@pytest.mark.parametrize("text", ["2013-11", "2013-11..", "..2013-11", "2014-01..2013-12", "2013-11...2013-12"])
def test_what_is_no_run_of_months(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        months_of(text)


@pytest.mark.parametrize(("cents", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-12_345, "-123.45"), (None, "")])
def test_money_as_text(cents: int | None, text: str) -> None:
    assert money(cents) == text


def test_a_step_adds_up_and_counts_when_it_fails() -> None:
    steps = Steps()
    for _ in range(2):
        with steps.measure("import"):
            pass
    with pytest.raises(ZeroDivisionError), steps.measure("demand"):
        raise ZeroDivisionError
    assert list(steps.as_dict()) == ["import", "demand"]
    assert all(step["seconds"] >= 0 and step["peak_mib"] > 1 for step in steps.as_dict().values())
