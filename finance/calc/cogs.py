"""Cost of goods sold at standard, what a receipt consists of, and planned variances by the line that pays them.

Source: FORMULAS §1. Variances are expensed when incurred.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

PERCENT_SCALE = 1_000_000


class CashLine(StrEnum):
    """Which cash line pays a planned variance: supplier invoices on terms, or conversion in the month."""

    PURCHASES = "purchases"
    CONVERSION = "conversion"


@dataclass(frozen=True)
class ReceiptSplit:
    """What the receipts of the month cost, cents, each (month,).

    receipts = consumption + material bought + material not in a bill of materials + conversion.
    """

    receipts: Ints
    consumption: Ints
    bought: Ints
    unmodelled: Ints
    conversion: Ints

    @property
    def purchases(self) -> Ints:
        """Material on supplier terms: bought components and unmodelled material, at standard, (month,)."""
        return self.bought + self.unmodelled


def split_receipts(*, made: Ints, bought: Ints, consumption: Ints, conversion: Ints) -> ReceiptSplit:
    """Explain receipts at standard by what was consumed, bought and worked, cents, each (month,).

    Standard of what was made less the components it took is conversion as far as the routings know it; what is left is
    material that no bill of materials names. When components and conversion exceed the standard made, conversion takes
    the remainder, which may be negative, and unmodelled material is 0: a standard below its own parts is visible there.
    """
    remainder = made - consumption
    worked = np.where(remainder >= conversion, conversion, remainder)
    return ReceiptSplit(
        receipts=made + bought, consumption=consumption, bought=bought, unmodelled=remainder - worked, conversion=worked
    )


def variance_of_standard(receipts: Ints, percent6: Ints) -> Ints:
    """A planned variance stated in percent of the standard made: cents, half away from zero; a cost is positive.

    Args:
        receipts: cents at standard, any shape.
        percent6: millionths of the standard, same shape (2 % = 20,000).
    """
    product = receipts * percent6
    cents: Ints = np.sign(product) * ((np.abs(product) + PERCENT_SCALE // 2) // PERCENT_SCALE)
    return cents
