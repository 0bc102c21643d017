"""Share what is short over the markets that asked for it, by rank; exact: Σ allocation = supply."""

from __future__ import annotations

import numpy as np

from catalog.calc.rounding import largest_remainder
from supply.calc.problem import Floats, Ints


def allocate(asked: Ints, supply: int, rank: Floats) -> Ints:
    """Serve the lowest rank first; those of one rank get the same share of what they asked for.

    Args:
        asked: Milli-units ≥ 0 (market,). supply: Milli-units, 0 … Σ asked. rank: (market,), lower first.

    Returns:
        Milli-units (market,), 0 … asked, Σ = supply exactly.

    Raises:
        ValueError: More supply than was asked for, or less than nothing.
    """
    if not 0 <= supply <= int(asked.sum()):
        raise ValueError("supply lies between 0 and what was asked for")
    given, left = np.zeros_like(asked), supply
    for each in np.unique(rank):
        members = np.flatnonzero(rank == each)
        part = min(left, int(asked[members].sum()))
        if part:
            given[members] = largest_remainder(asked[members].astype(np.float64), np.int64(part))
        left -= part
    return given


def margin_rank(price: Floats, cost: Floats) -> Floats:
    """Ranks by margin per unit, largest first: minus the margin, reporting currency per unit (row, month)."""
    ranks: Floats = cost - price
    return ranks
