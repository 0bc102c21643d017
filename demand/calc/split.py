"""From family × market down to items: whole quanta, the items of a month add to their family exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import largest_remainder_by_group, round_to_quantum, sum_by_group

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: How many months the expectation weighs against an item's own months in a market.
PRIOR_MONTHS = 2


@dataclass(frozen=True)
class Lives:
    """When the item of each series can be sold: `launch`, `end` (n,) month numbers, inclusive.

    `like` (n,): units a month of the item that it begins like, in the same market; 0 where it is like none.
    """

    launch: Ints
    end: Ints
    like: Floats | None = None

    def alive(self, months: Ints) -> NDArray[np.bool_]:
        """(n, T): whether the item is on the market in each month."""
        return (self.launch[:, None] <= months[None, :]) & (months[None, :] <= self.end[:, None])


@dataclass(frozen=True)
class Places:
    """What each series (n,) belongs to: its `item`, its `segment` (family × market) and its `family`, each 0 … k−1."""

    item: Ints
    segment: Ints
    family: Ints


def item_rates(sold: Floats, months_alive: Ints, places: Places) -> Floats:
    """Units a month of each series, as far as its recent past can tell.

    rate = Σ sold ÷ months on the market within the window, drawn towards what is to be expected of the item in this
    market, item's rate × segment's rate ÷ family's rate, with the weight of `PRIOR_MONTHS` months: an item of one month
    says little about one market and more about all of them. Net returns count as 0.

    Args:
        sold: (n, W) units of the last W closed months.
        months_alive: (n,) of these W in which the item could be sold, 1 … W.
        places: of each series.

    Returns:
        (n,) rates ≥ 0.
    """
    own = np.maximum(sold.sum(axis=1), 0.0) / months_alive
    by_item, by_segment, by_family = (
        sum_by_group(own[:, None], group, int(group.max(initial=-1)) + 1)[group, 0]
        for group in (places.item, places.segment, places.family)
    )
    expected = by_item * np.divide(by_segment, by_family, out=np.zeros_like(own), where=by_family > 0)
    trust = months_alive / (months_alive + PRIOR_MONTHS)
    rates: Floats = trust * own + (1 - trust) * expected
    return rates


def item_weights(recent: Floats, lives: Lives, segment: Ints, months: Ints) -> Floats:
    """Weight of each series within its segment in each month of the horizon.

    A series that is alive weighs its recent rate (`item_rates`; below 0 counts as 0). An item without recent sales that is launched
    at or after the first of `months` weighs what the item that it begins like does there; else the mean of those of its
    segment that have ended by then: it takes their place. Where nobody alive weighs anything, all alive weigh the same. An item that is not alive weighs 0.

    Args:
        recent: (n,) units a month over the last closed months, any unit.
        lives: launch and end of each series' item.
        segment: (n,) 0 … s−1.
        months: (H,) month numbers of the horizon, ascending.

    Returns:
        (n, H) weights ≥ 0.
    """
    alive = lives.alive(months)
    count = int(segment.max()) + 1 if len(segment) else 0
    weight = np.maximum(recent, 0.0)[:, None] * alive
    ended = (np.maximum(recent, 0.0)[:, None] * ~alive) * (lives.end[:, None] < months[None, :])
    left = sum_by_group(ended, segment, count)
    leavers = sum_by_group((ended > 0).astype(np.float64), segment, count)
    replacement = np.divide(left, leavers, out=np.zeros_like(left), where=leavers > 0)
    launched = alive & (recent <= 0)[:, None] & (lives.launch >= months[:1].min(initial=0))[:, None]
    like = np.zeros_like(recent) if lives.like is None else lives.like
    place_taken = np.where((like > 0)[:, None], like[:, None], replacement[segment])
    weight = np.where(launched, place_taken, weight)
    silent = sum_by_group(weight, segment, count)[segment] <= 0
    return np.where(silent & alive, 1.0, weight)


def split_to_items(points: Floats, weights: Floats, segment: Ints, quantum_milli: Ints) -> Ints:
    """Round each segment cumulatively to its quantum, then give its quanta to the items by largest remainder.

    Args:
        points: (s, H) milli-units per segment, ≥ 0.
        weights: (n, H) of `item_weights`.
        segment: (n,) 0 … s−1.
        quantum_milli: (s,) planning step of the segment.

    Returns:
        (n, H) milli-units. Per segment and month they add to the rounded segment; where nobody is alive they are 0.
    """
    sellable = sum_by_group(weights, segment, len(points)) > 0
    totals = round_to_quantum(np.where(sellable, points, 0.0), quantum_milli)
    totals = np.where(sellable, totals, 0)
    quanta = largest_remainder_by_group(weights, segment, totals // quantum_milli[:, None])
    return quanta * quantum_milli[segment][:, None]
