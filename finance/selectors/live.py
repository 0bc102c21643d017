"""What a live figure rests on, and the totals of the fiscal year that any months make, stored or live."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max, Q

from catalog.calc.months import MONTHS_IN_YEAR, month_date, month_index
from catalog.models import Company, ImportBatch
from cycles.models import Plan, Run, RunState
from demand.frames import active_events
from finance.calc.periods import PeriodKind, flow_of, periods_in
from finance.models import CashMonth, CompanyMonth, Measure
from finance.selectors.answers import adjusted_cents
from finance.selectors.position import latest_landing
from finance.selectors.ties import window_of

SUPPLY_KIND = "supply.plan"


@dataclass(frozen=True)
class FiguresRevision:
    """The state of the world that a computed figure belongs to; two equal ones have equal figures.

    `plan` is the plan's revision (every entry of every ledger moves it), `rates` the rates revision (see
    `rates_revision`), `supply_run` the supply plan that is published (0 = none): publishing one is no ledger entry.
    """

    plan_id: int
    plan: int
    rates: str
    supply_run: int

    @property
    def key(self) -> str:
        """The state as the key of a cache."""
        return f"{self.plan_id}:{self.plan}:{self.rates}:{self.supply_run}"


@dataclass(frozen=True)
class YearTotals:
    """The fiscal year in cents of the reporting currency; None where it cannot be said, never 0.

    `landing` is the operating landing, `standard_margin` = landing − COGS at standard; margins below it and the cost to
    serve wait for a supply plan. `cash` is that of the open months; `inventory` stands at the year's end.
    """

    landing: int
    adjustments: int
    budget: int | None
    upside: int
    cogs: int
    standard_margin: int
    margin: int | None
    operating_margin: int | None
    cost_to_serve: int | None
    inventory: int | None
    cash: int | None

    @property
    def finance_landing(self) -> int:
        """Operating landing and the valid adjustments."""
        return self.landing + self.adjustments

    @property
    def gap(self) -> int | None:
        """Finance landing − budget; None without a budget."""
        return None if self.budget is None else self.finance_landing - self.budget

    @property
    def gap_share(self) -> float | None:
        """Gap as a fraction of the budget."""
        return None if self.gap is None or not self.budget else self.gap / self.budget


def figures_revision(plan: Plan) -> FiguresRevision:
    """The present state that the plan's figures rest on, read from the database now, whatever `plan` holds."""
    now = Plan.objects.get(pk=plan.pk)
    supplied = Run.objects.filter(plan=now, kind=SUPPLY_KIND, state=RunState.SUCCEEDED.value).order_by("-id").first()
    return FiguresRevision(now.pk, now.revision, rates_revision(now), supplied.pk if supplied else 0)


def rates_revision(plan: Plan) -> str:
    """What prices, costs, exchange rates, discounts, terms, actuals and company settings are at, as a short text.

    It moves with the plan's own count of imports and settings, and besides with every batch applied and every value of
    the company's row: files that came while no plan was in progress count too. Events of price and units move it when a
    gesture names them or takes them back.
    """
    applied = ImportBatch.objects.filter(Q(status=ImportBatch.Status.APPLIED))
    batches = applied.aggregate(count=Count("id"), last=Max("applied_at"))
    company = sorted(Company.objects.values().get().items())
    text = repr((plan.rates_revision, batches["count"], batches["last"], company, sorted(active_events(plan))))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def year_totals(plan: Plan, months: Iterable[CompanyMonth], cash: Iterable[CashMonth]) -> YearTotals:
    """Total the fiscal year of the plan from its months."""
    window = window_of(plan)
    end = month_date(window.start + MONTHS_IN_YEAR)
    year = [row for row in months if row.month < end]
    waits = any(row.variance_cents is None for row in year if not row.is_closed)
    flows = [row.direct_cents for row in cash if row.month < end]
    budgets = [row.budget_revenue_cents for row in year if row.budget_revenue_cents is not None]
    operating = {month_index(row.month): row.operating_margin_cents for row in year}
    known = {month: cents for month, cents in operating.items() if cents is not None}
    (period,) = periods_in(
        PeriodKind.YEAR, first=window.start, last=window.start, start_month=window.start % MONTHS_IN_YEAR + 1
    )
    return YearTotals(
        landing=sum(row.revenue_cents for row in year),
        adjustments=adjusted_cents(plan, Measure.REVENUE, window),
        budget=sum(budgets) if budgets else None,
        upside=sum(row.upside_cents for row in year),
        cogs=sum(row.cogs_cents for row in year),
        standard_margin=sum(row.revenue_cents - row.cogs_cents for row in year),
        margin=None if waits else sum(row.margin_cents for row in year),
        operating_margin=None if waits else flow_of(known, period).amount,
        cost_to_serve=None if waits else sum(row.cost_to_serve_cents for row in year),
        inventory=year[-1].inventory_cents if year else None,
        cash=sum(flows) if flows else None,
    )


def stored_totals(plan: Plan) -> tuple[Run, YearTotals] | None:
    """The landing that is stored and its totals; None before the first."""
    run = latest_landing(plan)
    if run is None:
        return None
    months = CompanyMonth.objects.filter(plan=plan).order_by("month")
    return run, year_totals(plan, months, CashMonth.objects.filter(plan=plan).order_by("month"))
