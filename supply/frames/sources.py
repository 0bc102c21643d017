"""Rows of structure, stock, terms, lanes and pins, read once each for the supply problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.months import month_index
from catalog.calc.validity import FOR_EVER
from catalog.models import Site
from cycles.models import Plan
from supply.calc.explosion import validity
from supply.models import BomLine, Pin, PurchaseTerm, Routing, Sourcing, StockOnHand, WorkCentre, WorkCentreMonth

MILLI = 1000


@dataclass(frozen=True)
class Lines:
    """Component lines of items with at least one valid month: keys (line,), units per unit, validity (line, month)."""

    parent: NDArray[np.int64]
    component: NDArray[np.int64]
    quantity: NDArray[np.float64]
    valid: NDArray[np.bool_]


@dataclass(frozen=True)
class Pins:
    """Entries of the supply ledger in force: `quantities` (kind, item, site, month number from 0) → milli-units,
    `hours` (work centre, month number) → hours, `unit_costs` of subcontracted units, reporting currency."""

    quantities: Mapping[tuple[str, int, int, int], int]
    hours: Mapping[tuple[int, int], float]
    unit_costs: Mapping[tuple[int, int, int], float]


def load_bom_lines(first_month: int, months: int) -> Lines:
    """Bills of materials; a line counts in a month when it is valid on the month's last day."""
    rows = list(BomLine.objects.values_list("parent_id", "component_id", "quantity", "valid_from", "valid_to"))
    start = np.array([month_index(row[3]) for row in rows], np.int64)
    end = np.array([_last_full_month(row[4]) for row in rows], np.int64)
    valid = validity(start, end, first_month, months)
    kept = valid.any(axis=1)
    return Lines(
        parent=np.array([row[0] for row in rows], np.int64)[kept],
        component=np.array([row[1] for row in rows], np.int64)[kept],
        quantity=np.array([float(row[2]) for row in rows], np.float64)[kept],
        valid=valid[kept],
    )


def _last_full_month(day: date | None) -> int:
    """Last month whose last day the line still covers."""
    if day is None:
        return FOR_EVER
    following = date.fromordinal(day.toordinal() + 1)
    return month_index(day) if following.day == 1 else month_index(day) - 1


def load_operations() -> pd.DataFrame:
    """Operations: item_id, work_centre_id, site_id, hours (float, per unit; the recent standard, else the long-run),
    operation and is_alternative (whether the row stands in for the ordinary ones of its operation)."""
    names = ["item_id", "work_centre_id", "work_centre__site_id", "hours_per_unit", "recent_hours_per_unit"]
    rows = list(Routing.objects.order_by("id").values_list(*names, "operation", "is_alternative"))
    return pd.DataFrame(
        {
            "item_id": np.array([row[0] for row in rows], np.int64),
            "work_centre_id": np.array([row[1] for row in rows], np.int64),
            "site_id": np.array([row[2] for row in rows], np.int64),
            "hours": np.array([float(row[3] if row[4] is None else row[4]) for row in rows], np.float64),
            "operation": np.array([row[5] for row in rows], np.int64),
            "is_alternative": np.array([row[6] for row in rows], bool),
        }
    )


def load_work_centres() -> list[WorkCentre]:
    """The work centres that constrain, in order of their code."""
    return list(WorkCentre.objects.filter(is_production=True, hours_per_day__gt=0).order_by("code"))


def load_calendar() -> dict[tuple[int, date], float]:
    """Regular hours by (work centre, month), where the calendar states them."""
    rows = WorkCentreMonth.objects.values_list("work_centre_id", "month", "hours")
    return {(centre, month): float(hours) for centre, month, hours in rows}


def load_opening_stock(first_day: date) -> tuple[date | None, dict[tuple[int, int], int]]:
    """Stock to open with: the latest day before ``first_day``, else the earliest day on or after it.

    Returns:
        The day and (item, site) → milli-units; (None, {}) when no stock was ever imported.
    """
    days = StockOnHand.objects.order_by("-as_of").values_list("as_of", flat=True)
    day = days.filter(as_of__lt=first_day).first() or days.reverse().first()
    rows = StockOnHand.objects.filter(as_of=day).values_list("item_id", "site_id", "quantity")
    return day, {(item, site): quantity for item, site, quantity in rows}


def load_terms() -> dict[int, tuple[int, float]]:
    """Per item over active suppliers: the shortest lead time in days and what can be bought a month, milli-units.

    The limit is the sum of the suppliers' limits, infinite as soon as one has none.
    """
    terms: dict[int, tuple[int, float]] = {}
    rows = PurchaseTerm.objects.filter(supplier__is_active=True)
    for item, days, limit in rows.values_list("item_id", "lead_time_days", "monthly_limit_milli"):
        amount = float("inf") if limit is None else float(limit)
        known = terms.get(item)
        terms[item] = (days, amount) if known is None else (min(known[0], days), known[1] + amount)
    return terms


def load_lanes() -> dict[tuple[int, int, int], list[tuple[int, float | None, int, float]]]:
    """Lanes by (item or 0, family or 0, market): sites with share, priority and freight, by priority and site."""
    lanes: dict[tuple[int, int, int], list[tuple[int, float | None, int, float]]] = {}
    names = ["item_id", "family_id", "market_id", "site_id", "share", "priority", "freight"]
    for item, family, market, site, share, priority, freight in Sourcing.objects.order_by(
        "priority", "site_id"
    ).values_list(*names):
        way = (site, None if share is None else float(share), priority, float(freight))
        lanes.setdefault((item or 0, family or 0, market), []).append(way)
    return lanes


def load_pins(plan: Plan) -> Pins:
    """The latest entry per key that was not released; months outside the plan are left out."""
    latest: dict[tuple[str, int, int, date], Pin] = {}
    for pin in Pin.objects.filter(plan=plan).order_by("id"):
        latest[pin.kind, pin.item_id or pin.work_centre_id or 0, pin.site_id or 0, pin.month] = pin
    quantities, hours, unit_costs = {}, {}, {}
    for (kind, subject, site, day), pin in latest.items():
        month = month_index(day) - plan.first_month_index
        if pin.quantity is None or not 0 <= month < plan.horizon:
            continue
        if kind == "extra_shift":
            hours[subject, month] = pin.quantity / MILLI
        else:
            quantities[kind, subject, site, month] = pin.quantity
            unit_costs[subject, site, month] = float(pin.unit_cost)
    return Pins(quantities, hours, unit_costs)


def main_site() -> int:
    """Key of the site that serves where no lane is given."""
    return int(Site.objects.values_list("id", flat=True).get(code=Site.MAIN))
