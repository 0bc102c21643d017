"""Periods: quarters and years of any fiscal year, flows that add, balances that do not, and months nobody knows."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.calc.months import month_index
from finance.calc.periods import (
    Figure,
    Period,
    PeriodKind,
    added_months,
    balance_of,
    difference,
    flow_of,
    periods_in,
)

JUNE_2014 = month_index(date(2014, 6, 1))
APRIL_2015 = month_index(date(2015, 4, 1))
MAY_STARTS = 5  # AdventureWorks' year: May to April, named by its end


def names(kind: PeriodKind, first: int, last: int, start_month: int = MAY_STARTS) -> list[str]:
    return [period.name for period in periods_in(kind, first=first, last=last, start_month=start_month)]


def quarter(first: date) -> Period:
    (period,) = periods_in(
        PeriodKind.QUARTER, first=month_index(first), last=month_index(first) + 2, start_month=first.month
    )
    return period


def test_a_fiscal_year_from_may_has_its_quarters_from_may() -> None:
    assert names(PeriodKind.QUARTER, JUNE_2014, APRIL_2015) == ["Q1 FY2015", "Q2 FY2015", "Q3 FY2015", "Q4 FY2015"]
    assert names(PeriodKind.YEAR, JUNE_2014, APRIL_2015) == ["FY2015"]
    assert names(PeriodKind.YEAR, JUNE_2014, APRIL_2015 + 1) == ["FY2015", "FY2016"]


def test_a_calendar_year() -> None:
    assert names(PeriodKind.QUARTER, JUNE_2014, JUNE_2014 + 1, 1) == ["Q2 FY2014", "Q3 FY2014"]
    assert names(PeriodKind.MONTH, JUNE_2014, JUNE_2014 + 1, 1) == ["2014-06", "2014-07"]


def test_rolling_periods_end_with_each_month() -> None:
    assert names(PeriodKind.ROLLING, JUNE_2014, JUNE_2014 + 1) == ["12 months to 2014-06", "12 months to 2014-07"]
    first, _ = periods_in(PeriodKind.ROLLING, first=JUNE_2014, last=JUNE_2014 + 1, start_month=MAY_STARTS)
    assert (first.first, len(first.months)) == (month_index(date(2013, 7, 1)), 12)


def test_an_empty_span_has_no_periods() -> None:
    assert all(names(kind, JUNE_2014, JUNE_2014 - 1) == [] for kind in PeriodKind)


def test_flows_add_and_balances_take_the_end() -> None:
    months = {JUNE_2014: 9_000, JUNE_2014 + 1: 13_000, JUNE_2014 + 2: 11_000}  # revenue of FORMULAS §3
    stock = {JUNE_2014: 3_000, JUNE_2014 + 1: 2_400, JUNE_2014 + 2: 1_800}
    period = quarter(date(2014, 6, 1))
    assert flow_of(months, period).amount == 9_000 + 13_000 + 11_000
    assert balance_of(stock, period).amount == stock[JUNE_2014 + 2]


def test_a_month_that_is_not_known_is_never_zero() -> None:
    period = quarter(date(2014, 6, 1))
    assert flow_of({JUNE_2014: 7, JUNE_2014 + 2: 5}, period) == Figure(None, 7 + 5, 2, 3)
    assert flow_of({}, period) == Figure(None, None, 0, 3)
    assert flow_of({JUNE_2014: 0, JUNE_2014 + 1: 0, JUNE_2014 + 2: 0}, period).amount == 0
    assert flow_of({JUNE_2014: 7}, period).is_partial and not flow_of({}, period).is_partial


def test_a_balance_needs_its_last_month_only() -> None:
    period = quarter(date(2014, 6, 1))
    assert balance_of({JUNE_2014 + 2: 4}, period).amount == 4
    assert balance_of({JUNE_2014: 4, JUNE_2014 + 1: 4}, period).amount is None


def test_a_difference_needs_both() -> None:
    whole, partial = Figure(10, 10, 3, 3), Figure(None, 4, 1, 3)
    assert difference(whole, Figure(4, 4, 3, 3)).amount == 10 - 4
    assert difference(whole, partial).amount is None and difference(partial, whole).amount is None


def test_lines_add_over_the_months_that_all_of_them_know() -> None:
    revenue, cogs = {1: 100, 2: 200, 3: 300}, {2: 60, 3: 90}
    assert added_months([(1, revenue), (-1, cogs)]) == {2: 200 - 60, 3: 300 - 90}
    assert added_months([]) == {}


@settings(deadline=None)
@given(
    st.integers(24_000, 24_100),
    st.integers(0, 40),
    st.integers(1, 12),
    st.dictionaries(st.integers(23_980, 24_150), st.integers(-(10**12), 10**12)),
)
def test_quarters_tile_the_years_and_conserve_every_cent(
    first: int, length: int, start_month: int, months: dict[int, int]
) -> None:
    span = {"first": first, "last": first + length, "start_month": start_month}
    years, quarters = periods_in(PeriodKind.YEAR, **span), periods_in(PeriodKind.QUARTER, **span)
    assert years[0].first <= first and years[-1].last >= first + length
    assert all(q.last + 1 == after.first for q, after in zip(quarters, quarters[1:], strict=False))
    for year in years:
        inside = periods_in(PeriodKind.QUARTER, first=year.first, last=year.last, start_month=start_month)
        assert [q.quarter for q in inside] == [1, 2, 3, 4]
        assert sum(flow_of(months, q).known_amount or 0 for q in inside) == (flow_of(months, year).known_amount or 0)
        assert balance_of(months, inside[-1]) == balance_of(months, year)


@pytest.mark.parametrize("start_month", [0, 13])
def test_a_month_that_is_none(start_month: int) -> None:
    with pytest.raises(ValueError, match="month 1 to 12"):
        periods_in(PeriodKind.YEAR, first=JUNE_2014, last=JUNE_2014, start_month=start_month)
