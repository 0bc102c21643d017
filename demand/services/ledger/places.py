"""The items and markets that the nodes of a gesture could mean, and nothing else: a typed cell reads one item."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from catalog.calc.months import month_index
from catalog.frames.hierarchy import NONE, OPEN_END
from catalog.models import Item, Market
from cycles.selectors import Scope
from demand.services.ledger.gestures import Node
from demand.services.series_store import PAIR

Ints = NDArray[np.int64]
FIELDS = ("id", "family_id", "family__category_id", "plan_decimals", "is_sold", "launch_date", "end_date")


@dataclass(frozen=True)
class Places:
    """Items by key, ascending (k,), and the markets that were named and are there.

    `family`, `category`: −1 = none; `launch`, `end`: month numbers, inclusive; `step`: planning step in milli-units;
    `is_sold`: whether demand is planned for it at all.
    """

    items: Ints
    family: Ints
    category: Ints
    launch: Ints
    end: Ints
    step: Ints
    is_sold: NDArray[np.bool_]
    markets: frozenset[int]

    def at(self, item_ids: Ints) -> Ints:
        """(n,) positions of items that are among them."""
        return np.searchsorted(self.items, item_ids)

    def has(self, item_id: int) -> bool:
        """Whether demand is planned for an item."""
        place = int(np.searchsorted(self.items, item_id))
        return place < len(self.items) and self.items[place] == item_id and bool(self.is_sold[place])

    def is_known(self, node: Node, scope: Scope) -> bool:
        """Whether there is such a place; one series must also lie in the scope, others show what lies inside it."""
        there = (
            (node.item_id is None or self.has(node.item_id))
            and (node.market_id is None or node.market_id in self.markets)
            and (node.family_id is None or bool((self.family == node.family_id).any()))
            and (node.category_id is None or bool((self.category == node.category_id).any()))
        )
        if not there or node.item_id is None or node.market_id is None:
            return there
        return scope.allows(int(self.family[np.searchsorted(self.items, node.item_id)]), node.market_id)

    def alive(self, item_ids: Ints, months: Ints) -> NDArray[np.bool_]:
        """(n, T) whether each item is on the market in each month."""
        place = self.at(item_ids)
        return (self.launch[place][:, None] <= months) & (months <= self.end[place][:, None])

    def below(self, node: Node, keys: Ints) -> NDArray[np.bool_]:
        """(n,) which series (item × 2³¹ + market) lie below a node."""
        place = self.at(keys // PAIR)
        fits = np.ones(len(keys), bool)
        for wanted, held in (
            (node.item_id, keys // PAIR),
            (node.market_id, keys % PAIR),
            (node.family_id, self.family[place]),
            (node.category_id, self.category[place]),
        ):
            fits &= True if wanted is None else held == wanted
        return fits


def load_places(nodes: Collection[Node]) -> Places:
    """The items below some nodes, two queries. A node without item, family and category means every item."""
    rows = Item.objects.filter(_condition(nodes)).order_by("id").values_list(*FIELDS)
    named = {node.market_id for node in nodes if node.market_id is not None}
    columns = list(zip(*rows, strict=True)) or [()] * len(FIELDS)
    items, family, category = (np.array([NONE if key is None else key for key in c], np.int64) for c in columns[:3])
    return Places(
        items=items,
        family=family,
        category=category,
        launch=np.array([NONE if day is None else month_index(day) for day in columns[5]], np.int64),
        end=np.array([OPEN_END if day is None else month_index(day) for day in columns[6]], np.int64),
        step=10 ** (3 - np.array(columns[3], np.int64)),
        is_sold=np.array(columns[4], bool) & (family >= 0),
        markets=frozenset(Market.objects.filter(pk__in=named).order_by().values_list("id", flat=True))
        if named
        else frozenset(),
    )


def _condition(nodes: Collection[Node]) -> Q:
    items = {node.item_id for node in nodes if node.item_id is not None}
    wider = [node for node in nodes if node.item_id is None]
    families = {node.family_id for node in wider if node.family_id is not None}
    categories = {node.category_id for node in wider if node.family_id is None and node.category_id is not None}
    if any(node.family_id is None and node.category_id is None for node in wider):
        return Q()
    return Q(id__in=items) | Q(family_id__in=families) | Q(family__category_id__in=categories)
