"""Rates that look wrong: a planned price far from what customers paid, a standard cost that jumps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import round_half_away

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FX6_ONE = 1_000_000
MILLI_RATE4_PER_CENT = 100_000


@dataclass(frozen=True)
class PriceGaps:
    """Per series (n,): `share` = planned ÷ actual average − 1 (NaN where either is not known), `cents` of a year."""

    share: Floats
    cents: Ints


def price_gaps(*, sold_units: Ints, sold_cents: Ints, net_price4: Ints, fx6: Ints) -> PriceGaps:
    """The mean planned net price against the average that was paid, and what the difference is over a year's units.

    Args:
        sold_units: milli-units of the last twelve closed months (n,).
        sold_cents: net sales of the same, reporting currency (n,).
        net_price4: planned, ten-thousandths of the market's currency (n, month); 0 or −1 = none in that month.
        fx6: plan rate, millionths (n, month).
    """
    usable = (net_price4 > 0) & (fx6 > 0)
    planned = np.where(usable, net_price4 * (fx6 / FX6_ONE), 0.0).sum(axis=1) / np.maximum(usable.sum(axis=1), 1)
    known = usable.any(axis=1) & (sold_units > 0) & (sold_cents > 0)
    paid = np.where(known, sold_cents * float(MILLI_RATE4_PER_CENT) / np.where(known, sold_units, 1), 1.0)
    share = np.where(known, planned / paid - 1, np.nan)
    cents = np.where(known, (planned - paid) * sold_units / MILLI_RATE4_PER_CENT, 0.0)
    return PriceGaps(share, round_half_away(cents))


@dataclass(frozen=True)
class CostJumps:
    """Per item (k,): the month position of the largest jump (0 = the plan's first month against the one before), the
    costs around it in ten-thousandths, and its `share`; NaN where the cost never moves or is not known."""

    month: Ints
    before4: Ints
    after4: Ints
    share: Floats


def cost_jumps(cost4: Ints) -> CostJumps:
    """The largest relative change of standard from one month to the next.

    Args:
        cost4: ten-thousandths (k, 1 + month), the first column before the plan; 0 or −1 = none.
    """
    before, after = cost4[:, :-1], cost4[:, 1:]
    known = (before > 0) & (after > 0)
    share = np.where(known, after / np.where(known, before, 1) - 1, 0.0)
    month = np.abs(share).argmax(axis=1)
    at = month[:, None]
    largest = np.take_along_axis(share, at, axis=1)[:, 0]
    return CostJumps(
        month=month,
        before4=np.take_along_axis(before, at, axis=1)[:, 0],
        after4=np.take_along_axis(after, at, axis=1)[:, 0],
        share=np.where(largest == 0, np.nan, largest),
    )
