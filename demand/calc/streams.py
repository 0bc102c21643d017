"""The streams of the ledger side by side, in units and in cents, so that their sum is the consensus exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class StreamLines:
    """Edit lines ordered by series, then stream, then gesture. `row` (l,) position of the series, ascending; `stream` (l,)
    position of the stream; `edit` (l,) id of the gesture; `delta` (l, H) signed milli-units."""

    row: Ints
    stream: Ints
    edit: Ints
    delta: Ints

    def kept(self, keep: NDArray[np.bool_]) -> StreamLines:
        """The lines of a mask (l,)."""
        return StreamLines(self.row[keep], self.stream[keep], self.edit[keep], self.delta[keep])


def line_cents(baseline: Ints, lines: StreamLines, dollars: Callable[[Ints, Ints], Ints]) -> Ints:
    """What each line adds in cents: dollars(running total with it) − dollars(running total before it), per cell.

    The running total starts at the baseline and walks the lines of a series in their order, so that baseline cents + Σ
    line cents = consensus cents, to the cent, in every cell; a line's own rounding is at most a cent per cell away from
    units × price.

    Args:
        baseline: (n, H) milli-units.
        lines: the lines of these series.
        dollars: (units (k, H), rows (k,)) → cents (k, H).

    Returns:
        (l, H) signed cents.
    """
    if not len(lines.row):
        return np.zeros(lines.delta.shape, np.int64)
    starts = np.flatnonzero(np.diff(lines.row, prepend=-1))
    run = np.cumsum(lines.delta, axis=0)
    before_group = np.where(starts[:, None] > 0, run[starts - 1], 0)
    group = np.cumsum(np.isin(np.arange(len(lines.row)), starts)) - 1
    after = baseline[lines.row] + run - before_group[group]
    cents = dollars(after, lines.row)
    before = np.empty_like(cents)
    before[1:] = cents[:-1]
    before[starts] = dollars(baseline[lines.row[starts]], lines.row[starts])
    return cents - before


def stream_sums(lines: StreamLines, amounts: Ints, shape: tuple[int, int]) -> Ints:
    """Σ of `amounts` (l, …) per stream and series: (streams, n) with `shape`, over all months; exact integers."""
    sums = np.zeros(shape, np.int64)
    np.add.at(sums, (lines.stream, lines.row), amounts.sum(axis=1))
    return sums
