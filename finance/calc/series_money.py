"""Dollars of a plan's series: upside, revenue, COGS at standard, and each series' part of the cost to serve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.calc.rounding import largest_remainder_by_group

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SeriesUnits:
    """Milli-units of series: `wanted` (unconstrained) and `shipped` (constrained), (series, month); keys (series,)."""

    items: Ints
    markets: Ints
    wanted: Ints
    shipped: Ints


@dataclass(frozen=True)
class SeriesRates:
    """Rates of the same series, (series, month), −1 = missing.

    `net_price4` ten-thousandths of the market's currency per unit, `cost4` and `channel_cost4` ten-thousandths of the
    reporting currency per unit, `fx6` millionths of the reporting currency per unit of the market's currency.
    """

    net_price4: Ints
    cost4: Ints
    channel_cost4: Ints
    fx6: Ints


@dataclass(frozen=True)
class SeriesMoney:
    """Cents of the reporting currency, (series, month)."""

    upside: Ints
    revenue: Ints
    cogs: Ints
    channel_cost: Ints


def dollarize(units: SeriesUnits, rates: SeriesRates) -> SeriesMoney:
    """Units × rate, rounded once per cell; a cell whose rate is missing makes no dollars and is a finding elsewhere."""
    price, fx = _usable(rates.net_price4), np.where(rates.fx6 > 0, rates.fx6, 1_000_000)
    price = np.where(rates.fx6 > 0, price, 0)
    return SeriesMoney(
        upside=to_cents(units.wanted, price, fx),
        revenue=to_cents(units.shipped, price, fx),
        cogs=to_cents(units.shipped, _usable(rates.cost4)),
        channel_cost=to_cents(units.shipped, _usable(rates.channel_cost4)),
    )


def share_premiums(units: SeriesUnits, premium_items: Ints, premiums: Ints) -> Ints:
    """Bring the premiums of items to their markets by what was shipped there, (series, month) cents.

    By largest remainder; an item's premium in a month without shipments is shared equally over its markets. Premiums
    of items without a series (components) stay with the company.

    Args:
        units: the series.
        premium_items: item keys (k,), repeats allowed.
        premiums: cents (k, month).
    """
    shared = np.zeros_like(units.shipped)
    sold = np.unique(units.items)
    if not len(sold):
        return shared
    known = np.isin(premium_items, sold)
    totals = np.zeros((len(sold), shared.shape[1]), dtype=np.int64)
    np.add.at(totals, np.searchsorted(sold, premium_items[known]), premiums[known])
    group = np.searchsorted(sold, units.items)
    return largest_remainder_by_group(units.shipped, group, totals)


def _usable(rate4: Ints) -> Ints:
    return np.maximum(rate4, 0)
