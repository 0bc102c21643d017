"""The revenue bridge of two files of rows: exact decimals in, one amount per driver out, in cents that add up.

Leaves and formulas are those of `finance.calc.bridge`; the difference is the rounding: nobody looks at the leaves, so
their drivers are added up unrounded and each driver is rounded once. Source: FORMULAS §2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finance.calc.bridge import BridgeRates, BudgetSide, Driver, MixLevel, PlanSide, round_to_total, unrounded_drivers

Floats = NDArray[np.float64]

EXACT = Context(prec=100)
PRINTED = tuple(driver for driver in Driver if driver is not Driver.CONSTRAINT)
NOISE = 6
"""Decimals of a cent beyond which a sum of floats is noise."""

LeafKey = tuple[str, str, str]


@dataclass(frozen=True)
class FileRow:
    """One row: `amount` in its own currency (units × price unless the file gives it), `fx` reporting currency per one."""

    item: str
    family: str
    market: str
    month: int
    units: Decimal
    amount: Decimal
    fx: Decimal


@dataclass
class _Cell:
    """What the rows of one leaf and month add up to: units, amount in the own and in the reporting currency."""

    units: Decimal = Decimal(0)
    local: Decimal = Decimal(0)
    reporting: Decimal = Decimal(0)
    rates: list[Decimal] = field(default_factory=list)

    def add(self, row: FileRow) -> None:
        self.units = EXACT.add(self.units, row.units)
        self.local = EXACT.add(self.local, row.amount)
        self.reporting = EXACT.add(self.reporting, EXACT.multiply(row.amount, row.fx))
        if row.fx not in self.rates:
            self.rates.append(row.fx)

    @property
    def fx(self) -> float:
        """The rate of its rows; of rows with several, what turns the sum of one currency into the other."""
        if len(self.rates) > 1 and self.local and self.reporting / self.local > 0:
            return float(self.reporting / self.local)
        return float(sum(self.rates) / len(self.rates))


@dataclass(frozen=True)
class FileBridge:
    """Cents of the reporting currency: each driver of `PRINTED`, and the total, which is their sum.

    `whole_groups`: cells of a mix group without units in the first file, whose whole change stands in volume.
    """

    drivers: dict[Driver, int]
    total: int
    whole_groups: int


Cells = Mapping[tuple[LeafKey, int], _Cell]


def bridge_rows(base: Iterable[FileRow], other: Iterable[FileRow], *, mix_level: MixLevel) -> FileBridge:
    """Bridge the revenue of two lists of rows; rows of one item, family, market and month are added up first.

    Mix level item: leaf = item × family × market × month, mix group = family × market × month. Mix level family: the
    items of a family and market are added up, the leaf is the group, and mix is 0. A leaf is new or discontinued when
    the other list has no units of it in any month.

    Returns:
        Σ drivers = total = revenue(other) − revenue(base), computed exactly and rounded to cents once.

    Raises:
        BridgeDoesNotClose: an amount is too large for the arithmetic.
    """
    before, after = _cells(base, mix_level), _cells(other, mix_level)
    leaves = sorted({leaf for leaf, _ in [*before, *after]})
    months = sorted({month for _, month in [*before, *after]})
    exact = EXACT.subtract(_revenue(after), _revenue(before))
    total = int(exact.scaleb(2, EXACT).quantize(Decimal(1), rounding=ROUND_HALF_UP, context=EXACT))
    if not leaves:
        return FileBridge(dict.fromkeys(PRINTED, 0), total, 0)
    groups = {group: k for k, group in enumerate(sorted({leaf[1:] for leaf in leaves}))}
    one, two = _arrays(before, leaves, months), _arrays(after, leaves, months)
    fx_before, fx_after = _rates(before, after, leaves, months), _rates(after, before, leaves, months)
    split = unrounded_drivers(
        BudgetSide(one[0], one[1]),
        PlanSide(two[0], two[1], two[1]),
        BridgeRates(np.array([groups[leaf[1:]] for leaf in leaves]), fx_before, fx_after),
    )
    sums = np.array([[round(math.fsum(part.ravel().tolist()), NOISE)] for part in split.parts[: len(PRINTED)]])
    cents = round_to_total(sums, np.array([total], np.int64))[:, 0].tolist()
    return FileBridge(dict(zip(PRINTED, cents, strict=True)), total, int(split.whole_change.sum()))


def _cells(rows: Iterable[FileRow], mix_level: MixLevel) -> dict[tuple[LeafKey, int], _Cell]:
    cells: dict[tuple[LeafKey, int], _Cell] = {}
    for row in rows:
        item = row.item if mix_level is MixLevel.ITEM else ""
        cells.setdefault(((item, row.family, row.market), row.month), _Cell()).add(row)
    return cells


def _revenue(cells: Cells) -> Decimal:
    total = Decimal(0)
    for cell in cells.values():
        total = EXACT.add(total, cell.reporting)
    return total


def _arrays(cells: Cells, leaves: list[LeafKey], months: list[int]) -> tuple[Floats, NDArray[Any]]:
    """Units, and cents of the reporting currency with their fractions, (leaf, month) each."""
    row_of, column_of = {leaf: k for k, leaf in enumerate(leaves)}, {month: k for k, month in enumerate(months)}
    units, cents = np.zeros((len(leaves), len(months))), np.zeros((len(leaves), len(months)))
    for (leaf, month), cell in cells.items():
        place = row_of[leaf], column_of[month]
        units[place], cents[place] = float(cell.units), float(cell.reporting.scaleb(2, EXACT))
    return units, cents


def _rates(cells: Cells, others: Cells, leaves: list[LeafKey], months: list[int]) -> Floats:
    """Exchange rates (leaf, month) of one list; a cell it does not have takes its market's rate of the month.

    Else its market's average over the months, else what the other list says (FX is 0 there), else 1.
    """
    monthly, yearly = _market_rates(cells)
    other_monthly, other_yearly = _market_rates(others)
    rates = np.ones((len(leaves), len(months)))
    for row, leaf in enumerate(leaves):
        for column, month in enumerate(months):
            cell, market = cells.get((leaf, month)), leaf[2]
            known = (
                monthly.get((market, month)), yearly.get(market),
                other_monthly.get((market, month)), other_yearly.get(market),
            )  # fmt: skip
            rates[row, column] = cell.fx if cell else next((rate for rate in known if rate), 1.0)
    return rates


def _market_rates(cells: Cells) -> tuple[dict[tuple[str, int], float], dict[str, float]]:
    monthly: dict[tuple[str, int], list[float]] = {}
    yearly: dict[str, list[float]] = {}
    for (leaf, month), cell in cells.items():
        monthly.setdefault((leaf[2], month), []).append(cell.fx)
        yearly.setdefault(leaf[2], []).append(cell.fx)
    return (
        {key: sum(rates) / len(rates) for key, rates in monthly.items()},
        {key: sum(rates) / len(rates) for key, rates in yearly.items()},
    )
