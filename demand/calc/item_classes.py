"""ABC by cumulative revenue and XYZ by the variation of monthly units: which items deserve whose attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Names = NDArray[np.str_]

NONE = "–"
LETTERS_BY_REVENUE, LETTERS_BY_VARIATION = ("A", "B", "C"), ("X", "Y", "Z")


@dataclass(frozen=True, slots=True)
class ClassLimits:
    """Fractions, each inclusive: A to `a` and B to `b` of the revenue; X to `x` and Y to `y` of variation."""

    a: float = 0.80
    b: float = 0.95
    x: float = 0.50
    y: float = 1.00


def revenue_classes(revenue: Sequence[int] | Ints, limits: ClassLimits) -> tuple[Names, Floats]:
    """Class A, B or C of each item (n,), and the cumulative share of revenue that it reaches, (n,) fractions.

    Items are ranked by revenue, ties in the order given. The item that crosses a limit belongs to the higher class: an
    item is A while the items BEFORE it reach less than `a`. Items without revenue (0 or less) are no part of the sum:
    class '–', share NaN. Exact: integer cents are added, only the limit is a fraction.

    Source: FORMULAS §5; Silver, Pyke & Thomas, Inventory and Production Management, ch. 3.
    """
    cents = np.asarray(revenue, np.int64)
    order = np.argsort(-cents, kind="stable")
    earning = order[cents[order] > 0]
    reached = np.cumsum(cents[earning])
    total = int(reached[-1]) if len(reached) else 0
    before = (reached - cents[earning]) / (total or 1)
    classes, share = np.full(len(cents), NONE), np.full(len(cents), np.nan)
    classes[earning] = np.where(before < limits.a, "A", np.where(before < limits.b, "B", "C"))
    share[earning] = reached / (total or 1)
    return classes, share


def variation_classes(units: Ints | Floats, limits: ClassLimits) -> tuple[Names, Floats]:
    """Class X, Y or Z of each item (n,), and its coefficient of variation (n,), from monthly units (n, T).

    Variation = sample standard deviation (÷ (T − 1)) ÷ mean. Where the mean is not positive, or there are fewer than two
    months, there is none: class '–', NaN.
    """
    months = np.asarray(units, np.float64)
    variation = np.full(len(months), np.nan)
    if months.shape[-1] > 1:
        mean, deviation = months.mean(axis=-1), months.std(axis=-1, ddof=1)
        np.divide(deviation, mean, out=variation, where=mean > 0)
    known = np.isfinite(variation)
    classes = np.full(len(months), NONE)
    values = variation[known]
    classes[known] = np.where(values <= limits.x, "X", np.where(values <= limits.y, "Y", "Z"))
    return classes, variation
