"""The supply plan's policy, who is served first, and subcontract terms, each in one query."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from supply.calc.allocation import margin_rank
from supply.calc.parts.subcontract import Subcontract
from supply.calc.supply_policy import Allocation, SupplyPolicy, policy_of
from supply.models import MarketPriority, SubcontractTerm, SupplySetting

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
RATE4, FX6, MILLI = 10_000.0, 1_000_000.0, 1000.0
LAST = 1_000_000


def load_policy() -> SupplyPolicy:
    """The company's policy of the supply plan. One query."""
    return policy_of(dict(SupplySetting.objects.values_list("name", "value")))


def load_ranks(policy: SupplyPolicy, markets: Ints, *, price4: Ints, fx6: Ints, cost4: Ints) -> Floats | None:
    """Who is served first where an item is short, lower first, (leaf, month); None = all alike.

    By margin: net price − standard cost of the month, in reporting currency; a leaf without a price comes last. By
    priority: the rank of its market; one without a rank comes last.

    Args:
        policy: Says which.
        markets: Market keys (leaf,).
        price4, fx6, cost4: Net price, exchange rate, standard cost (leaf, month); −1 missing.
    """
    if policy.allocation is Allocation.MARGIN:
        rank = margin_rank(price4 / RATE4 * (fx6 / FX6), np.maximum(cost4, 0) / RATE4)
        return np.where((price4 >= 0) & (fx6 > 0), rank, np.inf)
    if policy.allocation is Allocation.PRIORITY:
        known = dict(MarketPriority.objects.values_list("market_id", "priority"))
        ranks = np.array([known.get(market, LAST) for market in markets.tolist()], np.float64)
        return np.broadcast_to(ranks[:, None], price4.shape).copy()
    return None


def load_subcontract(number: dict[tuple[int, int], int], months: int) -> Subcontract | None:
    """What subcontractors ask at the nodes, None when nobody asks for anything. One query."""
    terms = SubcontractTerm.objects.values_list("item_id", "site_id", "unit_cost", "monthly_limit_milli")
    known = [(number[item, site], float(cost), most) for item, site, cost, most in terms if (item, site) in number]
    if not known:
        return None
    cost, limit = np.zeros((len(number), months)), np.zeros((len(number), months))
    for node, unit_cost, most in known:
        cost[node], limit[node] = unit_cost, np.inf if most is None else most / MILLI
    return Subcontract(cost, limit)
