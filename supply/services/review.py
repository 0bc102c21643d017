"""Everything the supply page shows, computed from the published plan in a handful of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.calc.months import month_date
from catalog.calc.rounding import sum_by_group
from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Item
from cycles.models import Plan
from cycles.selectors import Scope
from supply.approved import approved_rows
from supply.frames import (
    ConstrainedBlock,
    LoadBlock,
    ProductionBlock,
    SupplyCosts,
    load_constrained,
    load_loads,
    load_production,
    load_supply_costs,
)
from supply.frames.hours import load_hours_per_unit
from supply.frames.plan_rates import load_plan_families, load_plan_standards
from supply.models import Shortage, ShortageCause, WorkCentre
from supply.selectors import Overload, overloads_of, shortages_of
from supply.services.plan_revenue import revenue_of

Ints = NDArray[np.int64]
MILLI = 1000
HOURS_PER_HEAD = 160
"""Hours that one person works in a month, for saying hours in heads; printed where it is used."""

B = TypeVar("B", ProductionBlock, SupplyCosts, ConstrainedBlock)


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One work centre in one month: ``load`` as a fraction of the regular hours, ``price`` cents per hour low–high."""

    month: date
    load: float | None
    overtime: int
    price_low: int
    price_high: int


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One work centre over the months, with its highest load."""

    code: str
    name: str
    cells: tuple[HeatCell, ...]
    peak: float


@dataclass(frozen=True, slots=True)
class StockRow:
    """Stock of one group of items at the end of each month: milli-units and cents at standard, opening first."""

    name: str
    units: tuple[int, ...]
    cents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShortHours:
    """Hours that a work centre lacks for the units it holds up: milli-hours, first and last month of the shortage."""

    centre: WorkCentre
    hours: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Review:
    """The page: totals over the horizon (milli-units, cents), the heat map, stock by group, overloads.

    `stock_total` is None where the plan holds nothing that can be stocked.
    """

    months: tuple[date, ...]
    revenue_cents: int
    upside_cents: int
    ship_milli: int
    short_milli: int
    overtime_milli: int
    overtime_cents: int
    expedite_milli: int
    expedite_cents: int
    subcontract_cents: int
    freight_cents: int
    needed: tuple[HeatRow, ...]
    planned: tuple[HeatRow, ...]
    stock: tuple[StockRow, ...]
    stock_total: StockRow | None
    short_by_month: tuple[int, ...]
    overtime_by_month: tuple[int, ...]
    overloads: tuple[Overload, ...]
    short_hours: tuple[ShortHours, ...]

    @property
    def served(self) -> float | None:
        """Share of the demand by quantity that the plan serves; None without demand."""
        demand = self.ship_milli + self.short_milli
        return self.ship_milli / demand if demand > 0 else None

    @property
    def lost_revenue_cents(self) -> int:
        """Upside less constrained revenue."""
        return self.upside_cents - self.revenue_cents

    @property
    def undecided(self) -> int:
        """Overloads without a decision that holds."""
        return sum(overload.decision is None for overload in self.overloads)

    @property
    def worst(self) -> tuple[HeatRow, HeatCell] | None:
        """The work centre and month with the highest lot-for-lot load."""
        cells = [(row, cell) for row in self.needed for cell in row.cells if cell.load is not None]
        return max(cells, key=lambda pair: pair[1].load or 0.0, default=None)


def review_of(plan: Plan, scope: Scope) -> Review:
    """Read the published supply plan of a plan for its page, inside a scope; all zero and empty before the first run.

    Loads and overloads are those of the whole plan: a work centre serves every family.
    """
    made, sent, costs, loads = load_production(plan), load_constrained(plan), load_supply_costs(plan), load_loads(plan)
    if not scope.is_everything:
        made, sent, costs = _inside(scope, made), _shipped_inside(scope, sent), _inside(scope, costs)
    revenue, upside = revenue_of(plan, sent, scope)
    stock = _stock(plan, made)
    months = tuple(month_date(plan.first_month_index + offset) for offset in range(plan.horizon))
    return Review(
        months=months,
        revenue_cents=revenue,
        upside_cents=upside,
        ship_milli=int(sent.ship.sum()),
        short_milli=int(sent.short.sum()),
        overtime_milli=int(loads.overtime.sum()),
        expedite_milli=int(made.expedite.sum()),
        **_premiums(costs),
        needed=_heat(loads, loads.needed, months),
        planned=_heat(loads, loads.planned, months),
        stock=stock[:-1],
        stock_total=stock[-1] if stock else None,
        short_by_month=tuple(sent.short.sum(axis=0).tolist()),
        overtime_by_month=tuple(loads.overtime.sum(axis=0).tolist()),
        overloads=tuple(overloads_of(plan)),
        short_hours=tuple(short_hours(plan)),
    )


def short_hours(plan: Plan) -> list[ShortHours]:
    """Hours that each work centre lacks for the shortages it causes, most hours first; through all levels.

    Of an approved plan as its snapshot has them: routings and bills of materials may have changed since.
    """
    rows: dict[int, list[Shortage]] = defaultdict(list)
    frozen = approved_rows(plan, "load")
    for row in shortages_of(plan):
        if row.cause == ShortageCause.CAPACITY and row.work_centre_id:
            rows[row.work_centre_id].append(row)
    found = []
    for centre, short in rows.items():
        named = short[0].work_centre
        if named is None:
            continue
        kept = (frozen or {}).get((named.code,))
        hours = _hours_of(plan, centre, short) if kept is None else kept["short_hours"]
        months = sorted(row.month for row in short)
        if hours:
            found.append(ShortHours(named, hours, months[0], months[-1]))
    return sorted(found, key=lambda lack: -lack.hours)


def _hours_of(plan: Plan, centre: int, short: list[Shortage]) -> int:
    per_unit = load_hours_per_unit(centre, plan.first_month_index)
    return round(sum(row.quantity * per_unit.get(row.item_id, 0.0) for row in short))


@dataclass(frozen=True, slots=True)
class HeadsNeeded:
    """A work centre in the busiest month of the plan, in heads of ``HOURS_PER_HEAD``: regular, planned, lot for lot."""

    code: str
    name: str
    month: date
    available: float
    planned: float
    needed: float

    @property
    def missing(self) -> float:
        """Heads that the whole demand needs beyond those that are there."""
        return max(self.needed - self.available, 0.0)


def heads_needed(plan: Plan) -> list[HeadsNeeded]:
    """Every work centre in the month in which it lacks most hours, most missing heads first."""
    loads, found = load_loads(plan), []
    for row, (code, name) in enumerate(zip(loads.codes, loads.names, strict=True)):
        at = int(np.argmax(loads.needed[row] - loads.available[row]))
        heads = [block[row, at] / MILLI / HOURS_PER_HEAD for block in (loads.available, loads.planned, loads.needed)]
        found.append(HeadsNeeded(code, name, month_date(plan.first_month_index + at), *heads))
    return sorted(found, key=lambda row: (-row.missing, row.code))


def _inside(scope: Scope, block: B) -> B:
    """The rows of items whose family is in the scope in all markets."""
    families = _families(block.item_ids)
    return _kept(block, np.array([scope.allows(family, None) for family in families], dtype=bool))


def _shipped_inside(scope: Scope, sent: ConstrainedBlock) -> ConstrainedBlock:
    families = np.array([family or 0 for family in _families(sent.item_ids)], np.int64)
    return _kept(sent, scope.mask(families, sent.market_ids.astype(np.int64)))


def _kept(block: B, rows: NDArray[np.bool_]) -> B:
    return replace(block, **{part.name: getattr(block, part.name)[rows] for part in fields(block)})


def _families(item_ids: NDArray[np.int32]) -> list[int | None]:
    family_of = dict(Item.objects.values_list("id", "family_id"))
    return [family_of[item] for item in item_ids.tolist()]


def _premiums(costs: SupplyCosts) -> dict[str, int]:
    names = ("overtime_cents", "expedite_cents", "subcontract_cents", "freight_cents")
    return {name: int(getattr(costs, name).sum()) for name in names}


def _heat(loads: LoadBlock, hours: Ints, months: tuple[date, ...]) -> tuple[HeatRow, ...]:
    rows = []
    for centre, (code, name) in enumerate(zip(loads.codes, loads.names, strict=True)):
        cells = tuple(
            HeatCell(
                month=month,
                load=hours[centre, t] / loads.available[centre, t] if loads.available[centre, t] else None,
                overtime=int(loads.overtime[centre, t]),
                price_low=int(loads.price_low[centre, t]),
                price_high=int(loads.price_high[centre, t]),
            )
            for t, month in enumerate(months)
        )
        rows.append(HeatRow(code, name, cells, max((cell.load or 0.0 for cell in cells), default=0.0)))
    return tuple(rows)


def _stock(plan: Plan, made: ProductionBlock) -> tuple[StockRow, ...]:
    """Stock by family, components together, largest first; the total is the last row. Empty without goods."""
    items = load_hierarchy().items.set_index("item_id")
    goods = ~items["is_service"].reindex(made.item_ids).to_numpy(bool)
    if len(goods) and not goods.any():
        return ()
    families = load_plan_families(plan)
    names = np.array([families[item] or "Components" for item in made.item_ids[goods].tolist()], dtype=object)
    cost4 = np.maximum(load_plan_standards(plan, made.item_ids[goods]), 0)
    units = np.concatenate([made.opening[:, None], made.inventory], axis=1)[goods]
    cents = to_cents(units, np.concatenate([cost4[:, :1], cost4], axis=1))
    labels, group = np.unique(names.astype(str), return_inverse=True)
    unit_sums = sum_by_group(units, group, len(labels))
    cent_sums = sum_by_group(cents, group, len(labels))
    order = np.argsort(-cent_sums.max(axis=1, initial=0), kind="stable")
    rows = [StockRow(str(labels[k]), tuple(unit_sums[k].tolist()), tuple(cent_sums[k].tolist())) for k in order]
    return (*rows, StockRow("Total", tuple(units.sum(axis=0).tolist()), tuple(cents.sum(axis=0).tolist())))
