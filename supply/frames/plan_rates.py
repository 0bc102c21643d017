"""Standard costs and families as a plan counts with them: those of today while it is worked on, then those it froze."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.rates import load_standard_costs
from catalog.models import Item
from cycles.models import Plan
from supply.approved import approved_values

Ints = NDArray[np.int64]


def load_plan_standards(plan: Plan, item_ids: ArrayLike) -> Ints:
    """Standard cost per item and month of the plan, (k, horizon) ten-thousandths per unit; −1 = missing.

    Of an approved plan those of its snapshot. Items that it does not supply are missing there.
    """
    items = np.asarray(item_ids, np.int64)
    frozen = approved_values(plan, "production", "standard4")
    if frozen is None:
        first = plan.first_month_index
        return load_standard_costs(items, range(first, first + plan.horizon))
    codes = dict(Item.objects.filter(pk__in=np.unique(items).tolist()).values_list("code", "pk"))
    known = {codes[code]: values for (code, _), values in frozen.items() if code in codes}
    missing = [-1] * plan.horizon
    return np.array([known.get(item, missing) for item in items.tolist()], np.int64).reshape(-1, plan.horizon)


def load_plan_families(plan: Plan) -> dict[int, str]:
    """Code of the family of each item, '' where it has none; of an approved plan as its snapshot has them."""
    items = load_hierarchy().items
    families = dict(zip(items["item_id"].tolist(), items["family"].tolist(), strict=True))
    frozen = approved_values(plan, "production", "family")
    if frozen is not None:
        key_of = dict(zip(items["code"].tolist(), items["item_id"].tolist(), strict=True))
        families |= {key_of[code]: family for (code, _), family in frozen.items() if code in key_of}
    return families
