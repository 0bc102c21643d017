"""The supply of one item month by month: demand, what is made and bought for it, stock, cover, and its pins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.calc.months import month_date
from catalog.models import Item
from cycles.models import Plan
from cycles.selectors import Scope
from supply.approved import approved_values
from supply.calc.stock_policy import forward_cover
from supply.frames import load_constrained, load_production
from supply.frames.plan_rates import load_plan_standards
from supply.models import Pin
from supply.selectors import pins_in_force

Ints = NDArray[np.int64]
MILLI = 1000


@dataclass(frozen=True, slots=True)
class ItemMonth:
    """One month of an item over all its sites: milli-units, cents at standard; ``cover`` in months of real demand to
    come, None = no demand is coming, and ``outlasts`` when it lasts beyond the plan."""

    month: date
    demand: int
    consumed: int
    short: int
    made: int
    overtime: int
    bought: int
    inventory: int
    value_cents: int | None
    cover: float | None
    outlasts: bool


@dataclass(frozen=True, slots=True)
class ItemSupply:
    """An item's supply plan: opening stock, its months, its pins; ``is_stocked`` is False for a service."""

    item: Item
    opening: int
    safety: int
    months: tuple[ItemMonth, ...]
    pins: tuple[Pin, ...]

    @property
    def is_stocked(self) -> bool:
        """Whether it can be kept at all."""
        return not self.item.is_service


def item_supply(plan: Plan, item: Item, scope: Scope) -> ItemSupply:
    """Read the published supply of one item over all sites; zeros when the plan does not have it.

    Demand is that of the markets in the scope; what is made, bought and kept serves all of them. A handful of queries.
    """
    made, sent = load_production(plan), load_constrained(plan)
    rows = made.item_ids == item.pk
    families = np.full(len(sent.item_ids), item.family_id or 0, np.int64)
    own = (sent.item_ids == item.pk) & scope.mask(families, sent.market_ids.astype(np.int64))
    short, ship = sent.short[own].sum(axis=0), sent.ship[own].sum(axis=0)
    consumed, inventory = made.consumed[rows].sum(axis=0), made.inventory[rows].sum(axis=0)
    months = range(plan.first_month_index, plan.first_month_index + plan.horizon)
    cost4 = load_plan_standards(plan, [item.pk])[0]
    coming = (made.shipped[rows].sum(axis=0) + sent.short[sent.item_ids == item.pk].sum(axis=0) + consumed) / MILLI
    covers = covers_of(inventory / MILLI, coming)
    return ItemSupply(
        item=item,
        opening=int(made.opening[rows].sum()),
        safety=(approved_values(plan, "stock", "rule_safety") or {}).get((item.code,), item.safety_stock_milli),
        months=tuple(
            ItemMonth(
                month=month_date(month),
                demand=int(ship[t] + short[t]),
                consumed=int(consumed[t]),
                short=int(short[t]),
                made=int(made.make[rows, t].sum() + made.overtime[rows, t].sum()),
                overtime=int(made.overtime[rows, t].sum()),
                bought=int(made.buy[rows, t].sum()),
                inventory=int(inventory[t]),
                value_cents=int(to_cents(inventory[t], cost4[t])) if cost4[t] >= 0 else None,
                cover=covers[t],
                outlasts=covers[t] is not None and covers[t] == len(covers) - 1 - t and inventory[t] > 0,
            )
            for t, month in enumerate(months)
        ),
        pins=tuple(pin for pin in pins_in_force(plan) if pin.item_id == item.pk),
    )


def covers_of(stock: NDArray[np.float64], coming: NDArray[np.float64]) -> list[float | None]:
    """Forward cover at the end of each month (month,): months of what comes after it; None = no demand is coming.

    Args:
        stock: units at the end of each month (month,). coming: units wanted in each month (month,).
    """
    return [forward_cover(float(stock[t]), coming[t + 1 :]) for t in range(len(stock))]
