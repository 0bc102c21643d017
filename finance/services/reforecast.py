"""Reforecast as a decision: the finance landing becomes the year's new reference, under its own number, for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Sum

from catalog.calc.months import month_date, month_index
from catalog.models import Company, ReferencePlan
from cycles.errors import NotAllowedToYou
from cycles.models import Decision, Plan, User
from cycles.registry import Problem
from cycles.services.answers import Question, record_decision
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from cycles.services.runs import is_stale
from finance.calc.window import FiscalWindow
from finance.models import Adjustment, Measure
from finance.selectors.adjustments import months_of, valid_adjustments
from finance.selectors.position import Position, position_of
from finance.selectors.reference import current_reference
from finance.selectors.ties import window_of
from finance.services.refusals import AnswerRefused

CODE = "finance.reforecast"
BASIS = "reforecast"
KEYS = "item_id, family_id, category_id, market_id, month"

#: What goes into the reference: leaves of the landing, their standard cost, and the valid adjustments where they stand.
PARTS = """
WITH parts AS (
  SELECT l.item_id, CASE WHEN l.item_id IS NULL THEN l.family_id END AS family_id, NULL::bigint AS category_id,
         l.market_id, u.n AS month, u.units, u.revenue, 0::bigint AS cogs
  FROM finance_bridgeleaf l, unnest(l.qa, l.landing_cents) WITH ORDINALITY AS u(units, revenue, n)
  WHERE l.plan_id = %(plan)s
  UNION ALL
  SELECT m.item_id, NULL, NULL, m.market_id, u.n + %(closed)s, 0, 0, u.cogs
  FROM finance_moneyseries m, unnest(m.cogs_cents) WITH ORDINALITY AS u(cogs, n)
  WHERE m.plan_id = %(plan)s AND u.n <= %(open)s
  UNION ALL
  SELECT s.item_id, NULL, NULL, s.market_id, u.n - %(offset)s, 0, 0, u.cogs
  FROM demand_actualseries s, unnest(s.cogs_cents) WITH ORDINALITY AS u(cogs, n)
  WHERE u.n - %(offset)s BETWEEN 1 AND %(closed)s
  UNION ALL
  SELECT NULL, a.family_id, a.category_id, a.market_id, a.month, 0, a.revenue, a.cogs
  FROM unnest(%(families)s::bigint[], %(categories)s::bigint[], %(markets)s::bigint[], %(months)s::bigint[],
              %(revenues)s::bigint[], %(costs)s::bigint[]) AS a(family_id, category_id, market_id, month, revenue, cogs)
), rows AS (
  SELECT item_id, family_id, category_id, market_id, month, sum(units)::bigint AS units,
         sum(revenue)::bigint AS revenue, sum(cogs)::bigint AS cogs
  FROM parts GROUP BY item_id, family_id, category_id, market_id, month
  HAVING bool_or(units <> 0 OR revenue <> 0 OR cogs <> 0)
)
"""
TOTALS = (
    f"{PARTS} SELECT count(*), coalesce(sum(units), 0), coalesce(sum(revenue), 0), coalesce(sum(cogs), 0) FROM rows"
)
COPY_ROWS = f"""{PARTS}
INSERT INTO catalog_referencerow
  (plan_id, month, item_id, family_id, category_id, market_id, region_id, channel_id, units_milli, revenue_cents,
   cogs_cents, basis)
SELECT %(reference)s, (%(start)s::date + make_interval(months => (month - 1)::int))::date, item_id, family_id,
       category_id, market_id, NULL, NULL, units, revenue, cogs, '{BASIS}'
