"""How an item begins and ends: the launch curve and the ramp of its last months, as the company's own items had them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Months of a curve; an item is itself from the next one on.
RAMP = 6
#: With fewer items to learn from there is no curve: every month counts as a whole one.
LEAST_ITEMS = 5
LEAST, MOST = 0.1, 2.0


@dataclass(frozen=True)
class Curves:
    """Parts of the settled level: `launch` (6,) in the first to sixth month, `ending` (6,) in the last to sixth-last."""

    launch: Floats
    ending: Floats


def curves_of(shares: Floats, launch: Ints, end: Ints) -> Curves:
    """The median share of their family that items had in their first and last six months ÷ in the six after or before.

    Shares, not units: season and trend are the family's, and a range that is launched together does not look like a
    ramp.

    Args:
        shares: (n, T) part of each item in the units of its family, all markets, oldest first.
        launch: (n,) column of the first month on the market; outside 1 … T − 12: not to be learnt from.
        end: (n,) column of the last one; outside 11 … T − 2: not to be learnt from.

    Returns:
        Parts between 0.1 and 2, all 1 where fewer than five items can tell.
    """
    months = shares.shape[1]
    first = np.flatnonzero((launch >= 1) & (launch <= months - 2 * RAMP))
    last = np.flatnonzero((end >= 2 * RAMP - 1) & (end <= months - 2))
    ahead = launch[first][:, None] + np.arange(2 * RAMP)[None, :]
    behind = end[last][:, None] - np.arange(2 * RAMP)[None, :]
    return Curves(_parts(shares[first[:, None], ahead]), _parts(shares[last[:, None], behind]))


def life_factors(curves: Curves, launch: Ints, end: Ints, *, first: int, horizon: int) -> Floats:
    """(n, H) what an item's rate is to be multiplied with in each month of the horizon, 1 for a settled item.

    A new item follows the launch curve; one launched within the last six months goes on from where its own months stand
    on it. An item about to end follows the other.

    Args:
        curves: of the company.
        launch, end: (n,) month numbers, inclusive.
        first: month number of the first month of the horizon.
        horizon: H.
    """
    months = first + np.arange(horizon)[None, :]
    age, left = months - launch[:, None], end[:, None] - months
    up = np.where((age >= 0) & (age < RAMP), curves.launch[np.clip(age, 0, RAMP - 1)], 1.0)
    down = np.where((left >= 0) & (left < RAMP), curves.ending[np.clip(left, 0, RAMP - 1)], 1.0)
    lived = np.clip(first - launch, 0, RAMP)
    running = np.concatenate([[1.0], np.cumsum(curves.launch) / np.arange(1, RAMP + 1)])
    seen = np.where(lived < RAMP, running[lived], 1.0)
    factors: Floats = up / seen[:, None] * down
    return factors


def _parts(sold: Floats) -> Floats:
    """(6,) medians of `sold` (m, 12): six months of the ramp, six beyond it."""
    level = np.maximum(sold[:, RAMP:], 0.0).mean(axis=1)
    known = level > 0
    if known.sum() < LEAST_ITEMS:
        return np.ones(RAMP)
    parts: Floats = np.clip(np.median(sold[known, :RAMP] / level[known, None], axis=0), LEAST, MOST)
    return parts
