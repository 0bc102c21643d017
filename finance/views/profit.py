"""The page of profit and cash: the company's statement by month, quarter, year or rolling twelve months, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog.calc.inert_text import inert
from catalog.calc.months import month_date
from catalog.models import Company
from cycles.charts import MONEY, UNITS, Scale
from cycles.context import Shell
from cycles.models import ACTIVE_STATES, Plan, Run
from cycles.selectors import scope_of
from cycles.services.runs import is_stale
from cycles.views.answering import find_plan, page
from finance.calc.periods import Figure, PeriodKind
from finance.charts import Line, bars_by_period, lines_by_month
from finance.frames.live import LiveMonths, live_months
from finance.frames.month_units import load_month_units
from finance.selectors import position_of
from finance.selectors.adjustments import ledger_of, nets_by_year
from finance.selectors.periods import MonthSet, Statement, statement_of, stored_months, units_statement_of
from finance.selectors.position import KIND, Position

CSV_TYPE = "text/csv; charset=utf-8"
CENTS = 100
MILLI = 1000


@dataclass(frozen=True)
class Shown:
    """The months on the page: live while the stored landing is behind, `now` says as of when; else the stored ones.

    `cash_is_stored`: cash waits for a supply plan, so that it stands at the stored revision.
    """

    months: MonthSet
    now: LiveMonths | None
    cash_is_stored: bool


@page
@require_GET
def profit(request: HttpRequest, number: str) -> HttpResponse:
    """Result, balances, cash both ways and their ratios by period; units by period when the switch says so."""
    plan = find_plan(request, number)
    position = position_of(plan)
    kind = kind_of(request)
    context: dict[str, Any] = {"plan": plan, "position": position, "kind": kind, "kinds": list(PeriodKind)}
    if position is not None:
        shown = shown_months(plan, is_behind=is_stale(position.run, plan))
        statement = statement_for(request, plan, shown, kind)
        years, nets = nets_by_year(ledger_of(plan))
        drawn = units_figure if Shell(request).shows_units else result_figure
        context |= {
            "statement": statement,
            "shown": shown,
            "years": years,
            "nets": nets,
            "figure": drawn(statement, plan),
            "cash_figure": cash_figure(statement, plan),
            "is_stale": is_stale(position.run, plan),
            "active_run": Run.objects.filter(plan=plan, kind=KIND, state__in=ACTIVE_STATES).order_by("-id").first(),
            "policies": policies_of(Company.objects.current(), position),
        }
    return render(request, "finance/profit.html", context)


@page
@require_GET
def profit_file(request: HttpRequest, number: str) -> HttpResponse:
    """The statement that the page shows, as CSV: a line per row, a period per column, amounts with all decimals."""
    plan = find_plan(request, number)
    position = position_of(plan)
    if position is None:
        raise Http404
    kind = kind_of(request)
    shown = shown_months(plan, is_behind=is_stale(position.run, plan))
    statement = statement_for(request, plan, shown, kind)
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["block", "line", *(period.name for period in statement.periods)])
    writer.writerows(rows_of(statement, MILLI if Shell(request).shows_units else CENTS))
    revision = shown.now.revision.plan if shown.now else position.run.revision
    disposition = f'attachment; filename="statement-{plan.number}-{kind}-revision-{revision}.csv"'
    content = target.getvalue().encode("utf-8-sig")
    return HttpResponse(content, content_type=CSV_TYPE, headers={"Content-Disposition": disposition})


def shown_months(plan: Plan, *, is_behind: bool) -> Shown:
    """The stored months, or the live ones while a newer revision is not stored yet."""
    stored = stored_months(plan)
    now = live_months(plan) if is_behind else None
    if now is None or now.fault:
        return Shown(stored, None, cash_is_stored=True)
    waits = not now.cash
    return Shown(MonthSet(now.months, stored.cash if waits else now.cash, now.fixed), now, cash_is_stored=waits)


def policies_of(company: Company, position: Position) -> list[tuple[str, str]]:
    """The conventions behind the page, each with the company's choice."""
    variances = Company.VariancePolicy(company.variance_policy).label.lower()
    receivables = _("by each market's terms, else %(days)s days; counted from open invoices, 30 days to a month")
    payables = _("by each supplier's terms, else %(days)s days; counted from open invoices, 30 days to a month")
    return [
        (_("Fiscal year"), _("FY%(year)s is the one that ends in %(year)s") % {"year": position.fiscal_year}),
        (_("Planned variances"), variances),
        (_("Receivables"), receivables % {"days": company.dso_days}),
        (_("Payables"), payables % {"days": company.dpo_days}),
        (_("Inventory"), _("closing units at the standard of the month; a change of standard is a revaluation")),
        (_("DSO, DIO, DPO"), _("balance at the period's end ÷ revenue or COGS of the twelve months to it × 365 days")),
        (_("Cash conversion cycle"), _("DIO + DSO − DPO")),
    ]


