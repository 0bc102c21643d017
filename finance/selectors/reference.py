"""The reference that gates compare with: the last reforecast of the fiscal year as a plan knows it, else the budget."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from catalog.models import ReferencePlan
from cycles.models import Plan
from finance.selectors.ties import window_of


@dataclass(frozen=True)
class CurrentReference:
    """What landing is held against. `revenue_cents` is the fiscal year's total; `number` is '' for the budget."""

    plan_id: int
    code: str
    number: str
    title: str
    fiscal_year: int
    revenue_cents: int

    @property
    def is_reforecast(self) -> bool:
        """Whether it was set by a decision."""
        return self.code == ReferencePlan.REFORECAST

    @property
    def word(self) -> str:
        """How a sentence calls it: budget, or the reforecast's number."""
        return self.number if self.is_reforecast else "budget"


def references_of(plan: Plan) -> list[CurrentReference]:
    """The references of the plan's fiscal year, the budget first; without reforecasts that later plans set."""
    rows = ReferencePlan.objects.filter(fiscal_year=window_of(plan).fiscal_year)
    budget = rows.filter(code=ReferencePlan.BUDGET)
    set_by_then = rows.filter(code=ReferencePlan.REFORECAST, set_in__lte=plan.first_month).order_by("id")
    return [_reference(row) for row in (*budget, *set_by_then)]


def current_reference(plan: Plan) -> CurrentReference | None:
    """The last reforecast of the plan's fiscal year, else its budget; None when the year has neither."""
    references = references_of(plan)
    return references[-1] if references else None


def revenue_by_family(reference: CurrentReference) -> dict[int, int]:
    """Cents of the fiscal year per family of a reforecast; amounts above a family belong to none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(r.family_id, i.family_id), sum(r.revenue_cents)::bigint FROM catalog_referencerow r "
            "LEFT JOIN catalog_item i ON i.id = r.item_id "
            "WHERE r.plan_id = %s AND coalesce(r.family_id, i.family_id) IS NOT NULL GROUP BY 1",
            (reference.plan_id,),
        )
        return {int(family): int(cents) for family, cents in cursor.fetchall()}


def _reference(row: ReferencePlan) -> CurrentReference:
    return CurrentReference(row.pk, row.code, row.number, row.title, row.fiscal_year, row.revenue_cents)
