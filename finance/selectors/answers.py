"""Which gaps need an answer and how far answers reach: families over the threshold, adjustments, actions, decisions."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from catalog.models import Company, Family
from cycles.models import Decision, Plan
from finance.calc.answering import Reach, is_decision_current, threshold_cents
from finance.models import Action, ActionState
from finance.models.answers import ScopeNode
from finance.selectors.adjustments import adjusted_cents, valid_adjustments, year_cents
from finance.selectors.reference import CurrentReference, current_reference, revenue_by_family
from finance.selectors.ties import window_of

__all__ = ["Gap", "GapNode", "actions_of", "adjusted_cents", "family_gaps", "open_actions", "valid_adjustments"]

GAP_CODE = "finance.family_gap"
COMPANY = "company"
RULE = (
    "A gap of the operating landing over max({amount}, {share}) against {reference} needs an answer. Adjustments and "
    "actions answer by amount: those at the node or inside it, of this year's revenue, actions times their "
    "probability; what is left must be within the limit. What stands above a node reaches it only by a decision, and a "
    "decision covers the gap it was made about until it has moved by more than the limit."
)


@dataclass(frozen=True)
class GapNode:
    """A node of the hierarchy with its money of the fiscal year, cents: a family, or the company (no ids).

    `reference` is the current reference at the node, the budget or the last reforecast.
    """

    subject: str
    name: str
    family_id: int | None
    category_id: int | None
    reference: int
    landing: int


@dataclass(frozen=True)
class Gap:
    """A node whose |gap| is over the threshold, what reaches it by amount, and the words that answer it ('' = not)."""

    node: GapNode
    reach: Reach
    answer: str

    @property
    def cents(self) -> int:
        """Operating landing − current reference."""
        return self.reach.gap

    @property
    def left(self) -> int:
        """What no amount answers yet."""
        return self.reach.left


@dataclass(frozen=True)
class _Amount:
    """Money that answers by amount, where it stands, and its words."""

    family_id: int | None
    is_adjustment: bool
    cents: int
    words: str


def actions_of(plan: Plan) -> QuerySet[Action]:
    """All actions of a plan by due date."""
    return Action.objects.filter(plan=plan).select_related("owner", "family", "category", "market")


def open_actions(plan: Plan) -> QuerySet[Action]:
    """Actions that are still to bring their money."""
    return actions_of(plan).filter(state__in=[state.value for state in ActionState if state.is_open])


def family_gaps(plan: Plan) -> list[Gap]:
    """Families and the company whose |gap| to the current reference is over the threshold, largest first.

    How far an answer reaches says `answer_rule`. Nothing when the year has no reference.
    """
    company, reference = Company.objects.current(), current_reference(plan)
    nodes = _nodes(plan, reference)
    if reference is None or not any(node.reference for node in nodes):
        return []
    amounts, decisions = _amounts(plan), _decisions(plan)
    reaches = {node.subject: _reach(node, _inside(node, amounts), company) for node in nodes}
    decided = {name: row for name, row in decisions.items() if _is_current(row, reaches.get(name))}
    gaps = [
        Gap(node, reaches[node.subject], _answer(node, reaches[node.subject], _inside(node, amounts), decided))
        for node in nodes
        if reaches[node.subject].needs_answer
    ]
    return sorted(gaps, key=lambda gap: -abs(gap.cents))


def _inside(node: GapNode, amounts: list[_Amount]) -> list[_Amount]:
    return [row for row in amounts if node.family_id is None or row.family_id == node.family_id]


def _reach(node: GapNode, own: list[_Amount], company: Company) -> Reach:
    return Reach(
        gap=node.landing - node.reference,
        adjusted=sum(row.cents for row in own if row.is_adjustment),
        expected=sum(row.cents for row in own if not row.is_adjustment),
        limit=_limit(company, node.reference),
    )


def _is_current(decision: Decision, reach: Reach | None) -> bool:
    if reach is None:
        return False
    return is_decision_current(gap=reach.gap, decided=decision.money_cents, limit=reach.limit)


def answer_rule(plan: Plan) -> str:
    """The rule of the gate in words, with the company's threshold and the reference it is held against."""
    company, reference = Company.objects.current(), current_reference(plan)
    return RULE.format(
        amount=f"{company.unanswered_amount_cents / 100:,.0f} {company.currency_id}",
        share=f"{company.unanswered_fraction:.1%}",
        reference=reference.title if reference else "the budget",
    )


def _limit(company: Company, reference: int) -> int:
    fraction = int(company.unanswered_fraction * 1_000_000)
    return threshold_cents(amount=company.unanswered_amount_cents, fraction_ppm=fraction, reference=reference)


def _nodes(plan: Plan, reference: CurrentReference | None) -> list[GapNode]:
    """The company, then every family with leaves; the company's reference is the whole of it, adjustments included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT family_id, sum((SELECT sum(x) FROM unnest(budget_cents) x))::bigint, "
            "sum((SELECT sum(x) FROM unnest(landing_cents) x))::bigint "
            "FROM finance_bridgeleaf WHERE plan_id = %s GROUP BY family_id",
            (plan.pk,),
        )
        rows = {int(family): (int(budget), int(landing)) for family, budget, landing in cursor.fetchall()}
    budget = sum(cents for cents, _ in rows.values())
    own = {family: cents for family, (cents, _) in rows.items()}
    if reference is not None and reference.is_reforecast:
        own, budget = revenue_by_family(reference), reference.revenue_cents
    families = Family.objects.in_bulk(rows.keys() | own.keys())
    whole = GapNode(COMPANY, "Company", None, None, budget, sum(landing for _, landing in rows.values()))
    return [whole, *(_node(row, own.get(key, 0), rows.get(key, (0, 0))[1]) for key, row in sorted(families.items()))]


def _node(family: Family, reference: int, landing: int) -> GapNode:
    return GapNode(family.code, family.name, family.pk, family.category_id, reference, landing)


def _amounts(plan: Plan) -> list[_Amount]:
    window = window_of(plan)
    rows = [
        _Amount(_family_of(row), True, year_cents(row, window), f"Adjustment: {row.title}")
        for row in valid_adjustments(plan).filter(measure="revenue")
    ]
    rows += [_Amount(_family_of(row), False, row.expected_cents, f"Action: {row.title}") for row in open_actions(plan)]
    return [row for row in rows if row.cents]


def _family_of(row: ScopeNode) -> int | None:
    return row.family_id


def _decisions(plan: Plan) -> dict[str, Decision]:
    return {row.subject: row for row in plan.decisions.filter(code=GAP_CODE)}


def _answer(node: GapNode, reach: Reach, own: list[_Amount], decided: dict[str, Decision]) -> str:
    if node.subject in decided:
        return f"Decision: {decided[node.subject].question}"
    if reach.is_reached:
        return "; ".join(row.words for row in own)
    return f"Decision about the company: {decided[COMPANY].question}" if COMPANY in decided else ""
