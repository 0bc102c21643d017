"""What may hold back the data and the demand stage: actuals, prices, the baseline, exceptions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from django.db import connection

from catalog.calc.months import month_date
from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan
from cycles.registry import Finding, gate
from cycles.services.runs import is_stale, latest_result
from cycles.workflow import StageKind
from demand.frames import load_actuals, load_consensus, load_loaded_months, load_rates, plan_months
from demand.services.baseline import KIND
from demand.services.exception_list import open_exceptions
from demand.services.exception_owners import shares_of

YEAR = 12
THIN_FRACTION = 0.2


@gate("demand.actuals_loaded", stage=StageKind.DATA, title="Last month's sales are loaded")
def actuals_loaded(plan: Plan) -> Iterator[Finding]:
    """Block while a month of the last twelve closed ones was never loaded since the first loaded one."""
    last = plan.first_month_index - 1
    loaded = load_loaded_months(last - YEAR + 1, last)
    gaps = [month for month in range(min(loaded, default=last), last + 1) if month not in loaded]
    for month in gaps:
        day = month_date(month)
        yield Finding(
            subject=f"{day:%Y-%m}",
            severity="block",
            title=f"Sales of {day:%B %Y} are not loaded.",
            hint="Load sales_monthly.csv with that month.",
            link_name="cycles:data",
            waivable=False,
        )


@gate("demand.actuals_tie", stage=StageKind.DATA, title="Stored sales tie to the control totals of their files")
def actuals_tie(plan: Plan) -> Iterator[Finding]:
    """Block on every closed month whose stored net revenue or units differ from the file's own sum, by SQL."""
    query = """
        SELECT m.month, m.net_cents, m.units, COALESCE(s.net, 0), COALESCE(s.units, 0)
        FROM demand_actualmonth m
        LEFT JOIN (
            SELECT (c.history_start + make_interval(months => (t.ordinal - 1)::int))::date AS month,
                   SUM(t.net) AS net, SUM(t.units) AS units
            FROM catalog_company c, demand_actualseries a,
                 LATERAL unnest(a.net_cents, a.units) WITH ORDINALITY AS t(net, units, ordinal)
            GROUP BY 1
        ) s ON s.month = m.month
        WHERE m.month < %s AND (m.net_cents <> COALESCE(s.net, 0) OR m.units <> COALESCE(s.units, 0))
        ORDER BY m.month
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [plan.first_month])
        rows = cursor.fetchall()
    for month, file_cents, _, stored_cents, _ in rows:
        yield Finding(
            subject=f"{month:%Y-%m}",
            severity="block",
            title=f"Stored sales of {month:%B %Y} differ from the file's total.",
            money_cents=int(stored_cents - file_cents),
            hint="Load the month again.",
            link_name="cycles:data",
            waivable=False,
        )


@gate("demand.price_missing", stage=StageKind.DATA, title="Everything that sells has a price")
def price_missing(plan: Plan) -> Iterator[Finding]:
    """Block on every item sold in the last year, alive in the horizon, without a price in one of its months.

    The money is its net revenue of the last 12 closed months. Never waivable: a missing price is not 0.
    """
    first = plan.first_month_index
    actuals = load_actuals(first - YEAR, first - 1)
    items = load_hierarchy().items.set_index("item_id")
    lives = items.loc[actuals.item_ids]
    sells = (actuals.units.sum(axis=1) > 0) & lives["is_sold"].to_numpy()
    rows = np.flatnonzero(sells & (lives["end_month"].to_numpy() > first))
    months = np.array(plan_months(plan), np.int64)
    rates = load_rates(plan, actuals.item_ids[rows], actuals.market_ids[rows])
    alive = (lives["launch_month"].to_numpy()[rows, None] <= months) & (
        lives["end_month"].to_numpy()[rows, None] > months
    )
    at_risk: dict[int, int] = {}
    for row in rows[(rates.missing & alive).any(axis=1)].tolist():
        item = int(actuals.item_ids[row])
        at_risk[item] = at_risk.get(item, 0) + int(actuals.net_cents[row].sum())
    for item, cents in sorted(at_risk.items(), key=lambda pair: -pair[1]):
        code = str(items.loc[item, "code"])
        yield Finding(
            subject=code,
            severity="block",
            title=f"{code} has no price in a month in which it sells.",
            money_cents=cents,
            hint="Load price_history.csv with a price valid on the last day of the month.",
            link_name="cycles:data",
            waivable=False,
        )


@gate("demand.month_partial", stage=StageKind.DATA, title="The last closed month looks whole")
def month_partial(plan: Plan) -> Iterator[Finding]:
    """Warn when the last closed month sold less than a fifth of the average of the eleven before it."""
    first = plan.first_month_index
    monthly = load_actuals(first - YEAR, first - 1).net_cents.sum(axis=0)
    usual = float(monthly[:-1].mean()) if len(monthly) > 1 else 0.0
    if usual > 0 and monthly[-1] < THIN_FRACTION * usual:
        day = month_date(first - 1)
        yield Finding(
            subject=f"{day:%Y-%m}",
            severity="warn",
            title=f"{day:%B %Y} has {monthly[-1] / usual:.0%} of a usual month's sales; is it complete?",
            money_cents=int(usual - monthly[-1]),
            hint="Load the rest of the month, or go on if it was really so.",
            link_name="cycles:data",
        )


@gate("demand.baseline_current", stage=StageKind.DEMAND, title="The baseline is there and current")
def baseline_current(plan: Plan) -> Iterator[Finding]:
    """Block without a baseline, or with one that is behind a loaded file."""
    run = latest_result(plan, KIND)
    if run is None:
        title = "There is no baseline yet."
    elif is_stale(run, plan):
        title = "The baseline is behind a file that was loaded after it."
    else:
        return
    yield Finding("baseline", "block", title, hint="Run the baseline.", link_name="demand:review", waivable=False)


@gate("demand.exceptions_answered", stage=StageKind.DEMAND, title="Every exception is answered")
def exceptions_answered(plan: Plan) -> Iterator[Finding]:
    """Block per person, or people, while exceptions that ask for an answer wait for them, with their number and dollars.

    The whole plan is asked about, whoever submits it: a planner with limits answers what lies in them and reads here who
    else the stage waits for. Money: Σ|dollars| of those with a price; what lies in nobody's limits is a finding as well.
    """
    for share in shares_of(open_exceptions(plan)):
        count, largest = len(share.rows), share.rows[0]
        noun, wait, lie = ("exception", "waits", "lies") if count == 1 else ("exceptions", "wait", "lie")
        without = f" {share.unpriced} of them without a price, in no dollars." if share.unpriced else ""
        waits = f"{wait} for {share.names}" if share.owners else f"{lie} in nobody's limits"
        remedy = "Answer with a reason, or edit the plan." if share.owners else "Give a demand planner these limits."
        yield Finding(
            subject=share.subject,
            severity="block",
            title=f"{count} open {noun} {waits}.",
            money_cents=share.cents if share.unpriced < count else None,
            hint=f"First: {largest.title}{without} {remedy}",
            link_name="demand:exceptions",
            waivable=False,
        )


@gate("demand.not_negative", stage=StageKind.DEMAND, title="No demand is below zero")
def not_negative(plan: Plan) -> Iterator[Finding]:
    """Block while a cell of the consensus is negative: no ERP takes it."""
    count = int((load_consensus(plan).units < 0).sum())
    if count:
        title, hint = f"{count} cells of the plan are below zero.", "Edit them to 0 or more."
        yield Finding("consensus", "block", title, hint=hint, link_name="demand:review", waivable=False)
