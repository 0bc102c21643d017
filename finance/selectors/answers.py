"""Which gaps need an answer and which have one: families over the threshold, adjustments, actions, decisions."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from catalog.calc.months import month_index
from catalog.models import Company, Family
from cycles.models import Plan
from finance.calc.window import FiscalWindow
from finance.models import Action, ActionState, Adjustment, BridgeLeaf, Measure

GAP_CODE = "finance.family_gap"
COMPANY = "company"


@dataclass(frozen=True)
class GapNode:
    """A node of the hierarchy with its money of the fiscal year, cents: a family, or the company (no ids)."""

    subject: str
    name: str
    family_id: int | None
    category_id: int | None
    budget: int
    landing: int


@dataclass(frozen=True)
class Gap:
    """A node whose |gap| is over the threshold, and by what it is answered ('' = not)."""

    node: GapNode
    cents: int
    answer: str


def valid_adjustments(plan: Plan) -> QuerySet[Adjustment]:
    """Adjustments that hold now: not superseded, not withdrawn, not expired."""
    rows = Adjustment.objects.filter(plan=plan, superseded_by__isnull=True, is_withdrawal=False)
    return rows.filter(expires_on__gte=plan.first_month).select_related("author", "family", "category", "market")


def actions_of(plan: Plan) -> QuerySet[Action]:
    """All actions of a plan by due date."""
    return Action.objects.filter(plan=plan).select_related("owner", "family", "category", "market")


def open_actions(plan: Plan) -> QuerySet[Action]:
    """Actions that are still to bring their money."""
    return actions_of(plan).filter(state__in=[state.value for state in ActionState if state.is_open])


def adjusted_cents(plan: Plan, measure: Measure, window: FiscalWindow) -> int:
    """Sum of the valid adjustments of a measure inside the fiscal year, cents."""
    total = 0
    for row in valid_adjustments(plan).filter(measure=measure.value):
        first = month_index(row.first_month)
        total += sum(cents for position, cents in enumerate(row.cents) if first + position in window.months)
    return total


def family_gaps(plan: Plan) -> list[Gap]:
    """Families and the company whose |gap| is over the company's threshold, largest first.

    Threshold: max(amount, fraction × budget). An answer is a live adjustment, an open action or a decision at the
    family, its category or the company, without a narrower market. Nothing when the year has no budget.
    """
    company = Company.objects.current()
    nodes = _nodes(plan)
    if not any(node.budget for node in nodes):
        return []
    whole = GapNode(COMPANY, "Company", None, None, sum(n.budget for n in nodes), sum(n.landing for n in nodes))
    answers = _answers(plan)
    gaps = []
    for node in [whole, *nodes]:
        cents = node.landing - node.budget
        limit = max(company.unanswered_amount_cents, int(company.unanswered_fraction * abs(node.budget)))
        if abs(cents) > limit:
            gaps.append(Gap(node, cents, _answer(node, answers)))
    return sorted(gaps, key=lambda gap: -abs(gap.cents))


def _nodes(plan: Plan) -> list[GapNode]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT family_id, sum((SELECT sum(x) FROM unnest(budget_cents) x))::bigint, "
            "sum((SELECT sum(x) FROM unnest(landing_cents) x))::bigint "
            "FROM finance_bridgeleaf WHERE plan_id = %s GROUP BY family_id",
            (plan.pk,),
        )
        rows = cursor.fetchall()
    families = Family.objects.in_bulk([row[0] for row in rows])
    return [
        GapNode(
            families[family].code,
            families[family].name,
            family,
            families[family].category_id,
            int(budget),
            int(landing),
        )
        for family, budget, landing in rows
        if family in families
    ]


def _answers(plan: Plan) -> list[tuple[int | None, int | None, str]]:
    """(family, category, words) of everything that answers a gap; both None answers the company."""
    named = [
        (row.family_id, row.category_id, f"Adjustment: {row.title}", row.market_id) for row in valid_adjustments(plan)
    ]
    named += [(row.family_id, row.category_id, f"Action: {row.title}", row.market_id) for row in open_actions(plan)]
    found: list[tuple[int | None, int | None, str]] = [
        (family, category, words) for family, category, words, market in named if market is None
    ]
    code_of = dict(Family.objects.values_list("code", "id"))
    for subject, question in plan.decisions.filter(code=GAP_CODE).values_list("subject", "question"):
        if subject == COMPANY or subject in code_of:
            found.append((code_of.get(subject), None, f"Decision: {question}"))
    return found


def _answer(node: GapNode, answers: list[tuple[int | None, int | None, str]]) -> str:
    for family, category, words in answers:
        is_company = family is None and category is None
        is_family = family is not None and family == node.family_id
        is_category = family is None and category is not None and category == node.category_id
        if is_company or is_family or is_category:
            return words
    return ""


def changed_families(plan: Plan, limit: int = 5) -> list[tuple[str, int]]:
    """Families whose landing of the fiscal year moved most since the last cycle's plan: (name, cents).

    Nothing when there is no last plan or it was landed for another fiscal year.
    """
    if plan.previous is None:
        return []
    now = {node.family_id: node for node in _nodes(plan)}
    before = {node.family_id: node.landing for node in _nodes(plan.previous)}
    if not before or _fiscal_year(plan) != _fiscal_year(plan.previous):
        return []
    moved = [(node.name, node.landing - before.get(key, 0)) for key, node in now.items()]
    return sorted((row for row in moved if row[1]), key=lambda row: -abs(row[1]))[:limit]


def _fiscal_year(plan: Plan) -> int | None:
    return BridgeLeaf.objects.filter(plan=plan).values_list("fiscal_year", flat=True).first()
