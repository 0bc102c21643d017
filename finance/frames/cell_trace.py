"""One cell from its budget to its number: the drivers of its leaf, its baseline, and the gestures upon it by person."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.calc.months import month_date
from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.series_rows import read_series
from cycles.models import Plan
from cycles.selectors import Scope
from demand.models import Edit
from finance.calc.bridge import Driver
from finance.calc.edit_effect import closing_parts, edit_effect
from finance.calc.series_money import SeriesRates, SeriesUnits
from finance.frames.drill import DrillRow, Level, Node, TrailStep, drill_bridge
from finance.frames.edit_effects import Moved
from finance.frames.traced_series import TracedSeries, load_traced
from finance.selectors.ties import window_of

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class CellEdit:
    """One gesture on the cell: what it put there, and what that moved, as its own page says."""

    edit: Edit
    moved: Moved


@dataclass(frozen=True)
class PlannedCell:
    """An open month: baseline + gestures + rounding = unconstrained; less what is short = revenue.

    Milli-units and cents; `price4`, `cost4` ten-thousandths and `fx6` millionths, −1 = missing, then `is_unpriced`.
    """

    baseline_units: int
    baseline_cents: int
    edits: tuple[CellEdit, ...]
    rounding: int
    wanted: int
    upside: int
    shipped: int
    revenue: int
    cogs: int
    price4: int
    cost4: int
    fx6: int

    @property
    def constraint(self) -> int:
        """What is short, cents, ≤ 0."""
        return self.revenue - self.upside

    @property
    def short(self) -> int:
        """Milli-units that are wanted and not shipped."""
        return self.wanted - self.shipped

    @property
    def is_unpriced(self) -> bool:
        """Whether a price, a cost or an exchange rate is missing."""
        return self.price4 < 0 or self.cost4 < 0 or self.fx6 <= 0


@dataclass(frozen=True)
class CellTrace:
    """A cell, and the way to it. `leaf`: its figures in the bridge, None outside the fiscal year; `planned` None in a
    closed month."""

    node: Node
    item: str
    market: str
    month: int
    trail: tuple[TrailStep, ...]
    leaf: DrillRow | None
    planned: PlannedCell | None
    traced: TracedSeries | None

    @property
    def drivers(self) -> tuple[tuple[Driver, int], ...]:
        """Each driver with its cents, none outside the fiscal year."""
        return self.leaf.by_driver if self.leaf else ()


def cell_trace(plan: Plan, node: Node, month: int, scope: Scope) -> CellTrace | None:
    """The cell of one series in one month; None when it is no series of the plan inside the scope.

    Args:
        plan: the plan.
        node: an item and a market.
        month: month number in the fiscal year or the horizon.
        scope: what the person may see.
    """
    hierarchy = load_hierarchy()
    items, markets = hierarchy.items.set_index("item_id"), hierarchy.markets.set_index("market_id")
    if node.item_id not in items.index or node.market_id not in markets.index:
        return None
    if not scope.allows(int(items.loc[node.item_id, "family_id"]), node.market_id):
        return None
    window, place = window_of(plan), month - plan.first_month_index
    if not (month in window.months or 0 <= place < plan.horizon):
        return None
    item = items.loc[node.item_id]
    node = replace(node, category_id=_known(item["category_id"]), family_id=_known(item["family_id"]))
    drill = drill_bridge(plan, node, Level.MONTH, scope)
    leaf = drill.rows[month - window.start] if month in window.months else None
    pair = np.array([node.item_id], dtype=np.int64), np.array([node.market_id], dtype=np.int64)
    traced = load_traced(plan, *pair) if 0 <= place < plan.horizon else None
    is_planned = traced is not None and len(traced.units.items) == 1
    planned = _planned(plan, traced, place) if traced is not None and is_planned else None
    codes = str(item["code"]), str(markets.loc[node.market_id, "code"])
    return CellTrace(node, *codes, month, drill.trail, leaf, planned, traced if is_planned else None)


def _known(key: int) -> int | None:
    return int(key) if key > 0 else None


def _planned(plan: Plan, traced: TracedSeries, place: int) -> PlannedCell:
    units, rates = traced.units, traced.rates
    price, fx = int(rates.net_price4[0, place]), int(rates.fx6[0, place])
    usable = (max(price, 0) if fx > 0 else 0, fx if fx > 0 else 1_000_000)
    wanted, baseline = int(units.wanted[0, place]), int(traced.baseline[0, place])
    edits, deltas = _edits(plan, units, place)
    parts, rounding = closing_parts(baseline, wanted, deltas, lambda milli: to_cents(milli, *usable))
    upside, revenue = (int(to_cents(int(block[0, place]), *usable)) for block in (units.wanted, units.shipped))
    return PlannedCell(
        baseline_units=baseline,
        baseline_cents=upside - rounding - int(parts.sum()),
        edits=tuple(_cell_edit(*pair, units, rates, place) for pair in zip(edits, deltas.tolist(), strict=True)),
        rounding=rounding,
        wanted=wanted,
        upside=upside,
        shipped=int(units.shipped[0, place]),
        revenue=revenue,
        cogs=int(to_cents(int(units.shipped[0, place]), max(int(rates.cost4[0, place]), 0))),
        price4=price,
        cost4=int(rates.cost4[0, place]),
        fx6=fx,
    )


def _edits(plan: Plan, units: SeriesUnits, place: int) -> tuple[list[Edit], Ints]:
    """The gestures that touched the cell, oldest first, and their deltas there, (gesture,) milli-units."""
    keys, (delta, touched) = read_series(
        "SELECT edit_id::int4, delta, touched FROM demand_editline "
        "WHERE plan_id = %s AND item_id = %s AND market_id = %s ORDER BY edit_id",
        keys=1,
        columns=2,
        months=plan.horizon,
        parameters=(plan.pk, int(units.items[0]), int(units.markets[0])),
    )
    here = (delta[:, place] != 0) | (touched[:, place] != 0)
    heads = Edit.objects.select_related("author").in_bulk(keys[0][here].tolist())
    return [heads[number] for number in keys[0][here].tolist()], delta[here, place]


def _cell_edit(edit: Edit, delta: int, units: SeriesUnits, rates: SeriesRates, place: int) -> CellEdit:
    """What the gesture moved in this cell, by the same calculation as on its own page."""
    cell = slice(place, place + 1)
    effect = edit_effect(
        np.array([[delta]], dtype=np.int64),
        SeriesUnits(units.items, units.markets, units.wanted[:, cell], units.shipped[:, cell]),
        SeriesRates(rates.net_price4[:, cell], rates.cost4[:, cell], rates.channel_cost4[:, cell], rates.fx6[:, cell]),
    )
    return CellEdit(edit, Moved(*(int(block[0, 0]) for block in effect.blocks)))


def month_of(text: str) -> int | None:
    """The month number of an address's YYYY-MM, None for anything else."""
    year, _, month = text.partition("-")
    if not (len(text) == 7 and year.isdecimal() and month.isdecimal() and 1 <= int(month) <= 12 and int(year) > 0):
        return None
    return int(year) * 12 + int(month) - 1


def month_key(month: int) -> str:
    """A month number as addresses write it: 2014-06."""
    return f"{month_date(month):%Y-%m}"
