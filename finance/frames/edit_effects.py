"""What the gestures of a plan moved in dollars: one gesture cell by cell, or all of them as a ranked list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.calc.rounding import sum_by_group
from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.series_rows import read_series
from cycles.models import Plan
from cycles.selectors import Scope
from demand.models import Edit
from finance.calc.edit_effect import EditEffect, edit_effect, effect_cash
from finance.calc.series_money import SeriesRates, SeriesUnits
from finance.frames.drill import Level, Node, TrailStep, drill_bridge
from finance.frames.traced_series import TracedSeries, load_traced
from finance.selectors.ties import window_of

Ints = NDArray[np.int64]
PAIR = 2**31


@dataclass(frozen=True)
class Moved:
    """What a gesture moved: milli-units and cents, signed; COGS and cost to serve are costs. `cash` None = not asked."""

    wanted: int
    shipped: int
    upside: int
    revenue: int
    cogs: int
    cost_to_serve: int
    cash: int | None = None

    @property
    def margin(self) -> int:
        """Revenue − COGS at standard − cost to serve."""
        return self.revenue - self.cogs - self.cost_to_serve


@dataclass(frozen=True)
class MovedMonth:
    """One month of a gesture; `in_year` says whether it counts into the plan's fiscal year."""

    month: int
    in_year: bool
    moved: Moved
    collected: int
    paid: int

    @property
    def is_empty(self) -> bool:
        """Whether neither units nor money nor cash move."""
        return not (self.moved.wanted or self.moved.upside or self.moved.cogs or self.collected or self.paid)


@dataclass(frozen=True)
class MovedCell:
    """One item in one market in one month, with codes; `is_unpriced`: its dollars are not known."""

    item_id: int
    market_id: int
    item: str
    market: str
    month: int
    moved: Moved
    is_unpriced: bool

    @property
    def month_key(self) -> str:
        """The month as addresses write it: 2014-06."""
        return f"{month_date(self.month):%Y-%m}"


@dataclass(frozen=True)
class GestureEffect:
    """One gesture in dollars, inside what the person may see. `cells` in order of size; `hidden` series lie outside.

    Cash: of `year` what moves inside the plan's fiscal year, of `horizon` inside the plan; `open_receivables` and
    `open_payables` cents are still to move after the fiscal year: margin − receivables + payables = cash. `trail`: the way from the
    company to the narrowest node that holds the whole gesture, with the bridge's figures.
    """

    edit: Edit
    year: Moved
    horizon: Moved
    months: tuple[MovedMonth, ...]
    cells: tuple[MovedCell, ...]
    series: int
    hidden: int
    open_receivables: int
    open_payables: int
    trail: tuple[TrailStep, ...]
    traced: TracedSeries

    @property
    def unpriced(self) -> int:
        """Cells whose dollars are not known."""
        return sum(cell.is_unpriced for cell in self.cells)


@dataclass(frozen=True)
class GestureRow:
    """One gesture of a list: over how many series, what it moved in the plan's fiscal year, and over the whole plan."""

    edit: Edit
    series: int
    moved: Moved
    horizon: Moved


def gesture_effect(plan: Plan, edit: Edit, scope: Scope) -> GestureEffect | None:
    """What one gesture moved; None when all of its series lie outside the scope.

    Raises:
        CashDoesNotTie: direct and indirect cash differ.
    """
    items, markets, delta = load_deltas(plan, edit)
    families = _families_of(items)
    seen = scope.mask(families, markets)
    if not seen.any():
        return None
    traced = load_traced(plan, items[seen], markets[seen])
    effect = edit_effect(_aligned(traced, items[seen], markets[seen], delta[seen]), traced.units, traced.rates)
    cash = effect_cash(effect, traced.terms())
    window = window_of(plan)
    year = slice(0, window.open)
    months = tuple(
        MovedMonth(
            month=plan.first_month_index + position,
            in_year=position < window.open,
            moved=_moved(effect, slice(position, position + 1), int(cash.direct[position])),
            collected=int(cash.collections[position]),
            paid=int(cash.collections[position] - cash.direct[position]),
        )
        for position in range(plan.horizon)
    )
    return GestureEffect(
        edit=edit,
        year=_moved(effect, year, int(cash.direct[year].sum())),
        horizon=_moved(effect, slice(None), int(cash.direct.sum())),
        months=months,
        cells=_cells(plan, effect, traced),
        series=len(traced.units.items),
        hidden=len(items) - len(traced.units.items),
        open_receivables=int(cash.receivables_change[year].sum()),
        open_payables=int(cash.payables_change[year].sum()),
        trail=drill_bridge(plan, _home(traced), Level.MONTH, scope).trail,
        traced=traced,
    )


