"""What customers really paid of list: discounts measured over the last closed months."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import RATE4_ONE
from catalog.calc.rounding import round_half_away

Ints = NDArray[np.int64]

RATE4_PER_CENT_AND_MILLI = 100_000


class DiscountRule(IntEnum):
    """Where the discount of a cell came from."""

    NONE = 0
    PLANNED = 1
    RECENT_FAMILY_MARKET = 2
    RECENT_MARKET = 3
    AVERAGE_ITEM_MARKET = 4
    AVERAGE_ITEM = 5


def recent_discounts(*, family: Ints, market: Ints, amounts: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """1 − Σ net ÷ Σ list per family × market, else per market, of the series asked for.

    Args:
        family, market: keys (n,) of the series that were sold.
        amounts: (2, n) cents, net and at list price, summed over the window.
        wanted: (2, m) family and market keys asked for.

    Returns:
        discount4 (m,), ten-thousandths between 0 and 10,000 (a surcharge counts as 0), −1 where nothing was sold; and
        the `DiscountRule` (m,).
    """
    narrow = _ratio(family * (2**31) + market, amounts, wanted[0] * (2**31) + wanted[1])
    wide = _ratio(market, amounts, wanted[1])
    found, fallback = narrow >= 0, wide >= 0
    rule = np.where(
        found,
        np.int64(DiscountRule.RECENT_FAMILY_MARKET),
        np.where(fallback, np.int64(DiscountRule.RECENT_MARKET), np.int64(DiscountRule.NONE)),
    )
    return np.where(found, narrow, wide), rule


def average_prices(*, items: Ints, markets: Ints, sold: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """Net sales ÷ units per item × market, else per item over all markets, of the series asked for.

    Args:
        items, markets: keys (n,) of the series that were sold.
        sold: (2, n) milli-units and cents of the reporting currency, summed over the window.
        wanted: (2, m) item and market keys asked for.

    Returns:
        Ten-thousandths of the reporting currency per unit (m,), −1 where nothing was sold at a price above 0; and the
        `DiscountRule` (m,).
    """
    narrow = _average(items * (2**31) + markets, sold, wanted[0] * (2**31) + wanted[1])
    wide = _average(items, sold, wanted[0])
    rule = np.where(
        narrow > 0,
        np.int64(DiscountRule.AVERAGE_ITEM_MARKET),
        np.where(wide > 0, np.int64(DiscountRule.AVERAGE_ITEM), np.int64(DiscountRule.NONE)),
    )
    return np.where(narrow > 0, narrow, wide), rule


def _average(keys: Ints, sold: Ints, wanted: Ints) -> Ints:
    known, place = np.unique(keys, return_inverse=True)
    if not len(known):
        return np.full(len(wanted), -1, np.int64)
    units, cents = (np.bincount(place, part, len(known)) for part in sold)
    priced = (units > 0) & (cents > 0)
    price = np.where(priced, cents * float(RATE4_PER_CENT_AND_MILLI) / np.where(priced, units, 1.0), -1.0)
    position = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[position] == wanted, round_half_away(price)[position], -1).astype(np.int64)


def _ratio(keys: Ints, amounts: Ints, wanted: Ints) -> Ints:
    known, place = np.unique(keys, return_inverse=True)
    if not len(known):
        return np.full(len(wanted), -1, np.int64)
    net = np.bincount(place, amounts[0], len(known))
    at_list = np.bincount(place, amounts[1], len(known))
    sold = (at_list > 0) & (net > 0)
    paid = np.divide(net, at_list, out=np.ones_like(net), where=sold)
    discount = np.where(sold, np.clip(round_half_away((1.0 - paid) * RATE4_ONE), 0, RATE4_ONE), -1)
    position = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[position] == wanted, discount[position], -1).astype(np.int64)
