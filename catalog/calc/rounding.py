"""Rounding that keeps sums: largest remainder over shares, cumulative rounding along months."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Number = TypeVar("Number", np.float64, np.int64)


def round_half_away(values: ArrayLike) -> Ints:
    """Nearest integers, halves away from zero (2.5 → 3, −2.5 → −3); any shape.

    Raises:
        ValueError: a value is NaN or infinite.
    """
    numbers = np.asarray(values, np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError("Only finite numbers can be rounded.")
    whole = np.trunc(numbers)
    step = np.where(np.abs(numbers - whole) >= 0.5, np.sign(numbers), 0.0)
    return (whole + step).astype(np.int64)


def largest_remainder(shares: ArrayLike, total: ArrayLike) -> Ints:
    """Integers in proportion to `shares` that add to `total` exactly, along the last axis.

    Each gets the floor of its exact part; what is left goes one by one to the largest fractions, ties to the earlier
    position. Source: Hamilton's method of apportionment.

    Args:
        shares: weights (…, n), integer or float, any unit. A negative weight (net returns) counts as 0; all zero
            means equal parts.
        total: integers (…), any unit and sign; a negative total mirrors the positive one.

    Returns:
        int64 (…, n), Σ over the last axis = total.

    Raises:
        ValueError: a share is not finite, or nothing to give a non-zero total to (n = 0).
    """
    weights, totals = _weights(shares), np.asarray(total, np.int64)
    if weights.shape[-1] == 0:
        if totals.any():
            raise ValueError("A total cannot be split over nothing.")
        return np.zeros(weights.shape, np.int64)
    sums = weights.sum(axis=-1, keepdims=True)
    fractions = np.where(sums > 0, weights / np.where(sums > 0, sums, 1.0), 1.0 / weights.shape[-1])
    sizes = np.abs(np.broadcast_to(totals, weights.shape[:-1]))[..., None]
    exact = fractions * sizes
    floors = np.floor(exact).astype(np.int64)
    order = np.argsort(floors - exact, axis=-1, kind="stable")
    ranks = np.argsort(order, axis=-1, kind="stable")
    left = sizes - floors.sum(axis=-1, keepdims=True)
    parts = floors + left // weights.shape[-1] + (ranks < left % weights.shape[-1])
    signed: Ints = np.where(totals[..., None] < 0, -parts, parts)
    return signed


def largest_remainder_by_group(weights: ArrayLike, group: ArrayLike, totals: ArrayLike) -> Ints:
    """`largest_remainder` for many groups of different size at once: rows of one group share its total, per column.

    Args:
        weights: (n, T), negative counts as 0; a group whose weights are all 0 in a column is split equally.
        group: (n,) integers in 0 … g−1, in any order.
        totals: (g, T) integers, any unit and sign.

    Returns:
        int64 (n, T); the rows of group k add to totals[k] in every column. Ties go to the earlier row.

    Raises:
        ValueError: shapes disagree, a weight is not finite, or a group without rows has a non-zero total.
    """
    shares, groups, amounts = (
        _weights(weights),
        np.asarray(group, np.int64),
        np.asarray(totals, np.int64),
    )
    _check_groups(shares, groups, amounts)
    if not groups.size:
        return np.zeros(shares.shape, np.int64)
    count = np.bincount(groups, minlength=len(amounts))[:, None]
    sums = sum_by_group(shares, groups, len(amounts))
    sizes = np.abs(amounts)
    empty = sums <= 0
    fractions = np.where(empty[groups], 1.0 / count[groups], shares / np.where(empty, 1.0, sums)[groups])
    exact = fractions * sizes[groups]
    floors = np.floor(exact).astype(np.int64)
    left = sizes - sum_by_group(floors, groups, len(amounts))
    each, extra = np.divmod(left, np.maximum(count, 1))
    parts = floors + each[groups] + (_ranks_in_group(floors - exact, groups, count[:, 0]) < extra[groups])
    signed: Ints = np.where(amounts[groups] < 0, -parts, parts)
    return signed


def sum_by_group(values: NDArray[Number], group: Ints, groups: int) -> NDArray[Number]:
    """Column sums (groups, T) of `values` (n, T) over the rows of each group; integers stay exact; none → 0."""
    sums = np.zeros((groups, *values.shape[1:]), values.dtype)
    if len(group):
        order = np.argsort(group, kind="stable")
        present, starts = np.unique(group[order], return_index=True)
        sums[present] = np.add.reduceat(values[order], starts, axis=0)
    return sums


def round_to_quantum(values: ArrayLike, quantum_milli: ArrayLike) -> Ints:
    """Multiples of a quantum whose running totals stay within half a quantum of the exact ones, along the last axis.

    The running total is rounded (half away from zero) and its differences are taken, so sparse series keep their
    sum and non-negative input stays non-negative.

    Args:
        values: milli-units (…, T), unrounded.
        quantum_milli: milli-units, one for all or one per series (…); 10 for two decimals.

    Returns:
        int64 milli-units (…, T), each a multiple of the quantum.

    Raises:
        ValueError: a value is not finite or a quantum is not positive.
    """
    numbers, quantum = (
        np.asarray(values, np.float64),
        np.asarray(quantum_milli, np.int64),
    )
    if (quantum <= 0).any():
        raise ValueError("A quantum is positive.")
    quantum = quantum[..., None] if quantum.ndim else quantum
    running = round_half_away(np.cumsum(numbers, axis=-1) / quantum)
    return np.diff(running, axis=-1, prepend=np.int64(0)) * quantum


def _weights(shares: ArrayLike) -> Floats:
    weights = np.asarray(shares, np.float64)
    if not np.isfinite(weights).all():
        raise ValueError("Shares must be finite numbers.")
    return np.maximum(weights, 0.0)


def _check_groups(shares: Floats, groups: Ints, amounts: Ints) -> None:
    if shares.ndim != 2 or amounts.ndim != 2 or groups.shape != shares.shape[:1] or shares.shape[1] != amounts.shape[1]:
        raise ValueError("Weights are (n, T), group (n,) and totals (g, T).")
    if groups.size and (groups.min() < 0 or groups.max() >= len(amounts)):
        raise ValueError("A row belongs to a group without a total.")
    if amounts[np.bincount(groups, minlength=len(amounts)) == 0].any():
        raise ValueError("A group without rows has a total to share out.")


def _ranks_in_group(keys: Floats, groups: Ints, count: Ints) -> Ints:
    """Position (n, T) of each row within its group when sorted by `keys` ascending, per column, ties by row."""
    starts = np.concatenate([[0], np.cumsum(count)[:-1]])
    ranks = np.empty(keys.shape, np.int64)
    for column in range(keys.shape[1]):
        order = np.lexsort((keys[:, column], groups))
        ranks[order, column] = np.arange(len(groups)) - starts[groups[order]]
    return ranks
