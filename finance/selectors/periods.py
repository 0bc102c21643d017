"""The company's months as a statement by month, fiscal quarter, fiscal year or rolling twelve months."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from catalog.calc.months import MONTHS_IN_YEAR, month_date, month_index
from catalog.models import Company
from cycles.models import Plan
from demand.models import ActualMonth
from finance.calc.periods import (
    Figure,
    Period,
    PeriodKind,
    added_months,
    balance_of,
    difference,
    flow_of,
    periods_in,
)
from finance.calc.ratios import WorkingCapitalDays, cash_to_sales, working_capital_days
from finance.calc.window import fiscal_window
from finance.models import CashMonth, CompanyMonth, FixedCostMonth
from finance.selectors.statement_lines import (
    CASH_LINES,
    RESULT_LINES,
    UNIT_LINES,
    UNSEEN_LINES,
    LineSpec,
    Role,
    fixed_key,
    result_lines,
)

Months = Mapping[int, int]


@dataclass(frozen=True)
class MonthSet:
    """A plan's months, stored or live: result, cash (empty without a supply plan) and fixed costs by line."""

    result: Sequence[CompanyMonth]
    cash: Sequence[CashMonth]
    fixed: Sequence[FixedCostMonth]


@dataclass(frozen=True)
class StatementLine:
    """One line over the periods of a statement: cents, or milli-units on a line of units."""

    spec: LineSpec
    figures: tuple[Figure, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the line is known in any period, or all of it is 0."""
        return not any(figure.known_amount for figure in self.figures)


@dataclass(frozen=True)
class Block:
    """Lines under one heading."""

    heading: str
    lines: tuple[StatementLine, ...]


@dataclass(frozen=True)
class RatioRow:
    """Working capital of one period: days on 365; operating cash and gross margin per revenue. None: cannot be said."""

    days: WorkingCapitalDays
    cash_share: float | None
    margin_share: float | None


@dataclass(frozen=True)
class Statement:
    """Result, cash, balances and ratios of a plan by period; `months` holds every line's known months.

    `unrecorded` are closed months of which only sales and standard cost are known: their gross margin is at standard.
    """

    kind: PeriodKind
    periods: tuple[Period, ...]
    result: tuple[StatementLine, ...]
    cash: tuple[StatementLine, ...]
    ratios: tuple[RatioRow, ...]
    unrecorded: tuple[int, ...]
    months: Mapping[str, Months] = field(repr=False)

    @property
    def result_blocks(self) -> list[Block]:
        """The result's lines under their headings."""
        return _blocks(self.result)

    @property
    def cash_blocks(self) -> list[Block]:
        """The lines of cash, direct and indirect."""
        return _blocks(self.cash)

    def line(self, key: str) -> StatementLine:
        """The line of a key.

        Raises:
            KeyError: no line has it.
        """
        return {line.spec.key: line for line in (*self.result, *self.cash)}[key]


def statement_of(plan: Plan, months: MonthSet, kind: PeriodKind) -> Statement:
    """Add the plan's company months up to periods of a kind.

    Args:
        plan: gives the first open month and the horizon.
        months: result, cash and fixed costs by month, stored or live.
        kind: what a column stands for.
    """
    names = sorted({row.line for row in months.fixed})
    specs, known = result_lines(names), known_months(plan, months)
    periods = periods_of(plan, kind)
    return Statement(
        kind=kind,
        periods=periods,
        result=_worth_showing(_line(spec, known, periods) for spec in specs),
        cash=_worth_showing(_line(spec, known, periods) for spec in CASH_LINES) if months.cash else (),
        ratios=tuple(_ratios(known, period) for period in periods),
        unrecorded=tuple(
            month_index(row.month) for row in months.result if row.is_closed and row.variance_cents is None
        ),
        months=known,
    )


def units_statement_of(plan: Plan, known: Mapping[str, Months], kind: PeriodKind) -> Statement:
    """The same in units.

    Args:
        plan: gives the first open month and the horizon.
        known: milli-units per month of `wanted`, `landed` and `budget_units`.
        kind: what a column stands for.
    """
    periods = periods_of(plan, kind)
    lines = tuple(_line(spec, known, periods) for spec in UNIT_LINES)
    return Statement(kind, periods, lines, (), (), (), known)


def stored_months(plan: Plan) -> MonthSet:
    """The months of the landing that is stored; empty before the first."""
    return MonthSet(
        result=list(CompanyMonth.objects.filter(plan=plan).order_by("month")),
        cash=list(CashMonth.objects.filter(plan=plan).order_by("month")),
        fixed=list(FixedCostMonth.objects.filter(plan=plan).order_by("line", "month")),
    )


def periods_of(plan: Plan, kind: PeriodKind) -> tuple[Period, ...]:
    """The periods of a plan: from the first month of its fiscal year to the end of its horizon.

    Rolling periods end with the last closed month and with each open one: the first is the twelve months just gone.
    """
    start_month = Company.objects.current().fiscal_year_start_month
    window = fiscal_window(plan.first_month_index, plan.horizon, start_month)
    first = plan.first_month_index - 1 if kind == PeriodKind.ROLLING else window.start
    return periods_in(kind, first=first, last=plan.first_month_index + plan.horizon - 1, start_month=start_month)


def known_months(plan: Plan, months: MonthSet) -> dict[str, Months]:
    """Cents per month of every line, key → month number → amount; what is not recorded is absent, never 0.

    Closed months reach back to a year before the plan; one of which no sales were loaded is not known. Without a supply
    plan the premiums and variances of an open month are not known, and its margins below the standard neither.
    """
    sold = _sales(plan)
    there = [row for row in months.result if not row.is_closed or month_index(row.month) in sold["revenue"]]
    waiting = {month_index(row.month) for row in there if not row.is_closed and row.variance_cents is None}
    known: dict[str, dict[int, int]] = {}
    for spec in (*RESULT_LINES, *UNSEEN_LINES, *CASH_LINES):
        if spec.column:
            known[spec.key] = _column(months.cash if spec.of_cash else there, spec.column)
    for key in ("gross_margin", "operating_margin"):
        known[key] = {month: cents for month, cents in known[key].items() if month not in waiting}
    for row in months.fixed:
        known.setdefault(fixed_key(row.line), {})[month_index(row.month)] = row.amount_cents
    for key, amounts in sold.items():
        known[key] = amounts | known[key]
    for spec in (*RESULT_LINES, *CASH_LINES):
        if spec.parts:
            known[spec.key] = added_months((sign, known[key]) for sign, key in spec.parts)
    return dict(known)


def _column(rows: Iterable[CompanyMonth] | Iterable[CashMonth], column: str) -> dict[int, int]:
    amounts = ((month_index(row.month), getattr(row, column)) for row in rows)
    return {month: int(amount) for month, amount in amounts if amount is not None}


def _sales(plan: Plan) -> dict[str, dict[int, int]]:
    """Revenue and COGS of the loaded months of the year before the plan: as far as a rolling period reaches."""
    first = month_date(plan.first_month_index - MONTHS_IN_YEAR)
    rows = ActualMonth.objects.filter(month__gte=first, month__lt=plan.first_month)
    amounts = [(month_index(at), net, cogs) for at, net, cogs in rows.values_list("month", "net_cents", "cogs_cents")]
    revenue = {month: net for month, net, _ in amounts}
    return {"revenue": revenue, "upside": dict(revenue), "cogs": {month: cogs for month, _, cogs in amounts}}


def _line(spec: LineSpec, known: Mapping[str, Months], periods: tuple[Period, ...]) -> StatementLine:
    if spec.role == Role.GAP:
        plan, other = (_figures(known[key], periods, is_balance=False) for _, key in spec.parts)
        return StatementLine(spec, tuple(difference(a, b) for a, b in zip(plan, other, strict=True)))
    return StatementLine(spec, _figures(known[spec.key], periods, is_balance=spec.role == Role.BALANCE))


def _figures(months: Months, periods: tuple[Period, ...], *, is_balance: bool) -> tuple[Figure, ...]:
    return tuple(balance_of(months, period) if is_balance else flow_of(months, period) for period in periods)


def _blocks(lines: tuple[StatementLine, ...]) -> list[Block]:
    """Cut lines where a heading stands; the first line always opens a block."""
    starts = [place for place, line in enumerate(lines) if line.spec.group or place == 0]
    return [
        Block(str(lines[begin].spec.group or ""), lines[begin:end])
        for begin, end in pairwise([*starts, len(lines)])
        if begin < end
    ]


def _worth_showing(lines: Iterable[StatementLine]) -> tuple[StatementLine, ...]:
    """Without the optional lines that say nothing."""
    return tuple(line for line in lines if not (line.spec.is_optional and line.is_empty))


def _ratios(known: Mapping[str, Months], period: Period) -> RatioRow:
    """Ratios of one period: balances at its end over the twelve months that end there, shares over the period itself."""
    year = replace(period, first=period.last - MONTHS_IN_YEAR + 1)
    revenue, cogs = flow_of(known["revenue"], year).amount, flow_of(known["cogs"], year).amount
    owed, stock, owing = (balance_of(known[key], period).amount for key in ("receivables", "inventory", "payables"))
    sales, flow = flow_of(known["revenue"], period).amount, flow_of(known["direct"], period).amount
    margin = flow_of(known["gross_margin"], period).amount
    days = WorkingCapitalDays(None, None, None)
    if revenue is not None and cogs is not None and owed is not None and owing is not None:
        days = working_capital_days(revenue=revenue, cogs=cogs, inventory=stock, receivables=owed, payables=owing)
    return RatioRow(
        days=days,
        cash_share=None if flow is None or sales is None else cash_to_sales(flow, sales),
        margin_share=margin / sales if margin is not None and sales else None,
    )
