"""The bridge by node: company → category → family → item → market → months → the edits behind a cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.calc.rounding import sum_by_group
from catalog.frames.hierarchy import Hierarchy, load_hierarchy
from catalog.models import Item
from cycles.models import Plan
from cycles.selectors import Scope
from finance.calc.bridge import Driver
from finance.frames.results import LEAF_MONTHS, NANO_PER_MILLI, StoredBridge, load_bridge, load_revenue
from finance.selectors.ties import window_of

Ints = NDArray[np.int64]
YEAR = slice(None)


class Level(StrEnum):
    """What the rows of a drill stand for."""

    CATEGORY = "category"
    FAMILY = "family"
    ITEM = "item"
    MARKET = "market"
    REGION = "region"
    CHANNEL = "channel"
    MONTH = "month"


NEXT_LEVEL = {
    Level.CATEGORY: Level.FAMILY,
    Level.FAMILY: Level.ITEM,
    Level.ITEM: Level.MARKET,
    Level.REGION: Level.MARKET,
    Level.CHANNEL: Level.MARKET,
    Level.MARKET: Level.MONTH,
}
KEY_OF_LEVEL = {
    Level.CATEGORY: "category_id",
    Level.FAMILY: "family_id",
    Level.ITEM: "item_id",
    Level.MARKET: "market_id",
    Level.REGION: "region_id",
    Level.CHANNEL: "channel_id",
}


@dataclass(frozen=True)
class Node:
    """Where one is: the keys chosen so far, None = all."""

    category_id: int | None = None
    family_id: int | None = None
    item_id: int | None = None
    market_id: int | None = None
    region_id: int | None = None
    channel_id: int | None = None

    @property
    def is_series(self) -> bool:
        """Whether it is one item in one market."""
        return self.item_id is not None and self.market_id is not None

    def within(self, level: Level, key: int) -> Node:
        """The node one step further down."""
        return replace(self, **{KEY_OF_LEVEL[level]: key})

    @property
    def filters(self) -> dict[str, int]:
        """The chosen keys by column."""
        named = {
            "category_id": self.category_id,
            "family_id": self.family_id,
            "item_id": self.item_id,
            "market_id": self.market_id,
            "region_id": self.region_id,
            "channel_id": self.channel_id,
        }
        return {name: key for name, key in named.items() if key is not None}


@dataclass(frozen=True)
class DrillRow:
    """One node of a level: cents of the fiscal year; `drivers` in the order of `Driver`; `key` None on a month.

    `units_budget` and `units_landed` are the milli-units behind them.
    """

    key: int | None
    label: str
    name: str
    budget: int
    landing: int
    drivers: tuple[int, ...]
    units_budget: int
    units_landed: int

    @property
    def gap(self) -> int:
        """Landing − budget."""
        return self.landing - self.budget

    @property
    def by_driver(self) -> tuple[tuple[Driver, int], ...]:
        """Each driver with its cents."""
        return tuple(zip(Driver, self.drivers, strict=True))

    @property
    def units_gap(self) -> int:
        """Milli-units landed − budgeted."""
        return self.units_landed - self.units_budget

    @property
    def units_share(self) -> float | None:
        """The gap in units as a fraction of the budget; None without one."""
        return self.units_gap / self.units_budget if self.units_budget else None


@dataclass(frozen=True)
class TrailStep:
    """One step of the way here: a node, the rows that it opens, and its own figures, equal to its row one step up."""

    label: str
    node: Node
    below: Level
    total: DrillRow


@dataclass(frozen=True)
class Drill:
    """The rows under a node, largest gap first (months in order), and their total, which is the node itself.

    `leaves`: how many leaves lie inside; without any there is no such node, and its figures are nothing, not 0.
    """

    node: Node
    level: Level
    rows: tuple[DrillRow, ...]
    total: DrillRow
    trail: tuple[TrailStep, ...]
    leaves: int

    def ranked_by(self, driver: Driver) -> Drill:
        """The same rows, those that this driver moved most first; months stay in order."""
        place = list(Driver).index(driver)
        if self.level == Level.MONTH:
            return self
        return replace(self, rows=tuple(sorted(self.rows, key=lambda row: -abs(row.drivers[place]))))


def drill_bridge(plan: Plan, node: Node, level: Level, scope: Scope) -> Drill:
    """Sum the bridge's leaves inside `node` and `scope` by the nodes of `level`.

    Every figure is integer addition over the same leaves: the rows add to the total, and each step of the trail to the
    row that leads to it.
    """
    hierarchy = load_hierarchy()
    bridge = load_bridge(plan, fiscal_start=window_of(plan).start)
    keys = with_parents(bridge.keys, hierarchy)
    seen = scope.mask(keys["family_id"].to_numpy(), keys["market_id"].to_numpy())
    chosen = seen & inside(keys, node)
    if level == Level.MONTH:
        rows = _months(bridge, chosen)
    else:
        rows = _nodes(bridge, keys[KEY_OF_LEVEL[level]].to_numpy(), chosen, labels_of(level, hierarchy))
    trail = [
        TrailStep(label, here, below, _row(bridge, seen & inside(keys, here), None, (label, "")))
        for label, here, below in _path(node, hierarchy)
    ]
    return Drill(node, level, tuple(rows), replace(trail[-1].total, label="Total"), tuple(trail), int(chosen.sum()))


def inside(keys: pd.DataFrame, node: Node) -> NDArray[np.bool_]:
    """Which leaves lie inside a node, (leaf,)."""
    chosen = np.ones(len(keys), dtype=bool)
    for column, key in node.filters.items():
        chosen &= keys[column].to_numpy() == key
    return chosen


def with_parents(keys: pd.DataFrame, hierarchy: Hierarchy) -> pd.DataFrame:
    """Leaf keys with the category of their family, and the region and channel of their market."""
    families = hierarchy.items[hierarchy.items["family_id"] > 0].drop_duplicates("family_id").set_index("family_id")
    markets = hierarchy.markets.set_index("market_id")[["region_id", "channel_id"]].reindex(keys["market_id"])
    return keys.assign(
        category_id=families["category_id"].reindex(keys["family_id"]).fillna(0).to_numpy(np.int64),
        region_id=markets["region_id"].to_numpy(np.int64),
        channel_id=markets["channel_id"].to_numpy(np.int64),
    )


def labels_of(level: Level, hierarchy: Hierarchy) -> dict[int, tuple[str, str]]:
    """Key → (code, name) of the nodes of a level."""
    items, markets = hierarchy.items, hierarchy.markets
    columns = {
        Level.CATEGORY: (items, "category_id", "category", "category"),
        Level.FAMILY: (items, "family_id", "family", "category"),
        Level.ITEM: (items, "item_id", "code", "name"),
        Level.MARKET: (markets, "market_id", "code", "region_name"),
        Level.REGION: (markets, "region_id", "region", "region_name"),
        Level.CHANNEL: (markets, "channel_id", "channel", "channel_name"),
    }
    if level not in columns:
        return {}
    frame, key, code, name = columns[level]
    unique = frame.drop_duplicates(key)
    return {int(k): (c, n) for k, c, n in zip(unique[key], unique[code], unique[name], strict=True)}


def _nodes(
    bridge: StoredBridge, column: Ints, chosen: NDArray[np.bool_], names: dict[int, tuple[str, str]]
) -> list[DrillRow]:
    present, group = np.unique(column[chosen], return_inverse=True)
    year = [
        bridge.blocks["budget_cents"],
        bridge.blocks["landing_cents"],
        bridge.blocks["qb_nano"],
        bridge.blocks["qa"],
    ]
    leaves = np.stack([block[chosen].sum(axis=1) for block in [*year, *bridge.drivers]], axis=1)
    rows = []
    for key, sums in zip(present.tolist(), sum_by_group(leaves, group, len(present)).tolist(), strict=True):
        budget, landing, nano, landed, *drivers = sums
        words = names.get(key, ("Not brought to items", ""))
        rows.append(DrillRow(key, *words, budget, landing, tuple(drivers), nano // NANO_PER_MILLI, landed))
    return sorted(rows, key=lambda row: -abs(row.gap))


def _months(bridge: StoredBridge, chosen: NDArray[np.bool_]) -> list[DrillRow]:
    return [
        _row(bridge, chosen, None, (f"{month_date(bridge.first_month + k):%Y-%m}", ""), slice(k, k + 1))
        for k in range(LEAF_MONTHS)
    ]


def _row(
    bridge: StoredBridge, chosen: NDArray[np.bool_], key: int | None, words: tuple[str, str], months: slice = YEAR
) -> DrillRow:
    return DrillRow(
        key=key,
        label=words[0],
        name=words[1],
        budget=int(bridge.blocks["budget_cents"][chosen, months].sum()),
        landing=int(bridge.blocks["landing_cents"][chosen, months].sum()),
        drivers=tuple(int(bridge.drivers[position][chosen, months].sum()) for position, _ in enumerate(Driver)),
        units_budget=int(bridge.blocks["qb_nano"][chosen, months].sum()) // NANO_PER_MILLI,
        units_landed=int(bridge.blocks["qa"][chosen, months].sum()),
    )


def _path(node: Node, hierarchy: Hierarchy) -> tuple[tuple[str, Node, Level], ...]:
    """The way here: each chosen node with the rows it opens."""
    steps: list[tuple[str, Node, Level]] = [("Company", Node(), Level.CATEGORY)]
    here = Node()
    for level in (Level.CATEGORY, Level.FAMILY, Level.ITEM, Level.REGION, Level.CHANNEL, Level.MARKET):
        key = node.filters.get(KEY_OF_LEVEL[level])
        if key is not None:
            here = here.within(level, key)
            steps.append((labels_of(level, hierarchy).get(key, ("?", ""))[0], here, NEXT_LEVEL[level]))
    return tuple(steps)


def rollup(plan: Plan, level: Level, scope: Scope) -> pd.DataFrame:
    """Live revenue by level × market over the horizon: columns key, market_id and one per month position, cents.

    `level` is item, family or category.
    """
    items, markets, revenue = load_revenue(plan)
    families, parents = _parents_of(items, level)
    seen = scope.mask(families, markets)
    pairs = parents[seen] * 2**31 + markets[seen]
    nodes, group = np.unique(pairs, return_inverse=True)
    frame = pd.DataFrame(sum_by_group(revenue if seen.all() else revenue[seen], group, len(nodes)))
    frame.insert(0, "key", nodes // 2**31)
    frame.insert(1, "market_id", nodes % 2**31)
    return frame


def _parents_of(items: Ints, level: Level) -> tuple[Ints, Ints]:
    """Family (n,) and the node of `level` (n,) of each item; −1 where an item has no family."""
    rows = list(Item.objects.order_by("id").values_list("id", "family_id", "family__category_id"))
    table = np.array([(item, family or -1, category or -1) for item, family, category in rows], dtype=np.int64)
    found = table[np.searchsorted(table[:, 0], items)] if len(items) else np.zeros((0, 3), dtype=np.int64)
    return found[:, 1], found[:, {Level.ITEM: 0, Level.FAMILY: 1, Level.CATEGORY: 2}[level]]