FROM rows ORDER BY month, item_id, family_id, category_id, market_id
"""


class ReforecastRefused(AnswerRefused):
    """The landing cannot become a reference: it is behind, unexplained, or does not cover the year."""

    code = "reforecast_refused"


def ask_reforecast(*, plan: Plan, text: str, actor: User) -> Decision:
    """Put the question whether the year gets a new reference, its two options priced; audited.

    Raises:
        ReforecastRefused: the landing cannot become a reference.
        ReasonMissing, NotAllowedToYou, NotAllowedNow: as for every decision.
    """
    position = _sound_position(plan)
    number, gap = next_number(plan), _gap_to_reference(plan, position)
    options = (
        {
            "title": choice_of(number),
            "revenue_cents": gap,
            "note": f"{number} becomes the reference of gates; the gap to it starts at zero, the budget stays beside it.",
            "recommended": True,
        },
        {"title": "Keep the present reference", "revenue_cents": 0, "note": "The gap stays open and is answered."},
    )
    question = Question(CODE, number, text, gap, options)
    return record_decision(plan=plan, question=question, actor=actor)


def set_reforecast(decision: Decision, actor: User) -> None:
    """Effect of a taken decision: where the option to reforecast was chosen, the landing is copied as a reference.

    Runs in the transaction that takes the decision. The copy is at the grain of the bridge's leaves (item × market ×
    month, residuals by family), adjustments at their nodes, standard cost beside revenue; append-only and audited.

    Raises:
        ReforecastRefused: the landing cannot become a reference, or the copy misses it.
        NotAllowedToYou: the person who asked takes the decision.
    """
    plan = lock_plan(decision.plan_id)
    number, titles = next_number(plan), [str(option["title"]) for option in decision.options]
    if decision.choice not in titles:
        raise ReforecastRefused(
            "choice", decision.choice, "It is none of the options, and what follows depends on it.",
            f"Choose “{'” or “'.join(titles)}”.",
        )  # fmt: skip
    if decision.choice != choice_of(decision.subject):
        return
    if decision.recorded_by_id == actor.pk:
        raise NotAllowedToYou(f"{actor} asked for {number}; somebody else decides it.")
    if decision.subject != number:
        raise ReforecastRefused("subject", decision.subject, f"The next number is {number}.", "Ask for it anew.")
    position = _sound_position(plan)
    reference = _copy(plan, position, number)
    record_audit(
        actor=actor,
        code="finance.reforecast.set",
        plan=plan,
        subject=number,
        reason=decision.reason,
        before={"reference": _word(plan, but=reference.pk)},
        after={"rows": reference.row_count, "revenue_cents": reference.revenue_cents, "decision": decision.pk},
    )


def reforecast_problems() -> Iterator[Problem]:
    """Reforecasts whose rows do not add to the totals that were set with them; for `manage.py verify`."""
    for row in ReferencePlan.objects.filter(code=ReferencePlan.REFORECAST).order_by("id"):
        stored = row.rows.aggregate(
            revenue_cents=Sum("revenue_cents"), cogs_cents=Sum("cogs_cents"), units_milli=Sum("units_milli")
        )
        for field, total in stored.items():
            if (total or 0) != getattr(row, field):
                yield Problem(f"reference {row.number}", f"{field} is not the sum of its rows")


def next_number(plan: Plan) -> str:
    """The number that a reforecast of the plan's fiscal year would bear: FY2014-R1, -R2, …"""
    year = window_of(plan).fiscal_year
    count = ReferencePlan.objects.filter(code=ReferencePlan.REFORECAST, fiscal_year=year).count()
    return f"FY{year}-R{count + 1}"


def choice_of(number: str) -> str:
    """The words of the option that sets a reforecast."""
    return f"Reforecast as {number}"


def _gap_to_reference(plan: Plan, position: Position) -> int | None:
    reference = current_reference(plan)
    return None if reference is None else position.finance_landing - reference.revenue_cents


def _word(plan: Plan, *, but: int) -> str:
    before = ReferencePlan.objects.filter(fiscal_year=window_of(plan).fiscal_year).exclude(pk=but).order_by("id").last()
    return "" if before is None else before.title


def _sound_position(plan: Plan) -> Position:
    position, window = position_of(plan), window_of(plan)
    if position is None:
        raise ReforecastRefused("landing", "none", "There is no landing yet.", "Compute it first.")
    if is_stale(position.run, plan):
        raise ReforecastRefused("landing", f"run {position.run.pk}", "The plan moved after it.", "Compute it again.")
    if position.unexplained.cents:
        amount = f"{position.unexplained.cents / 100:,.2f}"
        raise ReforecastRefused("unexplained", amount, "A cent of the gap is unexplained.", "Mend what the gate names.")
    if window.uncovered:
        raise ReforecastRefused(
            "horizon",
            f"{window.uncovered} months missing",
            "The plan ends before the fiscal year does, so the reference would be too small.",
            "Open the next cycle with a longer horizon.",
        )
    return position


def _copy(plan: Plan, position: Position, number: str) -> ReferencePlan:
    window = window_of(plan)
    values = _values(plan, window)
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, values)
        rows, units, revenue, cogs = (int(total) for total in cursor.fetchone())
        if revenue != position.finance_landing:
            missed = f"{(revenue - position.finance_landing) / 100:,.2f}"
            raise ReforecastRefused("revenue", missed, "The leaves miss the finance landing.", "Compute it again.")
        reference = ReferencePlan.objects.create(
            code=ReferencePlan.REFORECAST,
            fiscal_year=window.fiscal_year,
            number=number,
            set_in=plan.first_month,
            title=f"Reforecast {number}",
            row_count=rows,
            units_milli=units,
            revenue_cents=revenue,
            cogs_cents=cogs,
        )
        cursor.execute(COPY_ROWS, values | {"reference": reference.pk, "start": month_date(window.start)})
    return reference


def _values(plan: Plan, window: FiscalWindow) -> dict[str, Any]:
    carried = [
        (row, month, cents)
        for row in valid_adjustments(plan).filter(measure__in=[Measure.REVENUE.value, Measure.COGS.value])
        for month, cents in months_of(row).items()
        if month in window.months
    ]
    return {
        "plan": plan.pk,
        "closed": window.closed,
        "open": window.open,
        "offset": window.start - month_index(Company.objects.current().history_start),
        "families": [row.family_id for row, _, _ in carried],
        "categories": [row.category_id for row, _, _ in carried],
        "markets": [row.market_id for row, _, _ in carried],
        "months": [month - window.start + 1 for _, month, _ in carried],
        "revenues": [_of(row, Measure.REVENUE, cents) for row, _, cents in carried],
        "costs": [_of(row, Measure.COGS, cents) for row, _, cents in carried],
    }


def _of(row: Adjustment, measure: Measure, cents: int) -> int:
    return cents if row.measure == measure.value else 0