def gesture_rows(plan: Plan, scope: Scope, *, stream: str = "", person: str = "") -> list[GestureRow]:
    """Every gesture that moved something inside the scope, largest unconstrained dollars of the fiscal year first.

    Args:
        plan: the plan.
        scope: what the person may see.
        stream: only this `EditKind`, '' = all.
        person: only this username, '' = everybody.
    """
    edits = Edit.objects.filter(plan=plan).select_related("author")
    edits = edits.filter(kind=stream) if stream else edits
    edits = edits.filter(author__username=person) if person else edits
    heads = edits.in_bulk()
    numbers, items, markets, delta = _all_deltas(plan, sorted(heads))
    seen = scope.mask(_families_of(items), markets)
    numbers, items, markets, delta = numbers[seen], items[seen], markets[seen], delta[seen]
    if not len(numbers):
        return []
    series, row = np.unique(items * PAIR + markets, return_inverse=True)
    traced = load_traced(plan, series // PAIR, series % PAIR)
    present = np.searchsorted(series, traced.units.items * PAIR + traced.units.markets)
    place = np.full(len(series), -1)
    place[present] = np.arange(len(present))
    kept = place[row] >= 0
    at = place[row[kept]]
    effect = edit_effect(delta[kept], _taken_units(traced.units, at), _taken_rates(traced.rates, at))
    return _ranked(heads, numbers[kept], effect, window_of(plan).open)


def load_deltas(plan: Plan, edit: Edit) -> tuple[Ints, Ints, Ints]:
    """The lines of a gesture that move something: items (n,), markets (n,), milli-units (n, horizon), by key."""
    _, items, markets, delta = _all_deltas(plan, [edit.pk])
    return items, markets, delta


def _all_deltas(plan: Plan, edits: list[int]) -> tuple[Ints, Ints, Ints, Ints]:
    keys, (delta,) = read_series(
        "SELECT edit_id::int4, item_id::int4, market_id::int4, delta FROM demand_editline "
        "WHERE plan_id = %s AND edit_id = ANY(%s::bigint[]) ORDER BY edit_id, item_id, market_id",
        keys=3,
        columns=1,
        months=plan.horizon,
        parameters=(plan.pk, edits),
    )
    numbers, items, markets = (key.astype(np.int64) for key in keys)
    moves = delta.any(axis=1)
    return numbers[moves], items[moves], markets[moves], delta[moves]


def _families_of(items: Ints) -> Ints:
    family = load_hierarchy().items.set_index("item_id")["family_id"]
    return family.reindex(items).fillna(-1).to_numpy(np.int64)


def _home(traced: TracedSeries) -> Node:
    """The narrowest node that holds every series of a gesture."""
    hierarchy, units = load_hierarchy(), traced.units
    parents = hierarchy.items.set_index("item_id").loc[units.items, ["category_id", "family_id"]]
    named = {
        "category_id": parents["category_id"].to_numpy(),
        "family_id": parents["family_id"].to_numpy(),
        "item_id": units.items,
        "market_id": units.markets,
    }
    same = {name: int(keys[0]) for name, keys in named.items() if len(set(keys.tolist())) == 1}
    return Node(**{name: key for name, key in same.items() if key > 0})


def _aligned(traced: TracedSeries, items: Ints, markets: Ints, delta: Ints) -> Ints:
    """The deltas of the series that the plan still holds, in their order."""
    held = np.isin(items * PAIR + markets, traced.units.items * PAIR + traced.units.markets)
    return delta[held]


def _taken_units(units: SeriesUnits, at: Ints) -> SeriesUnits:
    return SeriesUnits(units.items[at], units.markets[at], units.wanted[at], units.shipped[at])


def _taken_rates(rates: SeriesRates, at: Ints) -> SeriesRates:
    return SeriesRates(rates.net_price4[at], rates.cost4[at], rates.channel_cost4[at], rates.fx6[at])


def _moved(effect: EditEffect, months: slice, cash: int) -> Moved:
    return Moved(*(int(block[:, months].sum()) for block in effect.blocks), cash=cash)


def _cells(plan: Plan, effect: EditEffect, traced: TracedSeries) -> tuple[MovedCell, ...]:
    hierarchy = load_hierarchy()
    items = hierarchy.items.set_index("item_id")["code"].to_dict()
    markets = hierarchy.markets.set_index("market_id")["code"].to_dict()
    found = []
    for row, month in np.argwhere(effect.wanted != 0).tolist():
        item, market = int(traced.units.items[row]), int(traced.units.markets[row])
        found.append(
            MovedCell(
                item_id=item,
                market_id=market,
                item=items[item],
                market=markets[market],
                month=plan.first_month_index + month,
                moved=Moved(*(int(block[row, month]) for block in effect.blocks)),
                is_unpriced=bool(effect.unpriced[row, month]),
            )
        )
    return tuple(sorted(found, key=lambda cell: (-abs(cell.moved.upside), cell.item, cell.market, cell.month)))


def _ranked(heads: dict[int, Edit], numbers: Ints, effect: EditEffect, open_months: int) -> list[GestureRow]:
    present, group = np.unique(numbers, return_inverse=True)
    year, horizon = (
        sum_by_group(np.stack([block[:, :last].sum(axis=1) for block in effect.blocks], axis=1), group, len(present))
        for last in (open_months, None)
    )
    series = np.bincount(group)
    rows = [
        GestureRow(heads[number], int(series[place]), Moved(*year[place].tolist()), Moved(*horizon[place].tolist()))
        for place, number in enumerate(present.tolist())
    ]
    return sorted(rows, key=lambda row: (-abs(row.moved.upside), -abs(row.horizon.upside), -row.edit.revision))
