"""Unexplained: the gap from stored amounts and control totals by SQL, less what the bridge's own leaves say."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum

from catalog.calc.months import month_date, month_index
from catalog.models import Company, ReferencePlan, ReferenceRow
from cycles.models import Plan
from demand.models import ActualMonth
from finance.calc.bridge import Driver
from finance.calc.window import FiscalWindow, fiscal_window


@dataclass(frozen=True)
class Unexplained:
    """Money that nothing accounts for, cents of the reporting currency, each part 0 in a sound plan.

    `bridge`: operating gap of the stored amounts less the drivers of the leaves. `budget`: control total of the budget
    less its stored rows. `actuals`: stored actuals of the closed months less their control totals. Adjustments stand on
    both sides of the finance gap and cancel.
    """

    bridge: int
    budget: int
    actuals: int

    @property
    def cents(self) -> int:
        """The first part that is not 0, so that two faults can never cancel to a sound plan."""
        return next((part for part in (self.bridge, self.budget, self.actuals) if part), 0)


def window_of(plan: Plan) -> FiscalWindow:
    """The fiscal year of a plan."""
    return fiscal_window(plan.first_month_index, plan.horizon, Company.objects.current().fiscal_year_start_month)


def unexplained_of(plan: Plan) -> Unexplained:
    """What of the plan's gap is not explained; works on any stored state and repairs nothing."""
    return unexplained_beside(plan, driver_totals(plan))


def unexplained_beside(plan: Plan, drivers: dict[Driver, int]) -> Unexplained:
    """The same for one who has the drivers of the stored leaves already: adding them up is what takes time."""
    window = window_of(plan)
    actuals, open_months = actual_total(window), plan_total(plan, window)
    budget_rows = _sum(
        ReferenceRow.objects.filter(plan__code=ReferencePlan.BUDGET, plan__fiscal_year=window.fiscal_year)
    )
    control = _sum(ReferencePlan.objects.filter(code=ReferencePlan.BUDGET, fiscal_year=window.fiscal_year))
    return Unexplained(
        bridge=actuals + open_months - budget_rows - sum(drivers.values()),
        budget=control - budget_rows,
        actuals=actuals - control_total(window),
    )


def actual_total(window: FiscalWindow) -> int:
    """Stored net sales of the year's closed months, cents."""
    start = month_index(Company.objects.current().history_start)
    first, last = window.start - start + 1, window.first_month - start
    if last < max(first, 1):
        return 0
    return _scalar(
        "SELECT coalesce(sum(x), 0) FROM demand_actualseries, unnest(net_cents[%s:%s]) x", (max(first, 1), last)
    )


def control_total(window: FiscalWindow) -> int:
    """Net sales of the year's closed months as the files' control totals say, cents."""
    if not window.closed:
        return 0
    months = ActualMonth.objects.filter(month__gte=month_date(window.start), month__lt=month_date(window.first_month))
    return int(months.aggregate(total=Sum("net_cents"))["total"] or 0)


def plan_total(plan: Plan, window: FiscalWindow) -> int:
    """Stored revenue of the year's open months, cents."""
    return _scalar(
        "SELECT coalesce(sum(x), 0) FROM finance_moneyseries, unnest(revenue_cents[1:%s]) x WHERE plan_id = %s",
        (window.open, plan.pk),
    )


def driver_totals(plan: Plan) -> dict[Driver, int]:
    """Cents per driver over the plan's stored leaves."""
    sums = ", ".join(
        f"coalesce(sum((SELECT sum(x) FROM unnest({connection.ops.quote_name(driver.value)}) x)), 0)::bigint"
        for driver in Driver
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sums} FROM finance_bridgeleaf WHERE plan_id = %s", (plan.pk,))
        row = cursor.fetchone()
    return {driver: int(cents) for driver, cents in zip(Driver, row, strict=True)}


def _sum(rows: object) -> int:
    return int(rows.aggregate(total=Sum("revenue_cents"))["total"] or 0)  # type: ignore[attr-defined]


def _scalar(query: str, parameters: tuple[int, ...]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return int(cursor.fetchone()[0])
