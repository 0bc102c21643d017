"""Stock rows of the constrained plan, their premiums, and what is known of conversion and supplier terms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catalog.frames.series_rows import read_series
from cycles.models import Plan
from supply.models import PurchaseTerm, Routing

Ints = NDArray[np.int64]

SUPPLY_COLUMNS = (
    "make",
    "overtime",
    "buy",
    "consumed",
    "shipped",
    "inventory",
    "overtime_cents",
    "expedite_cents",
    "subcontract_cents",
    "freight_cents",
)
RATE4 = 10_000


@dataclass(frozen=True)
class SupplyBlock:
    """The constrained plan per item and site; keys (stock,), milli-units and cents (stock, month), `opening` (stock,).

    `make` is regular time, `overtime` the units made on overtime; the cents are premiums.
    """

    items: Ints
    sites: Ints
    opening: Ints
    make: Ints
    overtime: Ints
    buy: Ints
    consumed: Ints
    shipped: Ints
    inventory: Ints
    overtime_cents: Ints
    expedite_cents: Ints
    subcontract_cents: Ints
    freight_cents: Ints


def load_supply(plan: Plan) -> SupplyBlock:
    """The plan's supply rows in order of item and site; empty before a supply run."""
    names = ", ".join(SUPPLY_COLUMNS)
    keys, blocks = read_series(
        "SELECT item_id::int4, site_id::int4, array_fill(opening, ARRAY[%s]), "
        f"{names} FROM supply_supplyseries WHERE plan_id = %s ORDER BY item_id, site_id",
        keys=2,
        columns=1 + len(SUPPLY_COLUMNS),
        months=plan.horizon,
        parameters=(plan.horizon, plan.pk),
    )
    return SupplyBlock(
        keys[0].astype(np.int64),
        keys[1].astype(np.int64),
        blocks[0][:, 0],
        **dict(zip(SUPPLY_COLUMNS, blocks[1:], strict=True)),
    )


def load_conversion(item_ids: ArrayLike) -> Ints:
    """Conversion per unit made as far as routings know it: Σ hours × work-centre rate over the item's operations.

    Args:
        item_ids: keys (k,), repeats allowed.

    Returns:
        int64 (k,) ten-thousandths of the reporting currency per unit; 0 for an item without a routing. Where several
        sites have their own operations the site with the lowest key counts.
    """
    rows = Routing.objects.filter(is_alternative=False).values_list(
        "item_id", "work_centre__site_id", "hours_per_unit", "recent_hours_per_unit", "work_centre__cost_rate"
    )
    by_site: dict[int, dict[int, float]] = {}
    for item, site, hours, recent, rate in rows:
        sites = by_site.setdefault(item, {})
        sites[site] = sites.get(site, 0.0) + float(hours if recent is None else recent) * float(rate)
    known = {item: round(sites[min(sites)] * RATE4) for item, sites in by_site.items()}
    return np.array([known.get(int(item), 0) for item in np.asarray(item_ids)], dtype=np.int64)


def load_supplier_days(item_ids: ArrayLike, default_days: int) -> Ints:
    """Days until a bought item is paid: its preferred supplier's terms, else the company's, (k,)."""
    rows = PurchaseTerm.objects.filter(supplier__payment_days__isnull=False, supplier__is_active=True)
    ordered = rows.order_by("supplier__is_preferred", "-lead_time_days", "-supplier_id")
    days = dict(ordered.values_list("item_id", "supplier__payment_days"))
    return np.array([days.get(int(item), default_days) for item in np.asarray(item_ids)], dtype=np.int64)
