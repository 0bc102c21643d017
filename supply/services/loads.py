"""What loads one work centre in one month: the items, their hours and share, and the demand behind each of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.models import Item, Market
from cycles.models import Plan
from cycles.selectors import Scope
from supply.approved import approved_rows
from supply.calc.shortage_causes import hours_through_all_levels
from supply.frames import load_constrained, load_production, load_supply_problem
from supply.frames.alternatives import load_moves
from supply.frames.sources import load_bom_lines, load_operations
from supply.models import WorkCentre, WorkCentreLoad

MILLI = 1000
SHOWN_BEHIND = 4
LEAST_MILLI = 100


class Behind(NamedTuple):
    """A market that buys the item, or an item that it goes into, with milli-units of the month."""

    name: str
    milli: int


@dataclass(frozen=True, slots=True)
class LoadLine:
    """One item on a work centre in a month: milli-units, milli-hours, share of the centre's load, and who wants it.

    ``item`` is None for everything outside the reader's families, summed.
    """

    item: Item | None
    units: int
    hours: int
    share: float
    behind: tuple[Behind, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class CentreMonth:
    """A work centre in a month: milli-hours as published, cents per hour, and its lines, largest first."""

    centre: WorkCentre
    load: WorkCentreLoad
    month: int
    lines: tuple[LoadLine, ...]

    @property
    def hours(self) -> int:
        """Hours of all lines, milli-hours."""
        return sum(line.hours for line in self.lines)

    @property
    def has_moved(self) -> bool:
        """Whether the lot-for-lot lines, read from today's files, miss what the plan was published with."""
        return abs(self.hours - self.needed) > max(LEAST_MILLI, len(self.lines))

    @property
    def needed(self) -> int:
        """Lot-for-lot hours of the whole demand."""
        return int(self.load.needed[self.month])

    @property
    def planned(self) -> int:
        """Hours of the constrained plan."""
        return int(self.load.planned[self.month])

    @property
    def available(self) -> int:
        """Regular hours."""
        return int(self.load.available[self.month])

    @property
    def overtime(self) -> int:
        """Overtime hours of the plan."""
        return int(self.load.overtime[self.month])

    @property
    def shift(self) -> int:
        """Hours of extra shifts of the plan."""
        return int(self.load.shift[self.month]) if self.load.shift else 0


def planned_month(plan: Plan, load: WorkCentreLoad, month: int, scope: Scope) -> CentreMonth:
    """What the constrained plan makes on the centre in a month (number from 0); the lines add up to `planned`.

    Units that go through an alternative work centre count there. Behind an item stand the markets it ships to in the month, and the items it goes into.
    """
    made, hours_of = load_production(plan), own_hours(plan, load.work_centre)
    quantities: dict[int, int] = defaultdict(int)
    for row in np.flatnonzero(made.site_ids == load.work_centre.site_id).tolist():
        units = int(made.make[row, month] + made.overtime[row, month])
        if units and int(made.item_ids[row]) in hours_of:
            quantities[int(made.item_ids[row])] += units
    wanted = {item: units / MILLI * hours_of[item] for item, units in quantities.items()}
    for item, (units, milli_hours) in load_moves(plan, load.work_centre, month).items():
        quantities[item] += units
        wanted[item] = wanted.get(item, 0.0) + milli_hours / MILLI
    wanted = {item: hours for item, hours in wanted.items() if quantities[item]}
    behind = _markets_of(plan, set(wanted), month)
    for item, parts in _parents_of(plan, load.work_centre.site_id, set(wanted), month).items():
        behind[item] += parts
    return CentreMonth(load.work_centre, load, month, _lines(quantities, wanted, behind, scope))


def needed_month(plan: Plan, load: WorkCentreLoad, month: int, scope: Scope) -> CentreMonth:
    """What the whole demand needs of the centre in a month, lot for lot, by the items that are sold; adds up to `needed`.

    Hours go through all levels: a sold item loads the centres of its components. Reads the plan's present inputs.
    """
    supply = load_supply_problem(plan)
    problem, grouped = supply.problem, supply.grouped
    places = np.flatnonzero(supply.centre_ids == load.work_centre_id)
    if not len(places):
        return CentreMonth(load.work_centre, load, month, ())
    per_unit = hours_through_all_levels(problem, month)[:, places[0]]
    first = _preferred(problem.groups.lane_group, problem.groups.lane_node, problem.groups.lane_rank)
    quantities: dict[int, int] = defaultdict(int)
    wanted: dict[int, float] = defaultdict(float)
    markets: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for piece, group in enumerate(grouped.piece_group.tolist()):
        units, hours = int(grouped.piece_quantity[piece, month]), float(per_unit[first[group]])
        leaf = int(grouped.piece_leaf[piece])
        if units and hours:
            item = int(supply.leaves.item_ids[leaf])
            quantities[item] += units
            wanted[item] += units / MILLI * hours
            markets[item][int(supply.leaves.market_ids[leaf])] += units
    names = dict(Market.objects.values_list("id", "code"))
    behind = {item: [Behind(names[key], units) for key, units in parts.items()] for item, parts in markets.items()}
    return CentreMonth(load.work_centre, load, month, _lines(quantities, wanted, behind, scope))


