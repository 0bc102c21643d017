"""The fiscal year in units: what was budgeted, what lands, by month and by family, from the bridge's leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan
from cycles.selectors import Scope
from finance.frames.results import LEAF_MONTHS, NANO_PER_MILLI, StoredBridge, load_bridge
from finance.selectors.ties import window_of

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class UnitsLine:
    """Budget, unconstrained and landed milli-units of one family, or of one month, in the fiscal year."""

    name: str
    budget: int
    wanted: int
    landed: int

    @property
    def gap(self) -> int:
        """Landed − budget."""
        return self.landed - self.budget

    @property
    def share(self) -> float | None:
        """The gap as a fraction of the budget; None without one."""
        return self.gap / self.budget if self.budget else None


@dataclass(frozen=True)
class YearInUnits:
    """The year's total, its families (largest gap first) and its months; `months` are their first days."""

    total: UnitsLine
    families: tuple[UnitsLine, ...]
    by_month: tuple[UnitsLine, ...]
    months: tuple[date, ...]


def load_year_in_units(plan: Plan, scope: Scope) -> YearInUnits:
    """Sum the leaves of the plan's bridge inside `scope`; all zero before a landing.

    Budget units are summed unrounded and then rounded down once per line, so that the lines of a table may differ
    from their total by less than a unit.
    """
    bridge = load_bridge(plan, fiscal_start=window_of(plan).start)
    seen = scope.mask(bridge.keys["family_id"].to_numpy(), bridge.keys["market_id"].to_numpy())
    family = bridge.keys["family_id"].to_numpy()
    items = load_hierarchy().items.drop_duplicates("family_id").set_index("family_id")["family"].to_dict()
    families = [
        _line(bridge, seen & (family == key), slice(None), str(items.get(key, "–"))) for key in np.unique(family[seen])
    ]
    months = tuple(month_date(bridge.first_month + position) for position in range(LEAF_MONTHS))
    return YearInUnits(
        total=_line(bridge, seen, slice(None), "Total"),
        families=tuple(sorted(families, key=lambda line: -abs(line.gap))),
        by_month=tuple(_line(bridge, seen, slice(k, k + 1), f"{month:%Y-%m}") for k, month in enumerate(months)),
        months=months,
    )


def _line(bridge: StoredBridge, chosen: NDArray[np.bool_], months: slice, name: str) -> UnitsLine:
    sums = {column: int(bridge.blocks[column][chosen, months].sum()) for column in ("qb_nano", "qu", "qa")}
    return UnitsLine(name, sums["qb_nano"] // NANO_PER_MILLI, sums["qu"], sums["qa"])
