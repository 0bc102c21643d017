"""The nodes and spans of time of a bridge: which of them a leaf, a month or an amount stands on, and their names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catalog.calc.months import fiscal_quarter_of, fiscal_year_of, month_date
from catalog.frames.hierarchy import Hierarchy
from finance.calc.bridge_pairs import Leaves
from finance.calc.references import BridgeLevel

Ints = NDArray[np.int64]


def span_of(month: int, level: BridgeLevel, start_month: int) -> int:
    """The month number, fiscal year × 10 + quarter, or fiscal year of a month."""
    if level is BridgeLevel.MONTH:
        return month
    year = fiscal_year_of(month, start_month)
    return year if level is BridgeLevel.YEAR else year * 10 + fiscal_quarter_of(month, start_month)


def span_label(key: int, level: BridgeLevel) -> str:
    """2014-01, FY2014 Q1 or FY2014."""
    if level is BridgeLevel.MONTH:
        return f"{month_date(key):%Y-%m}"
    return f"FY{key}" if level is BridgeLevel.YEAR else f"FY{key // 10} Q{key % 10}"


def nodes_of(leaves: Leaves, level: BridgeLevel, hierarchy: Hierarchy) -> Ints:
    """The node of each leaf at a level, (leaf,); 0 where it has none."""
    items, markets = hierarchy.items, hierarchy.markets.set_index("market_id")
    families = items[items["family_id"] > 0].drop_duplicates("family_id").set_index("family_id")
    keys: dict[BridgeLevel, Callable[[], ArrayLike]] = {
        BridgeLevel.ITEM: lambda: leaves.items,
        BridgeLevel.FAMILY: lambda: leaves.families,
        BridgeLevel.CATEGORY: lambda: families["category_id"].reindex(leaves.families).fillna(0),
        BridgeLevel.MARKET: lambda: leaves.markets,
        BridgeLevel.REGION: lambda: markets["region_id"].reindex(leaves.markets).fillna(0),
        BridgeLevel.CHANNEL: lambda: markets["channel_id"].reindex(leaves.markets).fillna(0),
    }
    return np.maximum(np.asarray(keys[level](), np.int64), 0)


def node_names(level: BridgeLevel, hierarchy: Hierarchy) -> dict[int, tuple[str, str]]:
    """Key → (code, name) of the nodes of a level."""
    items, markets = hierarchy.items, hierarchy.markets
    frame, key, code, name = {
        BridgeLevel.ITEM: (items, "item_id", "code", "name"),
        BridgeLevel.FAMILY: (items, "family_id", "family", "category"),
        BridgeLevel.CATEGORY: (items, "category_id", "category", "category"),
        BridgeLevel.MARKET: (markets, "market_id", "code", "region_name"),
        BridgeLevel.REGION: (markets, "region_id", "region", "region_name"),
        BridgeLevel.CHANNEL: (markets, "channel_id", "channel", "channel_name"),
    }[level]
    unique = frame.drop_duplicates(key)
    return {int(k): (c, n) for k, c, n in zip(unique[key], unique[code], unique[name], strict=True)}


def node_keys(keys: tuple[int | None, int | None, int | None], hierarchy: Hierarchy) -> dict[BridgeLevel, int]:
    """The levels on which an amount of (family, category, market) stands, with those above; None or −1 = not given."""
    family, category, market = ((key if key and key > 0 else 0) for key in keys)
    nodes = {}
    if family:
        nodes[BridgeLevel.FAMILY] = family
        items = hierarchy.items
        category = int(items.loc[items["family_id"] == family, "category_id"].max()) if len(items) else category
    if category > 0:
        nodes[BridgeLevel.CATEGORY] = category
    if market:
        markets = hierarchy.markets
        place = markets[markets["market_id"] == market]
        nodes[BridgeLevel.MARKET] = market
        nodes[BridgeLevel.REGION] = int(place["region_id"].max())
        nodes[BridgeLevel.CHANNEL] = int(place["channel_id"].max())
    return nodes
