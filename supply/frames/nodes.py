"""Items at sites: stock, safety stock, lead times, and what one contains."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from supply.calc.demand_groups import Lane
from supply.calc.explosion import BomLines
from supply.calc.network import Node
from supply.calc.problem import Nodes
from supply.frames.plan_rows import PlanRows
from supply.frames.sources import load_terms

MONTH_DAYS = 30


def load_nodes(rows: PlanRows, nodes: list[Node], makes: NDArray[np.bool_], home: NDArray[np.bool_]) -> Nodes:
    """Stock, safety stock and lead times of the nodes; the safety stock of an item stands at its home."""
    items = rows.items.loc[[item for item, _ in nodes]]
    buys = (items["make_or_buy"] == "buy").to_numpy()
    stocked = ~items["is_service"].to_numpy(bool)
    safety = np.where(home & stocked, items["safety_stock_milli"].to_numpy(np.int64), 0)
    terms = load_terms()
    own = items["lead_time_days"].tolist()
    days = np.array([terms.get(node[0], (lead, 0.0))[0] for node, lead in zip(nodes, own, strict=True)], np.int64)
    limits = np.array([terms.get(item, (0, np.inf))[1] for item, _ in nodes]) / 1000.0
    return Nodes(
        labels=tuple(items["code"].astype(str)),
        can_make=makes,
        can_buy=buys,
        stocked=stocked,
        opening=np.where(stocked, np.array([rows.stock.get(node, 0) for node in nodes], np.int64), 0),
        safety=safety,
        end_stock=safety,
        quantum=items["quantum_milli"].to_numpy(np.int64),
        buy_from=np.where(buys, days // MONTH_DAYS, 0),
        buy_limit=limits,
    )


def home_nodes(rows: PlanRows, nodes: list[Node], lanes: list[tuple[Lane, ...]]) -> NDArray[np.bool_]:
    """Whether the node is its item's home (node,): the site that is asked for most, the first one for components."""
    asked = np.zeros(len(nodes))
    first = np.array([ways[0].node for ways in lanes], np.int64)
    np.add.at(asked, first, np.maximum(rows.leaves.units, 0).sum(axis=1))
    ranked = pd.DataFrame({"item": [item for item, _ in nodes], "asked": asked})
    best = ranked.sort_values("asked", ascending=False, kind="stable").drop_duplicates("item").index
    return np.isin(np.arange(len(nodes)), best)


def component_lines(rows: PlanRows, number: dict[Node, int], makes: NDArray[np.bool_]) -> BomLines:
    """Component lines at every site where the parent can be made."""
    sites: dict[int, list[int]] = {}
    for (item, site), node in number.items():
        if makes[node]:
            sites.setdefault(item, []).append(site)
    picked = [
        (number[parent, site], number[component, site], line)
        for line, (parent, component) in enumerate(
            zip(rows.bom.parent.tolist(), rows.bom.component.tolist(), strict=True)
        )
        for site in sites.get(parent, ())
    ]
    line = np.array([pick[2] for pick in picked], np.int64)
    return BomLines(
        parent=np.array([pick[0] for pick in picked], np.int64),
        component=np.array([pick[1] for pick in picked], np.int64),
        quantity=rows.bom.quantity[line],
        valid=rows.bom.valid[line],
    )