def kind_of(request: HttpRequest) -> PeriodKind:
    """The kind of period in the address, months by default."""
    text = request.GET.get("by", "")
    return PeriodKind(text) if text in list(PeriodKind) else PeriodKind.MONTH


def statement_for(request: HttpRequest, plan: Plan, shown: Shown, kind: PeriodKind) -> Statement:
    """The statement in money, or in units inside what the person may see."""
    if Shell(request).shows_units:
        return units_statement_of(plan, load_month_units(plan, scope_of(request.user)), kind)
    return statement_of(plan, shown.months, kind)


def rows_of(statement: Statement, per_unit: int) -> Iterator[list[str]]:
    """The statement's lines as text; n/a where a period is not fully known."""
    for block in (*statement.result_blocks, *statement.cash_blocks):
        for line in block.lines:
            names = [inert(block.heading), inert(str(line.spec.label))]
            yield [*names, *(_plain(figure, per_unit) for figure in line.figures)]


def result_figure(statement: Statement, plan: Plan) -> dict[str, Any]:
    """Revenue, budget, upside and gross margin by period."""
    return _drawn(
        statement,
        plan,
        [
            Line("Budget", _amounts(statement, "budget_revenue"), "var(--ink-3)", "dash", 1.5),
            Line("Unconstrained", _amounts(statement, "upside"), "var(--previous)", "dot", 1.5),
            Line("Revenue", _amounts(statement, "revenue"), "var(--accent)", width=2.5),
            Line("Gross margin", _amounts(statement, "gross_margin"), "var(--up)"),
        ],
    )


def units_figure(statement: Statement, plan: Plan) -> dict[str, Any]:
    """Units planned, wanted and budgeted by period."""
    lines = [
        Line("Budget", _amounts(statement, "budget_units"), "var(--ink-3)", "dash", 1.5),
        Line("Unconstrained", _amounts(statement, "wanted"), "var(--previous)", "dot", 1.5),
        Line("Plan", _amounts(statement, "landed"), "var(--accent)", width=2.5),
    ]
    return _drawn(statement, plan, lines, UNITS)


def cash_figure(statement: Statement, plan: Plan) -> dict[str, Any] | None:
    """Operating cash against margin before revaluation, by period; None while no period's cash is known."""
    if not statement.cash or not any(_amounts(statement, "direct")):
        return None
    lines = [
        Line("Margin", _amounts(statement, "cash_margin"), "var(--ink-3)", "dash", 1.5),
        Line("Operating cash", _amounts(statement, "direct"), "var(--accent)", width=2.5),
    ]
    return _drawn(statement, plan, lines)


def _drawn(statement: Statement, plan: Plan, lines: list[Line], scale: Scale = MONEY) -> dict[str, Any]:
    """Lines over months and rolling periods, bars for the few quarters and years."""
    periods = statement.periods
    if statement.kind in (PeriodKind.QUARTER, PeriodKind.YEAR):
        return bars_by_period([period.name for period in periods], lines, scale=scale)
    closed = sum(period.last < plan.first_month_index for period in periods)
    ends = [month_date(period.last) for period in periods]
    return lines_by_month(ends, closed, lines, scale=scale)


def _amounts(statement: Statement, key: str) -> list[int | None]:
    return [figure.amount for figure in statement.line(key).figures]


def _plain(figure: Figure, per_unit: int) -> str:
    """An amount with all its decimals and no grouping; n/a when the period is not fully known."""
    if figure.amount is None:
        return "n/a"
    return str((Decimal(figure.amount) / per_unit).quantize(Decimal(1) / per_unit))
