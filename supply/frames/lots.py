"""Lots of production and order minimums of the nodes."""

from __future__ import annotations

import numpy as np

from supply.calc.lots import LotTerms
from supply.calc.network import Node
from supply.calc.supply_policy import OrderLots
from supply.frames.plan_rows import PlanRows
from supply.models import ProductionLot, PurchaseTerm

MILLI = 1000.0


def load_lots(rows: PlanRows, number: dict[Node, int]) -> LotTerms | None:
    """Lots and minimums in units (node,), None where the company keeps none. Two queries.

    The minimum of an item is that of its active supplier with the shortest lead time, which the plan counts with; one in
    another unit than the item's cannot be used. Every site orders for itself.
    """
    policy = rows.policy.lots
    if policy.mode is OrderLots.FREE:
        return None
    lots = dict(ProductionLot.objects.values_list("item_id", "quantity"))
    terms = PurchaseTerm.objects.filter(supplier__is_active=True).order_by("-lead_time_days", "-supplier")
    least = {
        item: float(minimum or 0) if uom == own else 0.0
        for item, uom, own, minimum in terms.values_list("item_id", "uom", "item__uom", "minimum_order_milli")
    }
    made, bought = np.zeros(len(number)), np.zeros(len(number))
    for (item, _), node in number.items():
        made[node], bought[node] = lots.get(item, 0) / MILLI, least.get(item, 0.0) / MILLI
    return LotTerms(made, bought, policy.mode is OrderLots.WHOLE, policy.gap, float(policy.seconds))
