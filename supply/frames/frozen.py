"""What the approved plan before makes and buys in the frozen months."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cycles.models import Plan
from cycles.selectors import is_approved
from supply.calc.network import Node
from supply.calc.problem import PinRows
from supply.frames.results import load_production

#: Kind, item, site, month number from 0 → milli-units.
Quantities = Mapping[tuple[str, int, int, int], int]


def load_frozen(plan: Plan, months: int) -> Quantities:
    """Quantities of the first ``months`` months as the plan before has them, of every item and site that it holds.

    Kinds: make, buy (what is ordered), subcontract. Nothing when no month is frozen, or when there is no approved plan
    before: what was never approved is not held. Two queries.
    """
    before = plan.previous
    if not months or before is None or not is_approved(before):
        return {}
    made, passed = load_production(before), plan.first_month_index - before.first_month_index
    blocks = {
        "make": made.make + made.overtime,
        "buy": made.buy - made.subcontract,
        "subcontract": made.subcontract,
    }
    return {
        (kind, item, site, month): int(block[row, passed + month])
        for row, (item, site) in enumerate(zip(made.item_ids.tolist(), made.site_ids.tolist(), strict=True))
        for kind, block in blocks.items()
        for month in range(min(months, plan.horizon, before.horizon - passed))
    }


def frozen_pins(frozen: Quantities, number: dict[Node, int], kinds: Mapping[str, NDArray[np.bool_]]) -> PinRows | None:
    """The frozen quantities as rows of the problem, None where nothing is frozen.

    Args:
        frozen: See ``load_frozen``. number: Node numbers by (item, site).
        kinds: Where each kind is possible at all (node,); elsewhere nothing is frozen, except what was approved above 0:
            that stays in, so that the plan is refused with its name instead of leaving it out in silence.
    """
    kept = [
        (kind, number[item, site], month, units)
        for (kind, item, site, month), units in frozen.items()
        if (item, site) in number and (units or kinds[kind][number[item, site]])
    ]
    if not kept:
        return None
    kind, node, month, units = zip(*kept, strict=True)
    return PinRows(kind, np.array(node, np.int64), np.array(month, np.int64), np.array(units, np.int64))
