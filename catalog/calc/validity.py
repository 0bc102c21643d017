"""Which of several dated values is in force at each instant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MISSING = -1
FOR_EVER = 2**40


@dataclass(frozen=True)
class DatedValues:
    """R values, each in force for one key from an instant to an instant, both inclusive; all arrays (R,).

    Instants are day ordinals or month numbers; `last` is `FOR_EVER` when open. `values` are not negative.
    """

    keys: Ints
    first: Ints
    last: Ints
    values: Ints

    def only(self, chosen: NDArray[np.bool_]) -> DatedValues:
        """The rows marked in `chosen` (R,)."""
        return DatedValues(
            self.keys[chosen],
            self.first[chosen],
            self.last[chosen],
            self.values[chosen],
        )


def values_in_force(dated: DatedValues, wanted: Ints, instants: Ints) -> Ints:
    """The value in force per wanted key and instant; `MISSING` (−1) where there is none.

    Where periods of one key overlap, the one that starts later wins.

    Args:
        dated: the values on offer.
        wanted: keys (n,), repeats allowed.
        instants: (T,), same scale as the periods.

    Returns:
        int64 (n, T).
    """
    result = np.full((len(wanted), len(instants)), MISSING, np.int64)
    if not len(dated.keys) or not len(wanted):
        return result
    order = np.argsort(dated.first, kind="stable")
    known, position = np.unique(dated.keys[order], return_inverse=True)
    table = np.full((len(known), len(instants)), MISSING, np.int64)
    inside = (dated.first[order, None] <= instants) & (instants <= dated.last[order, None])
    row, column = np.nonzero(inside)
    table[position[row], column] = dated.values[order][row]
    found = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    hit = known[found] == wanted
    result[hit] = table[found[hit]]
    return result


def narrowest(*layers: Ints) -> Ints:
    """The first layer that has a value in each cell; layers (n, T) from the narrowest to the widest, −1 = none."""
    result = layers[-1]
    for layer in reversed(layers[:-1]):
        result = np.where(layer == MISSING, result, layer)
    return result


def overlapping(keys: Ints, first: Ints, last: Ints) -> NDArray[np.bool_]:
    """Marks (R,) each period that begins before an earlier one of the same key has ended.

    Args:
        keys: (R,). first, last: (R,) inclusive instants.

    Returns:
        bool (R,) in the given order; the earlier period of a pair is not marked.
    """
    marked = np.zeros(len(keys), np.bool_)
    order = np.lexsort((first, keys))
    same = keys[order][1:] == keys[order][:-1]
    marked[order[1:]] = same & (first[order][1:] <= last[order][:-1])
    return marked
