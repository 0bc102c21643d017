"""Which series each of their rows adds up, and which rows of the plan they do not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from finance.frames.shadow import Names, PlanSide
from finance.services.shadow.naming import Named, NodeKey

Ints = NDArray[np.int64]
FINENESS = {"item": 0, "family": 1, "category": 2, "": 3}
PLACES = {"market": 0, "region": 1, "channel": 1, "": 2}


@dataclass(frozen=True)
class Coverage:
    """Rows of the comparison.

    Attributes:
        nodes: what each row stands for, in a stable order.
        row_of: position of a line in their table → row.
        given: (rows,) whether their file has the row.
        leaf_row: (series,) the row that a series of the plan belongs to.
        leaves: (rows,) how many series it adds up, at least 1.
        subtotals: positions of lines that add up other lines.
    """

    nodes: list[NodeKey]
    row_of: dict[int, int]
    given: NDArray[np.bool_]
    leaf_row: Ints
    leaves: Ints
    subtotals: list[int]

    def sums(self, block: Ints) -> Ints:
        """(rows, months) a block (series, months) added up; exact integers."""
        added = np.zeros((len(self.nodes), block.shape[1]), np.int64)
        np.add.at(added, self.leaf_row, block)
        return added


def cover(named: Named, side: PlanSide, names: Names) -> Coverage:
    """Rows from the nodes of their lines; series that none of them covers become rows of the level they mostly use.

    A line whose items or markets stand on finer lines of their own is a sub-total and left out.
    """
    leaves = _leaf_keys(side, names)
    given = set(named.nodes.values())
    chains = [list(_chain(leaf)) for leaf in leaves]
    dropped = {node for chain in chains for node in _coarser(chain, given)}
    level = _usual_level(named.nodes.values())
    rows = dict.fromkeys(sorted(given - dropped))
    leaf_nodes = []
    for leaf, chain in zip(leaves, chains, strict=True):
        node = next((node for node in chain if node in rows), None)
        leaf_nodes.append(node if node is not None else _at_level(leaf, level))
    nodes = list(dict.fromkeys([*rows, *sorted(set(leaf_nodes))]))
    row_of_node = {node: row for row, node in enumerate(nodes)}
    leaf_row = np.array([row_of_node[node] for node in leaf_nodes], np.int64)
    return Coverage(
        nodes=nodes,
        row_of={at: row_of_node[node] for at, node in named.nodes.items() if node in rows},
        given=np.array([node in rows for node in nodes], bool),
        leaf_row=leaf_row,
        leaves=np.maximum(np.bincount(leaf_row, minlength=len(nodes)), 1),
        subtotals=[at for at, node in named.nodes.items() if node in dropped],
    )


@dataclass(frozen=True)
class _Leaf:
    """One series by everything that it belongs to."""

    what: dict[str, int]
    where: dict[str, int]


def _leaf_keys(side: PlanSide, names: Names) -> list[_Leaf]:
    items = names.items.set_index("item_id")["family_id"].to_dict()
    categories = names.families.set_index("family_id")["category_id"].to_dict()
    markets: pd.DataFrame = names.markets.set_index("market_id")
    regions, channels = markets["region_id"].to_dict(), markets["channel_id"].to_dict()
    found = []
    for item, market in zip(side.item_ids.tolist(), side.market_ids.tolist(), strict=True):
        family = int(items.get(item, 0))
        what = {"item": item, "family": family, "category": int(categories.get(family, 0)), "": 0}
        where = {"market": market, "region": int(regions[market]), "channel": int(channels[market]), "": 0}
        found.append(_Leaf(what, where))
    return found


def _chain(leaf: _Leaf) -> Iterable[NodeKey]:
    """The nodes that hold a series, the finest first."""
    for what, what_id in leaf.what.items():
        for where, where_id in leaf.where.items():
            yield NodeKey(what, what_id, where, where_id)


def _coarser(chain: list[NodeKey], given: set[NodeKey]) -> list[NodeKey]:
    """The given nodes of a series but the finest: another line already holds a part of them."""
    return [node for node in chain if node in given][1:]


def _usual_level(nodes: Iterable[NodeKey]) -> tuple[str, str]:
    counts = Counter((node.what, node.where) for node in nodes)
    return (
        max(counts, key=lambda level: (counts[level], -FINENESS[level[0]], -PLACES[level[1]])) if counts else ("", "")
    )


def _at_level(leaf: _Leaf, level: tuple[str, str]) -> NodeKey:
    return NodeKey(level[0], leaf.what[level[0]], level[1], leaf.where[level[1]])
