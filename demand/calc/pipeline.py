"""What a deal adds to the plan: its size times its probability, less what the baseline holds already."""

from __future__ import annotations

import numpy as np

from catalog.calc.rounding import round_half_away

RATE4_ONE = 10_000


def weighted(size: int, probability4: int, overlap4: int = 0) -> int:
    """size × probability × (1 − overlap), half away from zero; milli-units or cents.

    Args:
        size: milli-units or cents if the deal is won, ≥ 0.
        probability4, overlap4: ten-thousandths, 0 … 10,000; the overlap is the part that the baseline holds already.
    """
    return int(round_half_away(np.float64(size) * probability4 * (RATE4_ONE - overlap4) / RATE4_ONE**2))


def units_of_amount(amount_cents: int, cents_per_thousand: int) -> int:
    """Milli-units that an amount buys at a price of `cents_per_thousand` cents per 1,000 units (> 0)."""
    return int(round_half_away(np.float64(amount_cents) * 1_000_000 / cents_per_thousand))


def whole_steps(units_milli: int, quantum_milli: int) -> int:
    """The nearest multiple of a planning step, half away from zero."""
    return int(round_half_away(units_milli / quantum_milli)) * quantum_milli
