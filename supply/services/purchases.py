"""What the plan buys, by supplier and month: component requirements exploded, netted and timed by the plan itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from catalog.calc.dollars import to_cents
from catalog.calc.months import month_date
from catalog.models import Item
from cycles.models import Plan
from cycles.selectors import Scope
from supply.approved import approved_rows
from supply.frames import load_production
from supply.frames.plan_rates import load_plan_standards
from supply.models import PurchaseTerm

NOBODY = ""


@dataclass(frozen=True, slots=True)
class BoughtItem:
    """One bought item: milli-units per month, its value at standard in cents over the plan (None = no standard cost),
    how many of the units are expedited, and how many suppliers could deliver it."""

    item: Item
    units: tuple[int, ...]
    cents: int | None
    expedited: int
    suppliers: int

    @property
    def total(self) -> int:
        """Units over the plan."""
        return sum(self.units)


@dataclass(frozen=True, slots=True)
class SupplierPurchases:
    """Purchases from one supplier (code '' = no terms are loaded): cents at standard per month, items by value."""

    code: str
    name: str
    cents: tuple[int, ...]
    items: tuple[BoughtItem, ...]

    @property
    def total(self) -> int:
        """Value over the plan, cents."""
        return sum(self.cents)


@dataclass(frozen=True, slots=True)
class Purchases:
    """All purchases of the plan, largest supplier first; ``months`` and the totals of all suppliers per month."""

    months: tuple[date, ...]
    suppliers: tuple[SupplierPurchases, ...]
    cents: tuple[int, ...]

    @property
    def total(self) -> int:
        """Value of all of it, cents."""
        return sum(self.cents)


def purchases_of(plan: Plan, scope: Scope) -> Purchases:
    """Read what the published plan buys, subcontracted units included, at standard cost, inside a scope.

    The plan buys an item from whoever has it; it is listed under the active supplier with the shortest lead time, whose
    time the plan counts with. Four queries.
    """
    made = load_production(plan)
    rows = np.flatnonzero(made.buy.any(axis=1))
    months = range(plan.first_month_index, plan.first_month_index + plan.horizon)
    items = Item.objects.in_bulk(np.unique(made.item_ids[rows]).tolist())
    units: dict[int, np.ndarray] = defaultdict(lambda: np.zeros(plan.horizon, np.int64))
    expedited: dict[int, int] = defaultdict(int)
    for row in rows.tolist():
        key = int(made.item_ids[row])
        if scope.is_everything or scope.allows(items[key].family_id, None):
            units[key] = units[key] + made.buy[row]
            expedited[key] += int(made.expedite[row].sum())
    costs = dict(zip(units, load_plan_standards(plan, list(units)), strict=True)) if units else {}
    terms = offers_of(plan, {key: items[key].code for key in units})
    grouped: dict[tuple[str, str], list[tuple[BoughtItem, np.ndarray]]] = defaultdict(list)
    for key, amount in units.items():
        cents = to_cents(amount, np.maximum(costs[key], 0))
        is_known = bool((costs[key][amount != 0] >= 0).all())
        offers = terms.get(key, [])
        bought = BoughtItem(
            items[key], tuple(amount.tolist()), int(cents.sum()) if is_known else None, expedited[key], len(offers)
        )
        grouped[offers[0] if offers else (NOBODY, "")].append((bought, cents))
    suppliers = [_supplier(key, parts) for key, parts in grouped.items()]
    total = np.sum([row.cents for row in suppliers], axis=0) if suppliers else np.zeros(plan.horizon, np.int64)
    return Purchases(
        months=tuple(month_date(month) for month in months),
        suppliers=tuple(sorted(suppliers, key=lambda row: (-row.total, row.code))),
        cents=tuple(total.tolist()),
    )


def _supplier(key: tuple[str, str], parts: list[tuple[BoughtItem, np.ndarray]]) -> SupplierPurchases:
    cents = np.sum([part[1] for part in parts], axis=0)
    items = sorted((part[0] for part in parts), key=lambda bought: (-(bought.cents or 0), bought.item.code))
    return SupplierPurchases(key[0], key[1], tuple(cents.tolist()), tuple(items))


def offers_of(plan: Plan, codes: Mapping[int, str]) -> dict[int, list[tuple[str, str]]]:
    """Code and name of the active suppliers of each item, shortest lead time first; of an approved plan as frozen.

    Args:
        codes: item key → code.
    """
    frozen = approved_rows(plan, "supplier")
    if frozen is not None:
        kept = {key: frozen.get((code,), {"codes": [], "names": []}) for key, code in codes.items()}
        return {key: list(zip(row["codes"], row["names"], strict=True)) for key, row in kept.items()}
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = PurchaseTerm.objects.filter(item__in=codes, supplier__is_active=True).order_by("lead_time_days", "supplier")
    for item, code, name in rows.values_list("item_id", "supplier__code", "supplier__name"):
        found[item].append((code, name))
    return found
