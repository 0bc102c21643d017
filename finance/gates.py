"""What holds the pre-S&OP stage back: a gap that is unexplained or unanswered, missing rates, cash that does not tie."""

from __future__ import annotations

from collections.abc import Iterable

from cycles.models import Plan
from cycles.registry import Finding, gate
from cycles.services.runs import is_stale
from cycles.workflow import StageKind
from finance.models import CashMonth
from finance.selectors.answers import GAP_CODE, family_gaps
from finance.selectors.missing import components_without_cost, items_without_cost, items_without_price
from finance.selectors.position import latest_landing
from finance.selectors.reference import current_reference
from finance.selectors.ties import unexplained_of

LINK = "finance:reconciliation"
RECONCILIATION = StageKind.RECONCILIATION


@gate("finance.landing_current", stage=RECONCILIATION, title="The landing is computed at the present revision")
def landing_current(plan: Plan) -> Iterable[Finding]:
    """Blocks while there is no landing, or demand, supply or rates moved after it, or no supply plan stands behind."""
    run = latest_landing(plan)
    if run is None:
        yield Finding("landing", "block", "There is no landing yet.", link_name=LINK, waivable=False)
    elif is_stale(run, plan):
        yield Finding("landing", "block", "The plan moved after the landing.", link_name=LINK, waivable=False)
    elif not run.result.get("is_constrained"):
        yield Finding("supply", "block", "No supply plan stands behind the landing.", link_name=LINK, waivable=False)


@gate("finance.gap_unexplained", stage=RECONCILIATION, title="Every cent of the gap is explained")
def gap_unexplained(plan: Plan) -> Iterable[Finding]:
    """Blocks while gap − Σ drivers − Σ adjustments is not 0, or budget or actuals miss their control totals."""
    unexplained = unexplained_of(plan)
    for part, words in (
        ("bridge", "The bridge misses the gap"),
        ("budget", "Budget rows miss their control total"),
        ("actuals", "Actuals miss their control totals"),
    ):
        cents = getattr(unexplained, part)
        if cents:
            yield Finding(part, "block", words, cents, "Import again or compute the landing anew.", LINK, False)


@gate(GAP_CODE, stage=RECONCILIATION, title="Every large gap has an answer")
def gap_unanswered(plan: Plan) -> Iterable[Finding]:
    """Blocks per family (and for the company) whose gap to the current reference no answer reaches (`answer_rule`)."""
    reference = current_reference(plan)
    word = reference.word if reference else "budget"
    for gap in family_gaps(plan):
        if not gap.answer:
            hint = "Name an adjustment, add an action or record a decision."
            side = "above" if gap.cents > 0 else "below"
            title = f"{gap.node.name} is {side} {word}"
            if gap.left != gap.cents:
                title += f" by {abs(gap.cents) / 100:,.0f}, and {abs(gap.left) / 100:,.0f} of it has no answer"
            yield Finding(gap.node.subject, "block", title, gap.left, hint, LINK)


@gate("finance.missing_cost", stage=RECONCILIATION, title="Every sold item has a standard cost")
def missing_cost(plan: Plan) -> Iterable[Finding]:
    """Blocks per sold item whose standard cost is missing or 0 in a month with units; at risk: its revenue."""
    for row in items_without_cost(plan):
        title = f"{row.item} has no standard cost for {row.units / 1000:,.0f} units"
        yield Finding(row.item, "block", title, row.cents, "Import its cost.", "cycles:data", False)


@gate("finance.missing_price", stage=RECONCILIATION, title="Every sold item has a price and an exchange rate")
def missing_price(plan: Plan) -> Iterable[Finding]:
    """Blocks per item whose net price or exchange rate is missing in a month with units; at risk: its cost."""
    for row in items_without_price(plan):
        title = f"{row.item} has no price for {row.units / 1000:,.0f} units"
        yield Finding(row.item, "block", title, row.cents, "Import its price or rate.", "cycles:data", False)


@gate("finance.component_cost_zero", stage=RECONCILIATION, title="Components carry a standard cost")
def component_cost_zero(plan: Plan) -> Iterable[Finding]:
    """Warns once when components of the plan have no standard cost: their stock and purchases count nothing."""
    rows = components_without_cost(plan)
    if rows:
        shown = ", ".join(row.item for row in rows[:5])
        title = f"{len(rows)} components have no standard cost: {shown}{' …' if len(rows) > 5 else ''}"
        yield Finding("components", "warn", title, None, "Their stock is worth nothing in this plan.", "cycles:data")


@gate("finance.cash_ties", stage=RECONCILIATION, title="Cash ties both ways")
def cash_ties(plan: Plan) -> Iterable[Finding]:
    """Blocks per month in which a cash line is missing or the lines do not add to the same flow both ways."""
    run = latest_landing(plan)
    if run is None or not run.result.get("is_constrained"):
        return
    rows = list(CashMonth.objects.filter(plan=plan))
    if len(rows) != plan.horizon:
        yield Finding("months", "block", f"{plan.horizon - len(rows)} months have no cash.", None, "", LINK, False)
    for row in rows:
        difference = row.tie_difference_cents
        if difference:
            yield Finding(f"{row.month:%Y-%m}", "block", "Cash does not tie", difference, "", LINK, False)
