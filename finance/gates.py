"""What finance finds: rates that look wrong with the data; at pre-S&OP gaps, missing rates, cash that does not tie."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.models import Company
from cycles.models import Plan
from cycles.registry import Finding, gate
from cycles.services.runs import is_stale
from cycles.workflow import StageKind
from finance.models import CashMonth
from finance.selectors.answers import GAP_CODE, family_gaps
from finance.selectors.missing import (
    average_priced_items,
    budgets_without_plan,
    components_without_cost,
    currencies_without_rate,
    items_without_cost,
    items_without_price,
)
from finance.selectors.position import latest_landing
from finance.selectors.reference import current_reference
from finance.selectors.ties import unexplained_of
from finance.services.rate_findings import (
    RateFinding,
    budgets_of_dead_items,
    jumping_costs,
    losing_items,
    prices_off_actual,
)

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


@gate("finance.missing_price", stage=RECONCILIATION, title="Every sold item has a price")
def missing_price(plan: Plan) -> Iterable[Finding]:
    """Blocks per item whose net price is missing or 0 in a month with units; at risk: what its units would bring."""
    for row in items_without_price(plan):
        title = f"{row.item} has no price for {row.units / 1000:,.0f} units"
        yield Finding(row.item, "block", title, row.cents, "Import its price or discount.", "cycles:data", False)


@gate("finance.average_price", stage=RECONCILIATION, title="Prices come from price lists")
def average_price(plan: Plan) -> Iterable[Finding]:
    """Warns per item whose missing price is replaced by its average selling price; at risk: the revenue valued so."""
    for row in average_priced_items(plan):
        title = f"{row.item} is valued at its average selling price ({row.units / 1000:,.0f} units)"
        yield Finding(row.item, "warn", title, row.cents, "Import its price.", "cycles:data")


@gate("finance.missing_fx", stage=RECONCILIATION, title="Every currency has a plan exchange rate")
def missing_fx(plan: Plan) -> Iterable[Finding]:
    """Blocks per currency without a plan rate in a month with units; at risk: those units at standard cost."""
    for row in currencies_without_rate(plan):
        title = f"{row.item} has no plan exchange rate for {row.units / 1000:,.0f} units"
        yield Finding(row.item, "block", title, row.cents, "Import the rate, kind plan.", "cycles:data", False)


@gate("finance.component_cost_zero", stage=RECONCILIATION, title="Components and stock carry a standard cost")
def component_cost_zero(plan: Plan) -> Iterable[Finding]:
    """Warns once when what is used or stocked has no standard cost; at risk: its units at a supplier's price, if known."""
    rows = components_without_cost(plan)
    if rows:
        shown = ", ".join(row.item for row in rows[:5])
        known = [row.cents for row in rows if row.cents is not None]
        units = sum(row.units for row in rows) / 1000
        title = f"{len(rows)} components ({units:,.0f} units) have no standard cost: {shown}"
        title += " …" if len(rows) > 5 else ""
        hint = "Their stock is worth nothing in this plan."
        if len(known) < len(rows):
            hint += f" The dollars stand for {len(known)} of them, whose supplier prices the item's own unit."
        yield Finding("components", "warn", title, sum(known) if known else None, hint, "cycles:data")


@gate("finance.negative_margin", stage=RECONCILIATION, title="What is sold earns more than it costs")
def negative_margin(plan: Plan) -> Iterable[Finding]:
    """Warns per item that the plan sells below standard cost and cost-to-serve; at risk: its negative margin."""
    hint = "Raise the price, lower the cost, or sell less of it."
    for row in losing_items(plan):
        yield Finding(row.item, "warn", _told(row), row.cents, hint, LINK)


@gate("finance.budget_without_plan", stage=RECONCILIATION, title="What is budgeted is planned")
def budget_without_plan(plan: Plan) -> Iterable[Finding]:
    """Warns per item with a budget and neither plan nor sales in the fiscal year; at risk: that budget."""
    least = Company.objects.current().finding_amount_cents
    for row in budgets_without_plan(plan):
        if abs(row.cents or 0) >= least:
            title = f"{row.item} has budget, no plan and no sales this fiscal year ({row.units / 1000:,.0f} units)"
            yield Finding(row.item, "warn", title, row.cents, "Plan it, or end it.", LINK)


@gate("finance.price_off_actual", stage=StageKind.DATA, title="Planned prices are near what customers paid")
def price_off_actual(plan: Plan) -> Iterable[Finding]:
    """Warns per item whose planned price is past `price_gap_fraction` from the average of the last twelve months."""
    hint = "Mend the price or the planned discount, or leave it if the price is meant to change."
    for row in prices_off_actual(plan):
        yield Finding(row.item, "warn", _told(row), row.cents, hint, "cycles:data")


@gate("finance.cost_jump", stage=StageKind.DATA, title="Standard costs move steadily")
def cost_jump(plan: Plan) -> Iterable[Finding]:
    """Warns per item whose standard changes by more than `cost_jump_fraction` in a month of the plan's first year."""
    hint = "Stock on hand is revalued and margin moves: mend the cost, or leave it if it is right."
    for row in jumping_costs(plan):
        yield Finding(row.item, "warn", _told(row), row.cents, hint, "cycles:data")


@gate("finance.budget_on_dead_item", stage=StageKind.DATA, title="No budget stands on ended items")
def budget_on_dead_item(plan: Plan) -> Iterable[Finding]:
    """Warns per item with a budget of its own in months after its end; at risk: that budget."""
    hint = "Name its successor, or move the budget."
    for row in budgets_of_dead_items(plan):
        yield Finding(row.item, "warn", _told(row), row.cents, hint, "cycles:data")


def _told(row: RateFinding) -> str:
    units = "" if row.units is None else f" ({row.units / 1000:,.0f} units)"
    return f"{row.item} {row.words}{units}"


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
