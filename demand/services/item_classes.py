"""ABC-XYZ of the items: nine classes with their revenue and how well plans hit them, and the items of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import sum_by_group
from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Company
from cycles.models import Plan
from cycles.selectors import Scope
from demand.calc.item_classes import (
    LETTERS_BY_REVENUE,
    LETTERS_BY_VARIATION,
    NONE,
    ClassLimits,
    revenue_classes,
    variation_classes,
)
from demand.frames import load_actuals
from demand.services.judged import Level, judge

Ints = NDArray[np.int64]
YEAR = 12
JUDGED_LAG = 1


@dataclass(frozen=True, slots=True)
class ClassedItem:
    """One item: revenue of the last twelve closed months in cents, the share that it and larger ones reach, variation.

    `abc`, `xyz` are '–' where there is no revenue, or no demand to vary. `missed`, `sold`: Σ|A−F| and Σ|A| at lag 1 in
    milli-units per market, 0 where no earlier plan is judged.
    """

    item_id: int
    code: str
    name: str
    family: str
    cents: int
    reached: float | None
    variation: float | None
    abc: str
    xyz: str
    missed: int
    sold: int

    @property
    def key(self) -> str:
        """Both letters."""
        return f"{self.abc}{self.xyz}"

    @property
    def wmape(self) -> float | None:
        """Σ|A−F| ÷ Σ|A| at lag 1; None where nothing is judged."""
        return self.missed / self.sold if self.sold else None


@dataclass(frozen=True, slots=True)
class ItemClass:
    """One cell of the matrix."""

    key: str
    items: int
    cents: int
    share: float | None
    wmape: float | None


@dataclass(frozen=True)
class Classes:
    """All sold items in their classes. `cells` three rows (A, B, C) of three (X, Y, Z); `unclassed` items without revenue
    or without demand that varies; `is_judged` whether an earlier plan is there to judge by."""

    limits: ClassLimits
    items: tuple[ClassedItem, ...]
    cells: tuple[tuple[ItemClass, ...], ...]
    unclassed: int
    is_judged: bool

    @property
    def rows(self) -> list[tuple[str, tuple[ItemClass, ...]]]:
        """The matrix with the letter of each row."""
        return list(zip(LETTERS_BY_REVENUE, self.cells, strict=True))


def class_limits() -> ClassLimits:
    """The company's limits."""
    company = Company.objects.current()
    return ClassLimits(
        a=float(company.abc_a_fraction),
        b=float(company.abc_b_fraction),
        x=float(company.xyz_x_fraction),
        y=float(company.xyz_y_fraction),
    )


def classes_of(plan: Plan, *, scope: Scope) -> Classes:
    """Sort the sold items by revenue and by variation of their monthly units over the last twelve closed months.

    Both are of the markets that the person sees. Accuracy is that of earlier plans at lag 1, per item × market × month.
    """
    first = plan.first_month_index
    block = load_actuals(first - YEAR, first - 1)
    items = load_hierarchy().items.set_index("item_id")
    family = items["family_id"].reindex(block.item_ids).to_numpy(np.int64)
    seen = scope.mask(family, block.market_ids.astype(np.int64)) & (family >= 0)
    seen &= items["is_sold"].reindex(block.item_ids).to_numpy(bool)
    keys, group = np.unique(block.item_ids[seen].astype(np.int64), return_inverse=True)
    units, net = (sum_by_group(part[seen], group, len(keys)) for part in (block.units, block.net_cents))
    limits = class_limits()
    abc, reached = revenue_classes(net.sum(axis=1), limits)
    xyz, variation = variation_classes(units, limits)
    missed, sold = _judged(plan, keys, scope)
    revenue = net.sum(axis=1)
    rows = [
        ClassedItem(
            item_id=int(key),
            code=str(items.at[key, "code"]),
            name=str(items.at[key, "name"]),
            family=str(items.at[key, "family"]),
            cents=int(revenue[at]),
            reached=_known(reached[at]),
            variation=_known(variation[at]),
            abc=str(abc[at]),
            xyz=str(xyz[at]),
            missed=int(missed[at]),
            sold=int(sold[at]),
        )
        for at, key in enumerate(keys.tolist())
    ]
    ranked = tuple(sorted(rows, key=lambda row: (-row.cents, row.code)))
    unclassed = sum(NONE in row.key for row in ranked)
    return Classes(limits, ranked, _cells(ranked), unclassed, bool(sold.any()))


def _cells(items: tuple[ClassedItem, ...]) -> tuple[tuple[ItemClass, ...], ...]:
    total = sum(max(row.cents, 0) for row in items)

    def cell(key: str) -> ItemClass:
        own = [row for row in items if row.key == key]
        cents, missed, sold = (sum(getattr(row, name) for row in own) for name in ("cents", "missed", "sold"))
        return ItemClass(key, len(own), cents, cents / total if total else None, missed / sold if sold else None)

    return tuple(tuple(cell(a + x) for x in LETTERS_BY_VARIATION) for a in LETTERS_BY_REVENUE)


def _judged(plan: Plan, keys: Ints, scope: Scope) -> tuple[Ints, Ints]:
    """Σ|A−F| and Σ|A| per item (n,) at lag 1, milli-units."""
    judged = judge(plan, level=Level.ITEM, scope=scope)
    block = next((each for each in judged.blocks if each.lag == JUDGED_LAG), None) if judged else None
    if judged is None or block is None:
        return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)
    known = np.isin(judged.places, keys)
    group = np.searchsorted(keys, judged.places[known])
    size = np.abs(block.consensus - block.actual).sum(axis=1, keepdims=True)[known]
    sold = np.abs(block.actual).sum(axis=1, keepdims=True)[known]
    return sum_by_group(size, group, len(keys))[:, 0], sum_by_group(sold, group, len(keys))[:, 0]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