def _preferred(group: NDArray[np.int64], node: NDArray[np.int64], rank: NDArray[np.int64]) -> dict[int, int]:
    """The node that serves each group first, as the rough-cut counts it."""
    first: dict[int, int] = {}
    for lane in np.lexsort((np.arange(len(group)), rank)).tolist():
        first.setdefault(int(group[lane]), int(node[lane]))
    return first


def own_hours(plan: Plan, centre: WorkCentre) -> dict[int, float]:
    """Hours of the centre in one unit of each item that ordinarily has an operation there; as frozen once approved."""
    frozen = (approved_rows(plan, "load") or {}).get((centre.code,))
    if frozen is not None and "items" in frozen:
        each = dict(zip(frozen["items"], frozen["item_hours"], strict=True))
        return {key: float(each[code]) for key, code in Item.objects.filter(code__in=each).values_list("pk", "code")}
    operations = load_operations()
    own = operations[(operations["work_centre_id"] == centre.pk) & ~operations["is_alternative"]]
    hours: dict[int, float] = defaultdict(float)
    for item, value in zip(own["item_id"].tolist(), own["hours"].tolist(), strict=True):
        hours[item] += value
    return dict(hours)


def _markets_of(plan: Plan, items: set[int], month: int) -> dict[int, list[Behind]]:
    sent, names = load_constrained(plan), dict(Market.objects.values_list("id", "code"))
    behind: dict[int, list[Behind]] = defaultdict(list)
    for item, market, units in zip(
        sent.item_ids.tolist(), sent.market_ids.tolist(), sent.ship[:, month].tolist(), strict=True
    ):
        if item in items and units:
            behind[item].append(Behind(names[market], units))
    return behind


def _parents_of(plan: Plan, site_id: int, items: set[int], month: int) -> dict[int, list[Behind]]:
    """For items that go into others: the parents made at the site in the month, with what they take."""
    lines, made = load_bom_lines(plan.first_month_index + month, 1), load_production(plan)
    here = made.site_ids == site_id
    units = dict(zip(made.item_ids[here].tolist(), (made.make + made.overtime)[here, month].tolist(), strict=True))
    codes = dict(Item.objects.filter(pk__in=lines.parent.tolist()).values_list("id", "code"))
    behind: dict[int, list[Behind]] = defaultdict(list)
    for parent, component, quantity in zip(
        lines.parent.tolist(), lines.component.tolist(), lines.quantity.tolist(), strict=True
    ):
        if component in items and units.get(parent):
            behind[component].append(Behind(codes[parent], round(units[parent] * quantity)))
    return behind


def _lines(
    quantities: dict[int, int], wanted: dict[int, float], behind: dict[int, list[Behind]], scope: Scope
) -> tuple[LoadLine, ...]:
    """Lines by hours, largest first; what lies outside the scope is one line at the end."""
    total = sum(wanted.values())
    items = Item.objects.in_bulk(list(wanted))
    lines, hidden = [], [0, 0.0]
    for item, hours in sorted(wanted.items(), key=lambda pair: -pair[1]):
        if not scope.is_everything and not scope.allows(items[item].family_id, None):
            hidden = [hidden[0] + quantities[item], hidden[1] + hours]
            continue
        parts = sorted(behind.get(item, []), key=lambda part: -part.milli)
        shown, more = tuple(parts[:SHOWN_BEHIND]), max(len(parts) - SHOWN_BEHIND, 0)
        lines.append(LoadLine(items[item], quantities[item], round(hours * MILLI), hours / total, shown, more))
    if hidden[1]:
        lines.append(LoadLine(None, int(hidden[0]), round(hidden[1] * MILLI), hidden[1] / total))
    return tuple(lines)
