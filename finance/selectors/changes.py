"""What moved since the last cycle's plan: families of the fiscal year, in units and in money."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from catalog.models import Family
from cycles.models import Plan
from finance.models import Measure
from finance.selectors.adjustments import adjusted_cents
from finance.selectors.ties import window_of


@dataclass(frozen=True)
class Change:
    """One family (or the rest of them): this plan's landing less the last cycle's, milli-units and cents."""

    name: str
    family_id: int | None
    units: int
    cents: int


@dataclass(frozen=True)
class Changes:
    """The families that moved most, what all others and the adjustments moved, and the total that they add up to."""

    since: str
    lines: tuple[Change, ...]
    total: Change


def changes_of(plan: Plan, *, in_units: bool = False, limit: int = 6) -> Changes | None:
    """Finance landing of the fiscal year against the last cycle's plan, largest move first, adjustments at the end.

    None when there is no last plan, or it was landed for another fiscal year.
    """
    if plan.previous is None:
        return None
    now, before = _landed(plan), _landed(plan.previous)
    if not now or not before or {year for year, *_ in now.values()} != {year for year, *_ in before.values()}:
        return None
    names = dict(Family.objects.values_list("id", "name"))
    moved = [
        Change(
            names.get(key, "–"),
            key,
            units=_at(now, key, 1) - _at(before, key, 1),
            cents=_at(now, key, 2) - _at(before, key, 2),
        )
        for key in now.keys() | before.keys()
    ]
    moved = sorted((row for row in moved if row.units or row.cents), key=lambda row: (-_size(row, in_units), row.name))
    shown, rest = moved[:limit], moved[limit:]
    if rest:
        shown.append(Change("Other families", None, sum(row.units for row in rest), sum(row.cents for row in rest)))
    window = window_of(plan)
    adjusted = adjusted_cents(plan, Measure.REVENUE, window) - adjusted_cents(plan.previous, Measure.REVENUE, window)
    if adjusted:
        shown.append(Change("Adjustments", None, 0, adjusted))
    total = Change("Total", None, sum(row.units for row in shown), sum(row.cents for row in shown))
    return Changes(plan.previous.number, tuple(shown), total)


def _size(row: Change, in_units: bool) -> int:
    return abs(row.units if in_units else row.cents)


def _at(landed: dict[int, tuple[int, int, int]], key: int, place: int) -> int:
    return landed[key][place] if key in landed else 0


def _landed(plan: Plan) -> dict[int, tuple[int, int, int]]:
    """Family → (fiscal year, milli-units, cents) of the stored landing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT family_id, max(fiscal_year), sum((SELECT sum(x) FROM unnest(qa) x))::bigint, "
            "sum((SELECT sum(x) FROM unnest(landing_cents) x))::bigint "
            "FROM finance_bridgeleaf WHERE plan_id = %s GROUP BY family_id",
            (plan.pk,),
        )
        return {family: (int(year), int(units), int(cents)) for family, year, units, cents in cursor.fetchall()}
