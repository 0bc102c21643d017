"""Receivables by market: each pays by its own profile, and what the markets owe adds up to the company's."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.calc.receivables import MarketSales, Terms, market_invoices, market_receivables

CASH_SALES, THIRTY, SPLIT = Terms(((0, 10_000),)), Terms(((30, 10_000),)), Terms(((30, 4_000), (60, 6_000)))


def sales(*revenue: list[int], terms: tuple[Terms, ...], opening: int | None, past: int = 0) -> MarketSales:
    block = np.array(revenue, dtype=np.int64)
    return MarketSales(np.arange(len(block)), block, np.full((len(block), 3), past, np.int64), terms, opening)


def test_words_of_terms() -> None:
    assert (THIRTY.words, SPLIT.words) == ("30 days", "40 % after 30 days, 60 % after 60 days")


def test_each_market_pays_by_its_own_profile() -> None:
    """100 a month: paid at once; a month later; 40 after one month and 60 after two."""
    books = sales(*([100, 100, 100],) * 3, terms=(CASH_SALES, THIRTY, SPLIT), opening=0)
    owed = market_receivables(market_invoices(books), 3)
    assert owed.collections.tolist() == [[100] * 3, [0, 100, 100], [0, 40, 40 + 60]]
    assert owed.balance.tolist() == [[0] * 3, [100] * 3, [100, 100 + 60, 100 + 60]]


def test_without_a_balance_the_terms_run_over_the_closed_months() -> None:
    """Past months of 100: nothing open, one month open, and 100 + 60 of the split."""
    books = sales(*([0, 0, 0],) * 3, terms=(CASH_SALES, THIRTY, SPLIT), opening=None, past=100)
    owed = market_receivables(market_invoices(books), 3)
    assert owed.opening.tolist() == [0, 100, 100 + 60]
    assert owed.collections.tolist() == [[0] * 3, [100, 0, 0], [40 + 60, 60, 0]]


def test_a_stated_balance_is_shared_by_what_the_terms_leave_open() -> None:
    """Open by their terms: 100 of the one, 160 of the other; 520 stated = 200 and 320."""
    books = sales([0] * 3, [0] * 3, terms=(THIRTY, SPLIT), opening=520, past=100)
    owed = market_receivables(market_invoices(books), 3)
    assert owed.opening.tolist() == [200, 320]
    assert owed.collections.sum() == 520


def test_no_market_owes_nothing() -> None:
    owed = market_receivables((), 2)
    assert owed.balance.shape == (0, 2)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(-5_000, 90_000), min_size=4, max_size=4), min_size=1, max_size=4),
    st.one_of(st.none(), st.integers(0, 500_000)),
    st.data(),
)
def test_balance_rolls_to_the_cent_for_any_terms(
    revenue: list[list[int]], opening: int | None, data: st.DataObject
) -> None:
    share = data.draw(st.integers(1, 9_999))
    days = data.draw(st.lists(st.integers(0, 120), min_size=2, max_size=2, unique=True))
    terms = Terms(((days[0], share), (days[1], 10_000 - share)))
    books = sales(*revenue, terms=(terms,) * len(revenue), opening=opening, past=777)
    owed = market_receivables(market_invoices(books), 4)
    before = np.concatenate([owed.opening[:, None], owed.balance[:, :-1]], axis=1)
    assert (owed.balance == before + books.revenue - owed.collections).all()
    if opening is not None:
        assert owed.opening.sum() == opening
