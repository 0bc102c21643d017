"""Requirements for purchasing: every bought component and month of the plan, what needs it, and when to order it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import FX6_ONE, RATE4_ONE, to_cents
from catalog.calc.months import month_date, month_index
from catalog.frames.rates import load_standard_costs
from catalog.models import Company, FxRate, Item
from cycles.models import Plan
from cycles.selectors import Scope
from supply.frames import ProductionBlock, load_production
from supply.frames.sources import load_bom_lines
from supply.models import PurchaseTerm

Ints = NDArray[np.int64]
MILLI = 1000
SHOWN_PARENTS = 3
PRICE, STANDARD = "price", "standard"


@dataclass(frozen=True, slots=True)
class Parent:
    """An item that takes the component in the month ('' = delivered as it is), with milli-units of the component."""

    code: str
    milli: int


@dataclass(frozen=True, slots=True)
class Requirement:
    """One component in one month over all sites, milli-units.

    ``needed`` is what parents take and what is delivered; ``before`` the stock at the start of the month; ``order`` what
    the plan buys for it, of which ``expedited`` arrives inside the lead time; ``on_order`` what the file says is on order
    now (None = not known in the item's unit). ``order_by`` = first day of the month − lead days, None = nothing to order
    or no lead time known. ``cents`` value ``order`` by ``basis`` 'price' or 'standard', None = neither is known.
    """

    item: Item
    month: date
    needed: int
    before: int
    order: int
    expedited: int
    on_order: int | None
    order_by: date | None
    lead_days: int
    supplier: str
    supplier_name: str
    cents: int | None
    basis: str
    parents: tuple[Parent, ...]
    more: int

    @property
    def is_late(self) -> bool:
        """Whether some of it can only come by expediting."""
        return self.expedited > 0


@dataclass(frozen=True, slots=True)
class Requirements:
    """All rows, by order day, month and item; ``unvalued`` orders have neither price nor standard cost."""

    rows: tuple[Requirement, ...]

    @property
    def orders(self) -> tuple[Requirement, ...]:
        """The rows with something to order."""
        return tuple(row for row in self.rows if row.order)

    @property
    def cents(self) -> int:
        """Value of all orders that have one."""
        return sum(row.cents or 0 for row in self.rows)

    @property
    def unvalued(self) -> int:
        """Orders without any value."""
        return sum(row.cents is None for row in self.orders)


@dataclass(frozen=True, slots=True)
class _Terms:
    """Terms the plan counts with: the active supplier of the shortest lead time."""

    supplier: str
    name: str
    days: int
    price4: int
    currency: str
    is_own_unit: bool
    on_order: int | None


def requirements_of(plan: Plan, scope: Scope) -> Requirements:
    """Exploded requirements of the published plan for the bought items inside a scope; empty before the first run.

    What parents take is their production through the lines valid in the month: the plan's own timing, not lot for lot.
    A fixed number of queries.
    """
    made = load_production(plan)
    items = Item.objects.filter(make_or_buy=Item.Source.BUY).in_bulk(np.unique(made.item_ids).tolist())
    seen = {key for key, item in items.items() if scope.is_everything or scope.allows(item.family_id, None)}
    months = range(plan.first_month_index, plan.first_month_index + plan.horizon)
    keys = sorted(seen)
    standard = dict(zip(keys, load_standard_costs(keys, months), strict=True)) if keys else {}
    terms, fx, parents = _terms(seen), _PlanRates(), _parents(plan, made, seen)
    rows: list[Requirement] = []
    for key in keys:
        at = np.flatnonzero(made.item_ids == key)
        needed = (made.consumed + made.shipped)[at].sum(axis=0)
        order = (made.buy - made.subcontract)[at].sum(axis=0)
        stock = np.concatenate([[made.opening[at].sum()], made.inventory[at].sum(axis=0)])
        for month in np.flatnonzero((needed > 0) | (order > 0)).tolist():
            cents, basis = _value(int(order[month]), months[month], terms.get(key), standard[key][month], fx)
            shown = parents.get((key, month), [])
            known = terms.get(key)
            days = known.days if known else items[key].lead_time_days
            day = month_date(months[month])
            rows.append(
                Requirement(
                    item=items[key],
                    month=day,
                    needed=int(needed[month]),
                    before=int(stock[month]),
                    order=int(order[month]),
                    expedited=int(made.expedite[at, month].sum()),
                    on_order=known.on_order if known else None,
                    order_by=day - timedelta(days=days) if days and order[month] > 0 else None,
                    lead_days=days,
                    supplier=known.supplier if known else "",
                    supplier_name=known.name if known else "",
                    cents=cents,
                    basis=basis,
                    parents=tuple(shown[:SHOWN_PARENTS]),
                    more=max(len(shown) - SHOWN_PARENTS, 0),
                )
            )
    rows.sort(key=lambda row: (row.order_by or row.month, row.month, row.item.code))
    return Requirements(tuple(rows))


def _terms(items: set[int]) -> dict[int, _Terms]:
    """The terms of each item; the first by lead time, then by supplier. One query."""
    names = ["item_id", "supplier__code", "supplier__name", "lead_time_days", "price", "currency_id"]
    rows = PurchaseTerm.objects.filter(item__in=items, supplier__is_active=True).order_by(
        "-lead_time_days", "-supplier"
    )
    found: dict[int, _Terms] = {}
    for *row, uom, own, on_order in rows.values_list(*names, "uom", "item__uom", "on_order_milli"):
        item, code, name, days, price, currency = row
        is_own = uom == own
        found[item] = _Terms(code, name, days, int(price * RATE4_ONE), currency, is_own, on_order if is_own else None)
    return found


class _PlanRates:
    """Plan exchange rates by currency: the one in force in a month, None where there is none. One query."""

    def __init__(self) -> None:
        self._own = Company.objects.current().currency_id
        self._rates: dict[str, list[tuple[int, Decimal]]] = defaultdict(list)
        for currency, month, rate in (
            FxRate.objects.filter(kind=FxRate.Kind.PLAN).order_by("month").values_list("currency_id", "month", "rate")
        ):
            self._rates[currency].append((month_index(month), rate))

    def of(self, currency: str, month: int) -> int | None:
        """Millionths of the reporting currency per unit."""
        if currency == self._own:
            return FX6_ONE
        rows = self._rates.get(currency, [])
        at = bisect_right([row[0] for row in rows], month)
        return int(rows[at - 1][1] * FX6_ONE) if at else None


def _value(order: int, month: int, terms: _Terms | None, standard4: int, fx: _PlanRates) -> tuple[int | None, str]:
    """Cents of an order at the supplier's price, else at standard cost, else None; a supplier's own unit has no price."""
    rate = fx.of(terms.currency, month) if terms and terms.is_own_unit and terms.price4 > 0 else None
    if terms and rate is not None:
        return int(to_cents(order, terms.price4, rate)), PRICE
    return (int(to_cents(order, standard4)), STANDARD) if standard4 >= 0 else (None, "")


def _parents(plan: Plan, made: ProductionBlock, components: set[int]) -> dict[tuple[int, int], list[Parent]]:
    """(component, month) → what takes it, largest first; deliveries of the component itself have no code."""
    lines = load_bom_lines(plan.first_month_index, plan.horizon)
    units: dict[int, Ints] = defaultdict(lambda: np.zeros(plan.horizon, np.int64))
    shipped: dict[int, Ints] = defaultdict(lambda: np.zeros(plan.horizon, np.int64))
    for row, item in enumerate(made.item_ids.tolist()):
        units[item] = units[item] + made.make[row] + made.overtime[row]
        shipped[item] = shipped[item] + made.shipped[row]
    codes = dict(Item.objects.filter(pk__in=np.unique(lines.parent).tolist()).values_list("id", "code"))
    taken: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in np.flatnonzero(np.isin(lines.component, list(components))).tolist():
        parent, component = int(lines.parent[line]), int(lines.component[line])
        amount = np.rint(units[parent] * lines.quantity[line] * lines.valid[line]).astype(np.int64)
        for month in np.flatnonzero(amount).tolist():
            taken[component, month][codes[parent]] += int(amount[month])
    for component in components:
        for month in np.flatnonzero(shipped[component] > 0).tolist():
            taken[component, month][""] += int(shipped[component][month])
    return {
        key: [Parent(code, milli) for code, milli in sorted(parts.items(), key=lambda part: (-part[1], part[0]))]
        for key, parts in taken.items()
    }
