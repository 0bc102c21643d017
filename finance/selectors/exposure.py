"""What may still move the number, each with its dollars and its owner: risks, opportunities, short supply, assumptions."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from catalog.models import Family
from cycles.models import Assumption, AssumptionState, Plan, User
from cycles.selectors import latest_check, stage_of
from cycles.workflow import StageKind
from finance.models import Action, Adjustment, AdjustmentKind, Measure
from finance.selectors.answers import open_actions, valid_adjustments

MEASURES_OF_COST = (Measure.COGS.value, Measure.COST_TO_SERVE.value)


@dataclass(frozen=True)
class Exposure:
    """One thing that may move the number. `cents` favourable positive, None where nobody priced it.

    `is_in_landing`: the plan's number carries it already. `source` in words; `owner` may be nobody yet.
    """

    title: str
    source: str
    cents: int | None
    owner: User | None
    is_in_landing: bool = False
    probability: float | None = None

    @property
    def expected_cents(self) -> int | None:
        """Cents × probability, half a cent away from zero; the whole where no probability is given."""
        if self.cents is None or self.probability is None:
            return self.cents
        exact = abs(self.cents) * self.probability
        return int(exact + 0.5) * (1 if self.cents > 0 else -1)

    @property
    def is_risk(self) -> bool:
        """Whether it would cost money; what is not priced counts as a risk."""
        return self.cents is None or self.cents < 0


def exposures_of(plan: Plan, limit: int = 3) -> list[Exposure]:
    """Risks named in adjustments, open actions, families short of supply (the largest `limit`, then the rest), broken
    assumptions; risks first, each kind by its money.
    """
    found = [_of_adjustment(row) for row in valid_adjustments(plan).filter(kind=AdjustmentKind.RISK.value)]
    found += [_of_action(row) for row in open_actions(plan)]
    found += _short_supply(plan, limit)
    found += _broken(plan)
    return sorted(found, key=lambda row: (not row.is_risk, -abs(row.expected_cents or 0), row.title))


def _of_adjustment(row: Adjustment) -> Exposure:
    cents = -row.total_cents if row.measure in MEASURES_OF_COST else row.total_cents
    return Exposure(
        row.title, f"Adjustment, {row.scope_label}", cents, row.owner or row.named_by or row.author, is_in_landing=True
    )


def _of_action(row: Action) -> Exposure:
    return Exposure(
        row.title, f"Action, {row.scope_label}", row.revenue_cents, row.owner, probability=row.probability / 100
    )


def _short_supply(plan: Plan, limit: int) -> list[Exposure]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT family_id, -sum((SELECT sum(x) FROM unnest(supply_constraint) x))::bigint AS short "
            "FROM finance_bridgeleaf WHERE plan_id = %s GROUP BY family_id ORDER BY short DESC, family_id",
            (plan.pk,),
        )
        rows = [(family, int(cents)) for family, cents in cursor.fetchall() if cents and cents > 0]
    if not rows:
        return []
    owner = stage_of(plan, StageKind.SUPPLY).owner
    names = dict(Family.objects.values_list("id", "name"))
    source = "Asked for beyond supply"
    found = [
        Exposure(f"{names.get(family, '–')}: short supply", source, cents, owner) for family, cents in rows[:limit]
    ]
    rest = sum(cents for _, cents in rows[limit:])
    return [*found, Exposure("Other families: short supply", source, rest, owner)] if rest else found


def _broken(plan: Plan) -> list[Exposure]:
    found = []
    rows = Assumption.objects.filter(plan=plan).exclude(state=AssumptionState.WITHDRAWN.value)
    for row in rows.select_related("owner"):
        check = latest_check(row)
        if check is not None and check.is_broken:
            found.append(Exposure(row.text, "Broken assumption", check.money_cents, row.owner))
    return found
