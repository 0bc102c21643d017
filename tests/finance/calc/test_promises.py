"""Promised against came: shares add to the change, years keep their part, unknown is never zero."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.calc.promises import by_fiscal_year, measured, open_part, shared_part, spread_evenly

JUNE = 2014 * 12 + 5


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=8))
def test_the_parts_of_a_change_add_to_it(change: int, weights: list[int]) -> None:
    before, parts = 0, []
    for own in weights:
        parts.append(shared_part(change, before=before, own=own, total=sum(weights)))
        before += own
    assert sum(parts) == (change if sum(weights) else 0)


def test_a_change_is_shared_by_what_was_promised() -> None:
    # 100.01 over promises of 2 and 1: two thirds are 66.6733, rounded 66.67; the rest is 33.34
    assert shared_part(100_01, before=0, own=2, total=3) == 66_67
    assert shared_part(100_01, before=2, own=1, total=3) == 100_01 - 66_67
    with pytest.raises(ValueError, match="do not fit"):
        shared_part(1, before=2, own=2, total=3)


def test_two_promises_on_one_scope_share_what_came() -> None:
    promised = [{JUNE: 300_00, JUNE + 1: 300_00}, {JUNE: 100_00}]
    base = [{JUNE: 1_000_00, JUNE + 1: 1_000_00}, {JUNE: 1_000_00}]
    first, second = measured(promised, base, {JUNE: 1_200_00})
    change = 1_200_00 - 1_000_00
    assert [row.came for row in first] == [change * 300 // 400, None]  # July has not closed: not known, not 0
    assert [row.came for row in second] == [change * 100 // 400]


def test_a_promise_without_a_landing_is_not_known() -> None:
    ((row,),) = measured([{JUNE: 300_00}], [{}], {JUNE: 1_200_00})
    assert (row.promised, row.base, row.actual, row.came) == (300_00, None, 1_200_00, None)


def test_a_timing_over_the_year_end_shows_its_part_in_each_year() -> None:
    december = 2014 * 12 + 11
    assert by_fiscal_year({december: -50_00, december + 1: 50_00}, 1) == {2014: -50_00, 2015: 50_00}
    assert by_fiscal_year({JUNE: -50_00, JUNE + 1: 50_00}, 1) == {2014: 0}
    assert by_fiscal_year({JUNE: 0}, 1) == {}
    assert by_fiscal_year({JUNE: -50_00, JUNE + 1: 50_00}, 7) == {2014: -50_00, 2015: 50_00}  # the year starts in July


def test_what_is_still_to_come_counts_open_months_of_the_year() -> None:
    months = {JUNE: 1, JUNE + 1: 10, JUNE + 6: 100, JUNE + 7: 1_000}
    assert open_part(months, first=JUNE + 1, last=JUNE + 6) == 10 + 100


def test_a_total_is_spread_to_the_cent() -> None:
    assert spread_evenly(-100_01, 3) == (-33_34, -33_34, -33_33)
