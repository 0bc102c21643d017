"""Forecasts of earlier plans against what was sold since, by lag, beside the seasonal naive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """One closed month of every segment as one plan saw it `lag` months ahead; all (s,) milli-units, one alignment.

    Lag 1 is the first open month of the plan. `naive` is what was sold twelve months before the month.
    """

    lag: int
    month: int
    actual: Ints
    consensus: Ints
    baseline: Ints
    naive: Ints


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Errors of one group of segments at one lag. `months` closed months judged; `actual` Σ units in milli.

    WMAPE = Σ|A − F| ÷ Σ|A| over segments and months, bias = Σ(F − A) ÷ Σ|A| (positive: too high); fractions, None
    where nothing was sold. `value_added` = WMAPE of the baseline − WMAPE of the consensus: positive, the edits helped.
    """

    lag: int
    months: int
    actual: int
    wmape: float | None
    bias: float | None
    baseline_wmape: float | None
    baseline_bias: float | None
    naive_wmape: float | None
    naive_bias: float | None

    @property
    def value_added(self) -> float | None:
        """Points that the edits took off (or, negative, added to) the error of the baseline."""
        return None if self.wmape is None or self.baseline_wmape is None else self.baseline_wmape - self.wmape


def accuracy_of(judged: Sequence[Judged], rows: NDArray[np.bool_]) -> list[Accuracy]:
    """Errors of the segments of `rows` (s,), one entry per lag that occurs, ascending. Nothing judged: empty."""
    results = []
    for lag in sorted({entry.lag for entry in judged}):
        entries = [entry for entry in judged if entry.lag == lag]
        actual = np.stack([entry.actual[rows] for entry in entries])
        streams = [
            _errors(actual, np.stack([getattr(entry, name)[rows] for entry in entries]))
            for name in ("consensus", "baseline", "naive")
        ]
        (wmape, bias), (baseline_wmape, baseline_bias), (naive_wmape, naive_bias) = streams
        results.append(
            Accuracy(
                lag=lag,
                months=len({entry.month for entry in entries}),
                actual=int(actual.sum()),
                wmape=wmape,
                bias=bias,
                baseline_wmape=baseline_wmape,
                baseline_bias=baseline_bias,
                naive_wmape=naive_wmape,
                naive_bias=naive_bias,
            )
        )
    return results


def _errors(actual: Ints, forecast: Ints) -> tuple[float | None, float | None]:
    """WMAPE and bias over everything, from exact integer sums; None without sales."""
    sold = int(np.abs(actual).sum())
    if not sold:
        return None, None
    return int(np.abs(actual - forecast).sum()) / sold, int((forecast - actual).sum()) / sold
