"""A total brought down to its leaves: by consensus, else baseline, else last year, else in equal parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catalog.calc.rounding import largest_remainder_by_group, round_half_away, sum_by_group

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class NothingToSpreadOver(ValueError):
    """A total has no leaf that could take it; `groups` (k,) are the positions of such totals."""

    def __init__(self, groups: Ints) -> None:
        super().__init__("A total has no leaf to be spread over.")
        self.groups = groups


def ladder_weights(ladder: Floats, group: Ints, groups: int) -> Floats:
    """The first step of the ladder with a positive sum, per group; equal parts where no step has one.

    Args:
        ladder: (k, n) weights of the leaves, best step first; negative values count as 0.
        group: (n,) 0 … groups−1.
        groups: how many groups there are.

    Returns:
        (n,) weights ≥ 0. Source: FORMULAS §5, spread.
    """
    weights = np.ones(len(group))
    for step in np.maximum(ladder, 0.0)[::-1]:
        sums = sum_by_group(step[:, None], group, groups)[:, 0]
        weights = np.where(sums[group] > 0, step, weights)
    return weights


def spread_totals(totals: Ints, weights: Floats, group: Ints, quantum_milli: ArrayLike) -> Ints:
    """Milli-units per leaf in whole quanta by largest remainder; the leaves of a group add to its total exactly.

    Args:
        totals: (g,) milli-units, multiples of the quantum, ≥ 0.
        weights: (n,) ≥ 0; a group whose weights are all 0 is split equally.
        group: (n,) 0 … g−1.
        quantum_milli: planning step > 0, one for all or (g,) one per total.

    Returns:
        (n,) milli-units.

    Raises:
        NothingToSpreadOver: a total other than 0 without a leaf.
        ValueError: a total is not a multiple of the quantum.
    """
    step = np.broadcast_to(np.asarray(quantum_milli, np.int64), totals.shape)
    if (totals % step).any():
        raise ValueError("A total is not a multiple of the planning step.")
    empty = (np.bincount(group, minlength=len(totals)) == 0) & (totals != 0)
    if empty.any():
        raise NothingToSpreadOver(np.flatnonzero(empty))
    parts = largest_remainder_by_group(weights[:, None], group, (totals // step)[:, None])[:, 0]
    return parts * step[group]


def units_worth(cents: Ints, weights: Floats, price: Floats, group: Ints, *, quantum_milli: ArrayLike) -> Ints:
    """Totals whose spread over their leaves is worth an amount: cents × Σ w ÷ Σ (w × price), in whole steps.

    Spread by the weights, leaf i gets k·wᵢ units; its worth is k·wᵢ·pᵢ, so that k = amount ÷ Σ w·p and the total k·Σ w.

    Args:
        cents: (g,) amounts of the reporting currency, signed.
        weights: (n,) ≥ 0, as the totals will be spread.
        price: (n,) cents per milli-unit, > 0 wherever a weight is.
        group: (n,) 0 … g−1.
        quantum_milli: planning step > 0, one for all or (g,).

    Returns:
        (g,) milli-units, multiples of the step nearest to the exact total, half away from zero; 0 where a group weighs
        nothing.
    """
    step = np.broadcast_to(np.asarray(quantum_milli, np.int64), cents.shape)
    weight = np.bincount(group, weights, len(cents))
    worth = np.bincount(group, weights * price, len(cents))
    exact = np.divide(cents * weight, worth, out=np.zeros(len(cents)), where=worth > 0)
    return round_half_away(exact / step) * step


def scaled_totals(totals: Ints, change_rate4: Ints, quantum_milli: ArrayLike) -> Ints:
    """Totals moved by a rate, in whole quanta, half away from zero: total × (1 + rate).

    Args:
        totals: (g,) milli-units.
        change_rate4: (g,) signed ten-thousandths; 500 is +5 %.
        quantum_milli: planning step > 0, one for all or (g,).
    """
    quantum = np.broadcast_to(np.asarray(quantum_milli, np.int64), totals.shape)
    size = np.abs(totals) * (10_000 + change_rate4)
    step = 10_000 * quantum
    scaled: Ints = np.sign(totals) * ((2 * size + step) // (2 * step)) * quantum
    return scaled
