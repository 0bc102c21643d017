"""What the five cards of a finance page show beside their number: differences, directions, small lines."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from cycles.models import Plan
from finance.selectors.position import Position

NANO_PER_MILLI = 1_000_000


NEAR = 0.01


@dataclass(frozen=True)
class Band:
    """Where a number stands beside its budget, in a word and its colour; within 1 % it is on budget."""

    word: str = ""
    tone: str = ""


def band_of(gap: int | None, budget: int | None, *, is_cost: bool = False) -> Band:
    """The band of a gap in cents; none without a budget."""
    if gap is None or not budget:
        return Band()
    if abs(gap) <= NEAR * abs(budget):
        return Band("On budget", "good")
    if is_cost:
        return Band("Over budget", "bad") if gap > 0 else Band("Under budget", "good")
    return Band("Above budget", "good") if gap > 0 else Band("Below budget", "bad")


@dataclass(frozen=True)
class Cards:
    """Cents and milli-units of the fiscal year; lists are per month of it (sparklines), without months not known."""

    units: int
    units_budget: int
    revenue: list[int]
    budget: list[int]
    cogs: list[int]
    budget_cogs: list[int]
    margin: list[int]
    inventory: list[int]
    cash: list[int]
    cogs_gap: int | None
    margin_gap: int | None
    budget_margin_share: float | None
    inventory_change: int | None
    revenue_band: Band
    cogs_band: Band
    margin_band: Band

    @property
    def units_gap(self) -> int:
        """Units landed less units budgeted."""
        return self.units - self.units_budget

    @property
    def units_rising(self) -> bool:
        """Whether more units land than were budgeted."""
        return self.units_gap > 0

    @property
    def cogs_rising(self) -> bool:
        """Whether COGS lands above budget."""
        return (self.cogs_gap or 0) > 0

    @property
    def cogs_tone(self) -> str:
        """More cost is bad, less is good."""
        return "" if not self.cogs_gap else "bad" if self.cogs_gap > 0 else "good"

    @property
    def margin_rising(self) -> bool:
        """Whether margin lands above budget."""
        return (self.margin_gap or 0) > 0

    @property
    def inventory_rising(self) -> bool:
        """Whether stock grows over the plan's part of the year."""
        return (self.inventory_change or 0) > 0


def cards_of(plan: Plan, position: Position) -> Cards:
    """The cards' numbers of a plan whose position is known."""
    year = position.year_months
    units, units_budget = year_in_units(plan)
    budget_margin, budget = position.budget_margin, position.budget
    stock = [row.inventory_cents for row in year if row.inventory_cents is not None]
    cogs_gap = None if position.budget_cogs is None else position.cogs - position.budget_cogs
    margin_gap = None if budget_margin is None else position.margin - budget_margin
    return Cards(
        units=units,
        units_budget=units_budget,
        revenue=[row.revenue_cents for row in year],
        budget=[row.budget_revenue_cents for row in year if row.budget_revenue_cents is not None],
        cogs=[row.cogs_cents for row in year],
        budget_cogs=[row.budget_cogs_cents for row in year if row.budget_cogs_cents is not None],
        margin=[row.margin_cents for row in year],
        inventory=stock,
        cash=[row.direct_cents for row in position.cash_months if row.month <= position.year_end],
        cogs_gap=cogs_gap,
        margin_gap=margin_gap,
        budget_margin_share=budget_margin / budget if budget_margin is not None and budget else None,
        inventory_change=stock[-1] - stock[0] if len(stock) > 1 else None,
        revenue_band=band_of(position.gap, budget),
        cogs_band=band_of(cogs_gap, position.budget_cogs, is_cost=True),
        margin_band=band_of(margin_gap, budget_margin),
    )


def year_in_units(plan: Plan) -> tuple[int, int]:
    """Milli-units landed and budgeted in the fiscal year of the stored bridge; 0 before a landing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum((SELECT sum(x) FROM unnest(qa) x)), 0), "
            "coalesce(sum((SELECT sum(x) FROM unnest(qb_nano) x)), 0) FROM finance_bridgeleaf WHERE plan_id = %s",
            (plan.pk,),
        )
        landed, promised = cursor.fetchone()
    return int(landed), int(promised) // NANO_PER_MILLI
