"""Drift: whether what earlier cycles told runs away from what was sold, or falls behind the naive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demand.calc.errors import tracking_signal, wmape

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: With fewer cycles than this every run of errors lies on one side.
LEAST_CYCLES = 4


@dataclass(frozen=True)
class DriftBlock:
    """Of s series: `cycles` (s,) judged; `tracking` Σ(A−F) ÷ MAD, `wmape` and `naive_wmape` fractions over them.

    NaN with fewer than four cycles, where nothing was sold, or (tracking) where every error is 0.
    """

    cycles: Ints
    tracking: Floats
    wmape: Floats
    naive_wmape: Floats


def drift_of(actual: Floats, told: Floats, naive: Floats) -> DriftBlock:
    """Judge what earlier cycles told for their first month by what was sold in it.

    Args:
        actual: (s, c) units sold in the first month of each of c cycles.
        told: (s, c) what the cycle's baseline told for it, same unit; NaN where it told nothing.
        naive: (s, c) what was sold a year before.
    """
    known = np.isfinite(told)
    cycles = known.sum(axis=1).astype(np.int64)
    enough = cycles >= LEAST_CYCLES
    blocks = [np.where(known, of, 0.0) for of in (actual, told, naive)]
    # a cycle that told nothing is 0 − 0: no error; MAD is the mean over the cycles that told
    tracked = tracking_signal(blocks[0], blocks[1]) * cycles / max(actual.shape[1], 1)
    judged = [tracked, wmape(blocks[0], blocks[1]), wmape(blocks[0], blocks[2])]
    tracked, missed, missed_by_naive = (np.where(enough, of, np.nan) for of in judged)
    return DriftBlock(cycles, tracked, missed, missed_by_naive)
