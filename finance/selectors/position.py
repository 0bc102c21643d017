"""Where a plan stands in its fiscal year: landing, budget, gap, margin, stock and cash, from the stored landing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from catalog.calc.months import month_date
from catalog.models import Company
from cycles.models import Plan, Run, RunState
from finance.calc.bridge import Driver
from finance.calc.ratios import WorkingCapitalDays, cash_to_sales, working_capital_days
from finance.models import CashMonth, CompanyMonth, Measure
from finance.selectors.answers import adjusted_cents
from finance.selectors.ties import Unexplained, driver_totals, unexplained_beside, window_of

KIND = "finance.landing"


@dataclass(frozen=True)
class Position:
    """Totals of the fiscal year in cents of `currency`. None means that it cannot be said, never 0.

    `landing` is the operating landing, `finance_landing` adds the valid adjustments, `gap` = finance landing − budget.
    `plan` is the constrained revenue of the open months, `upside` actuals plus unconstrained revenue.
    """

    fiscal_year: int
    currency: str
    run: Run
    actuals_to_date: int
    plan: int
    upside: int
    landing: int
    adjustments: int
    budget: int | None
    cogs: int
    budget_cogs: int | None
    variances: int
    revaluation: int
    cost_to_serve: int
    margin: int
    closing_inventory: int | None
    cash: int | None
    days: WorkingCapitalDays | None
    cash_share: float | None
    drivers: dict[Driver, int]
    unexplained: Unexplained
    months: tuple[CompanyMonth, ...] = field(repr=False)
    cash_months: tuple[CashMonth, ...] = field(repr=False)

    @property
    def finance_landing(self) -> int:
        """Operating landing and the valid adjustments of revenue."""
        return self.landing + self.adjustments

    @property
    def gap(self) -> int | None:
        """Finance landing − budget; None without a budget."""
        return None if self.budget is None else self.finance_landing - self.budget

    @property
    def gap_share(self) -> float | None:
        """Gap as a fraction of the budget."""
        return None if self.gap is None or not self.budget else self.gap / self.budget

    @property
    def margin_share(self) -> float | None:
        """Gross margin as a fraction of the landing."""
        return self.margin / self.landing if self.landing else None

    @property
    def budget_margin(self) -> int | None:
        """Budgeted revenue − budgeted COGS."""
        return None if self.budget is None or self.budget_cogs is None else self.budget - self.budget_cogs

    @property
    def year_end(self) -> date:
        """First day of the fiscal year's last month."""
        return self.months[min(11, len(self.months) - 1)].month

    @property
    def year_months(self) -> tuple[CompanyMonth, ...]:
        """The months of the fiscal year, closed and open."""
        return self.months[:12]

    @property
    def notes(self) -> list[str]:
        """What stands in for something missing, in words."""
        return list(self.run.result.get("notes", []))

    @property
    def is_without_stock(self) -> bool:
        """Whether there is a supply plan and nothing in it can be stocked: a company of services."""
        return self.is_constrained and self.closing_inventory is None

    @property
    def is_constrained(self) -> bool:
        """Whether the revenue is what supply can deliver."""
        return bool(self.run.result.get("is_constrained"))


def fiscal_year_of_plan(plan: Plan) -> int:
    """The fiscal year that holds the plan's first month, named by its end."""
    return window_of(plan).fiscal_year


def latest_landing(plan: Plan) -> Run | None:
    """The landing that is stored now, None before the first."""
    return Run.objects.filter(plan=plan, kind=KIND, state=RunState.SUCCEEDED.value).order_by("-id").first()


def position_of(plan: Plan) -> Position | None:
    """The plan's position in its fiscal year; None before the first landing."""
    run = latest_landing(plan)
    if run is None:
        return None
    window = window_of(plan)
    every = tuple(CompanyMonth.objects.filter(plan=plan).order_by("month"))
    year = [row for row in every if row.month < month_date(window.start + 12)]
    cash = tuple(CashMonth.objects.filter(plan=plan).order_by("month"))
    cash_year = [row for row in cash if row.month < month_date(window.start + 12)]
    landing = sum(row.revenue_cents for row in year)
    flow = sum(row.direct_cents for row in cash_year) if cash_year else None
    drivers = driver_totals(plan)
    return Position(
        fiscal_year=window.fiscal_year,
        currency=Company.objects.current().currency_id,
        run=run,
        actuals_to_date=sum(row.revenue_cents for row in year if row.is_closed),
        plan=sum(row.revenue_cents for row in year if not row.is_closed),
        upside=sum(row.upside_cents for row in year),
        landing=landing,
        adjustments=adjusted_cents(plan, Measure.REVENUE, window),
        budget=_total(row.budget_revenue_cents for row in year),
        cogs=sum(row.cogs_cents for row in year),
        budget_cogs=_total(row.budget_cogs_cents for row in year),
        variances=sum(row.variance_cents or 0 for row in year),
        revaluation=sum(row.revaluation_cents or 0 for row in year),
        cost_to_serve=sum(row.cost_to_serve_cents for row in year),
        margin=sum(row.margin_cents for row in year),
        closing_inventory=year[-1].inventory_cents if year else None,
        cash=flow,
        days=_days(year, cash_year),
        cash_share=None if flow is None else cash_to_sales(flow, sum(r.revenue_cents for r in year if not r.is_closed)),
        drivers=drivers,
        unexplained=unexplained_beside(plan, drivers),
        months=every,
        cash_months=cash,
    )


def _total(values: object) -> int | None:
    known = [value for value in values if value is not None]  # type: ignore[attr-defined]
    return sum(known) if known else None


def _days(year: list[CompanyMonth], cash: list[CashMonth]) -> WorkingCapitalDays | None:
    if not cash or not year:
        return None
    return working_capital_days(
        revenue=sum(row.revenue_cents for row in year),
        cogs=sum(row.cogs_cents for row in year),
        inventory=year[-1].inventory_cents,
        receivables=cash[-1].receivables_cents,
        payables=cash[-1].payables_cents,
    )
