"""The room that a plan's stock takes: kept with the plan, and read for the inventory page."""

from __future__ import annotations

import numpy as np

from catalog.calc.rounding import round_half_away
from catalog.models import Site
from cycles.models import Plan
from supply.calc.parts.storage import room_taken
from supply.calc.problem import MILLI, SupplyProblem
from supply.calc.published_plan import PublishedPlan
from supply.models import StorageLoad

CENTS = 100.0


def keep_storage(plan: Plan, problem: SupplyProblem, result: PublishedPlan) -> None:
    """Replace the plan's room by site, in the caller's transaction; nothing where no site has a limit.

    The room is that of the whole stock after rounding, what has expired left out: it is to be scrapped.
    """
    StorageLoad.objects.filter(plan=plan).delete()
    storage, price = problem.choices.storage, result.room
    if storage is None or price is None:
        return
    kept = (result.whole.inventory - np.cumsum(result.whole.expired, axis=1)) / MILLI
    used = room_taken(storage, kept)
    outside = np.where(np.isfinite(storage.outside_cost)[:, None], np.maximum(used - storage.room, 0.0), 0.0)
    sites = dict(Site.objects.filter(code__in=storage.labels).values_list("code", "id"))
    blocks = {
        "room": round_half_away(storage.room * MILLI),
        "used": round_half_away(used * MILLI),
        "outside": round_half_away(outside * MILLI),
        "price_low": round_half_away(price.low * CENTS),
        "price_high": round_half_away(price.high * CENTS),
        "price_to": round_half_away(np.where(np.isinf(price.most), -1.0 / MILLI, price.most) * MILLI),
    }
    StorageLoad.objects.bulk_create(
        StorageLoad(plan=plan, site_id=sites[label], **{name: block[row].tolist() for name, block in blocks.items()})
        for row, label in enumerate(storage.labels)
    )
