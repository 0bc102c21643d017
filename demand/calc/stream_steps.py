"""Who moved the plan: baseline, then each stream of the ledger, in dollars that add to the upside exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def stream_steps(baseline: Ints, deltas: Ints, price: Callable[[Ints], Ints]) -> Ints:
    """Dollars of the baseline and of each stream laid on it in turn, cents, (1 + stream, series, month).

    A step is price(units with it) − price(units without it), so the steps of a cell add to price(consensus) to the
    cent whatever the rounding. The order of the streams is the order of `deltas`.

    Args:
        baseline: milli-units, (series, month).
        deltas: milli-units per stream, (stream, series, month).
        price: milli-units (series, month) to cents (series, month), the one rounding of the product.
    """
    running = np.concatenate([baseline[None], deltas]).cumsum(axis=0)
    priced = np.stack([price(units) for units in running])
    return np.diff(priced, axis=0, prepend=np.zeros_like(priced[:1]))


@dataclass(frozen=True)
class LedgerLines:
    """Lines of the ledger, in any order; arrays (line,) and `deltas` (line, month) milli-units.

    `streams` position of the stream, `edits` and `people` keys, `series` row of the line's series in the baseline.
    """

    streams: Ints
    edits: Ints
    people: Ints
    series: Ints
    deltas: Ints


def line_steps(baseline: Ints, lines: LedgerLines, price: Callable[[Ints, Ints], Ints]) -> Ints:
    """Dollars that each line lays on top of the baseline and of the lines before it, cents (line, month).

    Lines of a series follow each other by stream, then by edit: so the lines of a stream add to its step in
    `stream_steps`, those of a person or an edit to what is theirs, and all of them to price(consensus) −
    price(baseline), to the cent whatever the rounding.

    Args:
        baseline: milli-units, (series, month).
        lines: the ledger.
        price: milli-units (line, month) and their series (line,) to cents (line, month), the one rounding.
    """
    if not len(lines.series):
        return np.zeros_like(lines.deltas)
    order = np.lexsort((lines.edits, lines.streams, lines.series))
    series, deltas = lines.series[order], lines.deltas[order]
    running = deltas.cumsum(axis=0)
    starts = np.flatnonzero(np.diff(series, prepend=series[:1] - 1))
    before_group = np.repeat(running[starts] - deltas[starts], np.diff(starts, append=len(series)), axis=0)
    after = baseline[series] + running - before_group
    steps = np.empty_like(deltas)
    steps[order] = price(after, series) - price(after - deltas, series)
    return steps


def stream_sums(lines: LedgerLines, amounts: Ints, shape: tuple[int, int]) -> Ints:
    """Σ of `amounts` (line, …) per stream and series over all months: (stream, series) of `shape`, exact integers."""
    sums = np.zeros(shape, np.int64)
    np.add.at(sums, (lines.streams, lines.series), amounts.sum(axis=1))
    return sums
