"""Who moved the plan: baseline, then each stream of the ledger, in dollars that add to the upside exactly."""

from __future__ import annotations

from collections.abc import Callable

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
