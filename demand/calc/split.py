"""From family × market down to items: whole quanta, the items of a month add to their family exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import largest_remainder_by_group, round_to_quantum, sum_by_group

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Lives:
    """When the item of each series can be sold: `launch`, `end` (n,) month numbers, inclusive."""

    launch: Ints
    end: Ints

    def alive(self, months: Ints) -> NDArray[np.bool_]:
        """(n, T): whether the item is on the market in each month."""
        return (self.launch[:, None] <= months[None, :]) & (months[None, :] <= self.end[:, None])


def item_weights(recent: Floats, lives: Lives, segment: Ints, months: Ints) -> Floats:
    """Weight of each series within its segment in each month of the horizon.

    A series that is alive weighs its recent units (net returns weigh 0). An item without recent sales that is launched
    at or after the first of `months` weighs the mean of those of its segment that have ended by then: it takes their
    place. Where nobody alive weighs anything, all alive weigh the same. An item that is not alive weighs 0.

    Args:
        recent: (n,) units over the last closed months, any unit.
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
    weight = np.where(launched, replacement[segment], weight)
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
