"""What each market owes: its revenue split over due months by its own payment profile, counted from open invoices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import largest_remainder
from finance.calc.cash import (
    Invoices,
    issue_invoices,
    joined,
    open_balance,
    opening_invoices,
    payment_profile,
    settled,
)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

WHOLE = 10_000


@dataclass(frozen=True)
class Terms:
    """The payment profile of a market's customers: (days, ten-thousandths of an invoice), together 10,000."""

    parts: tuple[tuple[int, int], ...]
    is_default: bool = False

    @property
    def words(self) -> str:
        """The terms as people say them."""
        if len(self.parts) == 1:
            return f"{self.parts[0][0]} days"
        return ", ".join(f"{share / 100:g} % after {days} days" for days, share in self.parts)

    @property
    def profile(self) -> Floats:
        """Share of an invoice that falls due 0, 1, 2 … months later, summing to 1."""
        lags = [payment_profile(days) * (share / WHOLE) for days, share in self.parts]
        width = max(len(lag) for lag in lags)
        total: Floats = np.sum([np.pad(lag, (0, width - len(lag))) for lag in lags], axis=0)
        return total


@dataclass(frozen=True)
class MarketSales:
    """Revenue by market: keys (market,), `revenue` cents (market, month), `past` (market, past month), last = newest.

    `opening` is the company's stated balance in cents; None = run the terms over the past months instead.
    """

    markets: Ints
    revenue: Ints
    past: Ints
    terms: tuple[Terms, ...]
    opening: int | None


@dataclass(frozen=True)
class MarketReceivables:
    """Cents: `opening` (market,), `collections` and `balance` at each month's end (market, month)."""

    opening: Ints
    collections: Ints
    balance: Ints


def market_invoices(sales: MarketSales) -> tuple[Invoices, ...]:
    """Every market's invoices, open ones of the past included. A stated opening balance is shared over the markets by
    what their terms leave open of the past months (else by revenue) and falls due by each market's profile."""
    months = sales.revenue.shape[1]
    past = [_of_past(sales, row, months) for row in range(len(sales.markets))]
    if sales.opening is not None:
        weights = np.array([open_balance(part, 0)[0] for part in past], dtype=np.int64)
        weights = weights if (weights > 0).any() else sales.revenue.sum(axis=1)
        shares = largest_remainder(weights, sales.opening)
        past = [
            opening_invoices(int(share), terms.profile, months=months)
            for share, terms in zip(shares, sales.terms, strict=True)
        ]
    return tuple(
        joined(before, issue_invoices(amounts, terms.profile, months=months))
        for before, amounts, terms in zip(past, sales.revenue, sales.terms, strict=True)
    )


def market_receivables(invoices: tuple[Invoices, ...], months: int) -> MarketReceivables:
    """Balances and collections of each market, counted invoice by invoice."""
    if not invoices:
        nothing = np.zeros((0, months), dtype=np.int64)
        return MarketReceivables(nothing[:, 0] if months else np.zeros(0, np.int64), nothing, nothing)
    balances = np.stack([open_balance(part, months) for part in invoices])
    collections = np.stack([settled(part, months) for part in invoices])
    return MarketReceivables(balances[:, 0], collections, balances[:, 1:])


def _of_past(sales: MarketSales, row: int, months: int) -> Invoices:
    past = sales.past[row]
    return issue_invoices(past, sales.terms[row].profile, first=-len(past), months=months)
