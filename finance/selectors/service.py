"""Service: how much of what the market asks for the plan delivers, by quantity and by value."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from cycles.models import Plan


@dataclass(frozen=True)
class Service:
    """Wanted and shipped over some months of a constrained plan: milli-units, and cents at plan rates."""

    wanted_units: int
    shipped_units: int
    wanted_cents: int
    shipped_cents: int

    @property
    def by_quantity(self) -> float | None:
        """Σ shipped units / Σ consensus units; None where nothing is asked for."""
        return self.shipped_units / self.wanted_units if self.wanted_units > 0 else None

    @property
    def by_value(self) -> float | None:
        """Σ shipped value / Σ value of the consensus; None where nothing is asked for."""
        return self.shipped_cents / self.wanted_cents if self.wanted_cents > 0 else None


def service_of(plan: Plan, months: range, *, is_constrained: bool) -> Service | None:
    """Service of the plan's stored landing over month numbers, all of which the plan has to cover.

    None without a supply plan (unconstrained shipments would read as 100 %) and for months that it does not cover.
    """
    first = months.start - plan.first_month_index
    if not is_constrained or first < 0 or not months or first + len(months) > plan.horizon:
        return None
    columns = ("unconstrained_units", "shipped_units", "upside_cents", "revenue_cents")
    sums = ", ".join(f"coalesce(sum((SELECT sum(x) FROM unnest({name}[%s:%s]) x)), 0)::bigint" for name in columns)
    bounds = (first + 1, first + len(months)) * len(columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sums} FROM finance_moneyseries WHERE plan_id = %s", (*bounds, plan.pk))
        row = cursor.fetchone()
    return Service(*(int(total) for total in row))
