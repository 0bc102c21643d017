"""The computed plan as array blocks: constrained shipments, production, premiums, loads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from catalog.frames.series_rows import read_series
from cycles.models import Plan
from supply.models import Routing, WorkCentreLoad

Ints = NDArray[np.int64]
Keys = NDArray[np.int32]
RATE4 = 10_000
HOURS = Coalesce("recent_hours_per_unit", "hours_per_unit")

OR_NONE = "coalesce({}, array_fill(0::bigint, ARRAY[%s]))"
"""A column that older plans do not have, 0 in every month for them."""

PRODUCTION_COLUMNS = ("make", "overtime", "buy", "expedite", "subcontract", "consumed", "shipped", "inventory")
PREMIUM_COLUMNS = ("overtime_cents", "expedite_cents", "subcontract_cents", "freight_cents")


@dataclass(frozen=True)
class ConstrainedBlock:
    """Constrained demand in milli-units: keys (series,), ship, short and late (series, month). ship + short = consensus.

    Where demand may wait, short is negative in a month that delivers what an earlier one owed, and late is what is open
    at the end of the month; lost = short + late before − late.
    """

    item_ids: Keys
    market_ids: Keys
    ship: Ints
    short: Ints
    late: Ints

    @property
    def lost(self) -> Ints:
        """Demand that is not delivered at all, by the month in which it is given up (series, month)."""
        before = np.concatenate([np.zeros((len(self.late), 1), np.int64), self.late[:, :-1]], axis=1)
        return self.short + before - self.late


@dataclass(frozen=True)
class ProductionBlock:
    """Supply per item × site in milli-units: keys and opening (row,), the rest (row, month).

    ``make`` is made in regular time, ``overtime`` in overtime, ``buy`` everything bought (of which ``expedite`` and
    ``subcontract``); before + make + overtime + buy − consumed − shipped = inventory, exactly.
    """

    item_ids: Keys
    site_ids: Keys
    opening: Ints
    make: Ints
    overtime: Ints
    buy: Ints
    expedite: Ints
    subcontract: Ints
    consumed: Ints
    shipped: Ints
    inventory: Ints


@dataclass(frozen=True)
class SupplyCosts:
    """Premiums over the normal cost in cents of the reporting currency, positive = cost: keys (row,), cents
    (row, month); ``conversion4`` (row,) is labour at regular rates per unit made, ten-thousandths."""

    item_ids: Keys
    site_ids: Keys
    overtime_cents: Ints
    expedite_cents: Ints
    subcontract_cents: Ints
    freight_cents: Ints
    conversion4: Ints


@dataclass(frozen=True)
class LoadBlock:
    """Work-centre loads: codes and names (centre,), milli-hours and cents per hour (centre, month)."""

    ids: Ints
    codes: tuple[str, ...]
    names: tuple[str, ...]
    needed: Ints
    planned: Ints
    available: Ints
    overtime: Ints
    overtime_limit: Ints
    price_low: Ints
    price_high: Ints


def load_constrained(plan: Plan) -> ConstrainedBlock:
    """Constrained shipments and shortages of the last published supply run, ordered by item and market.

    Empty when no run was published. One query.
    """
    (items, markets), (ship, short, late) = read_series(
        f"SELECT item_id::int4, market_id::int4, ship, short, {OR_NONE.format('late')} FROM supply_shipseries"
        " WHERE plan_id = %s ORDER BY item_id, market_id",
        keys=2,
        columns=3,
        months=plan.horizon,
        parameters=[plan.horizon, plan.pk],
    )
    return ConstrainedBlock(items, markets, ship, short, late)


@dataclass(frozen=True)
class StockAims:
    """What a plan wants of its stock, milli-units: keys (row,), ``target`` at the end of each month and what ``expired``
    in it (row, month). Rows are those of ``load_production``; empty when the plan was solved before they were kept."""

    item_ids: Keys
    site_ids: Keys
    target: Ints
    expired: Ints


def load_stock_aims(plan: Plan) -> StockAims:
    """Targets and expiries of the last published supply run, by item and site. One query."""
    (items, sites), (target, expired) = read_series(
        "SELECT item_id::int4, site_id::int4, target, expired FROM supply_supplyseries WHERE plan_id = %s"
        " AND target IS NOT NULL AND expired IS NOT NULL ORDER BY item_id, site_id",
        keys=2,
        columns=2,
        months=plan.horizon,
        parameters=[plan.pk],
    )
    return StockAims(items, sites, target, expired)


def load_production(plan: Plan) -> ProductionBlock:
    """Production, purchases, consumption and stock of the last published supply run, by item and site. One query."""
    items, sites, blocks = _supply_rows(plan, PRODUCTION_COLUMNS)
    made = dict(zip(PRODUCTION_COLUMNS, blocks, strict=True))
    moved = made["make"] + made["overtime"] + made["buy"] - made["consumed"] - made["shipped"]
    return ProductionBlock(item_ids=items, site_ids=sites, opening=(made["inventory"] - moved)[:, 0], **made)


def load_supply_costs(plan: Plan) -> SupplyCosts:
    """Overtime, expedite, subcontract and freight cents of the last published supply run, and conversion per unit.

    Rows are those of ``load_production``. Two queries.
    """
    items, sites, blocks = _supply_rows(plan, PREMIUM_COLUMNS)
    return SupplyCosts(items, sites, *blocks, conversion4=_conversion(items, sites))


def _supply_rows(plan: Plan, columns: tuple[str, ...]) -> tuple[Keys, Keys, list[Ints]]:
    (items, sites), blocks = read_series(
        f"SELECT item_id::int4, site_id::int4, {', '.join(columns)} FROM supply_supplyseries WHERE plan_id = %s"
        " ORDER BY item_id, site_id",
        keys=2,
        columns=len(columns),
        months=plan.horizon,
        parameters=[plan.pk],
    )
    return items, sites, blocks


def _conversion(items: Keys, sites: Keys) -> Ints:
    """Σ hours × cost rate over the ordinary operations of the item at the site (row,), 0 without operations."""
    hours = (
        Routing.objects.filter(is_alternative=False)
        .values_list("item_id", "work_centre__site_id")
        .annotate(cost=Sum(HOURS * F("work_centre__cost_rate")))
    )
    cost = {(item, site): int(round(value * RATE4)) for item, site, value in hours}
    return np.array([cost.get(key, 0) for key in zip(items.tolist(), sites.tolist(), strict=True)], np.int64)


def load_loads(plan: Plan) -> LoadBlock:
    """Loads and prices of the work centres of the last published supply run, by code. One query."""
    rows = list(WorkCentreLoad.objects.filter(plan=plan).select_related("work_centre").order_by("work_centre__code"))
    shape = (len(rows), plan.horizon)

    def block(name: str) -> Ints:
        return np.array([getattr(row, name) for row in rows], np.int64).reshape(shape)

    return LoadBlock(
        ids=np.array([row.work_centre_id for row in rows], np.int64),
        codes=tuple(row.work_centre.code for row in rows),
        names=tuple(row.work_centre.name for row in rows),
        needed=block("needed"),
        planned=block("planned"),
        available=block("available"),
        overtime=block("overtime"),
        overtime_limit=block("overtime_limit"),
        price_low=block("price_low"),
        price_high=block("price_high"),
    )
