"""The operating gap by region, beside what finance and the functions answer there."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from cycles.models import Plan
from finance.models.answers import ScopeNode
from finance.selectors.answers import open_actions, valid_adjustments


@dataclass(frozen=True)
class RegionGap:
    """One region of the fiscal year, cents: budget, operating landing, and the answers that name one of its markets."""

    region_id: int
    name: str
    budget: int
    landing: int
    answers: tuple[str, ...]

    @property
    def cents(self) -> int:
        """Operating landing − budget."""
        return self.landing - self.budget

    @property
    def share(self) -> float | None:
        """The gap as a fraction of the budget; None without one."""
        return self.cents / self.budget if self.budget else None


def region_gaps(plan: Plan) -> list[RegionGap]:
    """Every region with budget or landing, largest gap first; nothing before a landing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, r.name, sum((SELECT sum(x) FROM unnest(b.budget_cents) x))::bigint, "
            "sum((SELECT sum(x) FROM unnest(b.landing_cents) x))::bigint FROM finance_bridgeleaf b "
            "JOIN catalog_market m ON m.id = b.market_id JOIN catalog_region r ON r.id = m.region_id "
            "WHERE b.plan_id = %s GROUP BY 1, 2",
            (plan.pk,),
        )
        rows = cursor.fetchall()
    answers = _answers(plan)
    gaps = [
        RegionGap(key, name, int(budget), int(landing), tuple(answers.get(key, ())))
        for key, name, budget, landing in rows
    ]
    return sorted(gaps, key=lambda gap: (-abs(gap.cents), gap.name))


def _answers(plan: Plan) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    named: list[tuple[str, ScopeNode, str]] = [("Adjustment", row, row.title) for row in valid_adjustments(plan)]
    named += [("Action", row, row.title) for row in open_actions(plan)]
    for kind, row, title in named:
        if row.market is not None:
            found.setdefault(row.market.region_id, []).append(f"{kind}: {title}")
    return found
