"""A total brought down to its leaves: by consensus, else baseline, else last year, else in equal parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import largest_remainder_by_group, sum_by_group

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


def spread_totals(totals: Ints, weights: Floats, group: Ints, quantum_milli: int) -> Ints:
    """Milli-units per leaf in whole quanta by largest remainder; the leaves of a group add to its total exactly.

    Args:
        totals: (g,) milli-units, multiples of the quantum, ≥ 0.
        weights: (n,) ≥ 0; a group whose weights are all 0 is split equally.
        group: (n,) 0 … g−1.
        quantum_milli: planning step > 0.

    Returns:
        (n,) milli-units.

    Raises:
        NothingToSpreadOver: a total other than 0 without a leaf.
        ValueError: a total is not a multiple of the quantum.
    """
    if (totals % quantum_milli).any():
        raise ValueError("A total is not a multiple of the planning step.")
    empty = (np.bincount(group, minlength=len(totals)) == 0) & (totals != 0)
    if empty.any():
        raise NothingToSpreadOver(np.flatnonzero(empty))
    parts = largest_remainder_by_group(weights[:, None], group, (totals // quantum_milli)[:, None])[:, 0]
    return parts * quantum_milli


def scaled_totals(totals: Ints, change_rate4: Ints, quantum_milli: int) -> Ints:
    """Totals moved by a rate, in whole quanta, half away from zero: total × (1 + rate).

    Args:
        totals: (g,) milli-units.
        change_rate4: (g,) signed ten-thousandths; 500 is +5 %.
        quantum_milli: planning step > 0.
    """
    size = np.abs(totals) * (10_000 + change_rate4)
    step = 10_000 * quantum_milli
    return np.sign(totals) * ((2 * size + step) // (2 * step)) * quantum_milli
