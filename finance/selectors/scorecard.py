"""The five numbers of the executive page as plan, budget and last cycle: revenue, margin, inventory, cash, service."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db import connection
from django.db.models import Sum

from catalog.calc.months import month_date, month_index
from cycles.models import Plan
from finance.calc.window import FiscalWindow
from finance.models import CashMonth, CompanyMonth, Measure
from finance.selectors.answers import adjusted_cents
from finance.selectors.cards import year_in_units
from finance.selectors.position import Position, latest_landing
from finance.selectors.service import service_of
from finance.selectors.ties import window_of


class Figure(StrEnum):
    """What a line counts: cents, milli-units, or a fraction."""

    MONEY = "money"
    UNITS = "units"
    SHARE = "share"


@dataclass(frozen=True)
class Score:
    """One number three times; None where there is nothing to compare with, never 0. `basis` says what is compared."""

    key: str
    title: str
    basis: str
    figure: Figure
    plan: float | None
    budget: float | None
    last_cycle: float | None

    @property
    def wanted(self) -> str:
        """Whether more of it is good; of stock neither is."""
        return "" if self.key == "inventory" else "more"

    @property
    def to_budget(self) -> float | None:
        """Plan − budget."""
        return None if self.plan is None or self.budget is None else self.plan - self.budget

    @property
    def to_last_cycle(self) -> float | None:
        """Plan − last cycle."""
        return None if self.plan is None or self.last_cycle is None else self.plan - self.last_cycle


@dataclass(frozen=True)
class Before:
    """What the last cycle's plan said about months of this fiscal year, cents and fractions; None = it did not."""

    revenue: int | None = None
    margin: int | None = None
    inventory: int | None = None
    cash: int | None = None
    units: int | None = None
    stock_units: int | None = None
    by_quantity: float | None = None
    by_value: float | None = None


def scorecard(plan: Plan, position: Position, *, in_units: bool = False) -> list[Score]:
    """The five lines of a plan whose position is known, in money or, where that exists, in units."""
    window = window_of(plan)
    before = before_of(plan, window)
    months = range(window.first_month, window.first_month + window.open)
    service = service_of(plan, months, is_constrained=position.is_constrained)
    open_months = _span(months)
    return [
        *(_in_units(plan, window, before, position) if in_units else _in_money(position, before)),
        Score("cash", "Operating cash", open_months, Figure.MONEY, position.cash, None, before.cash),
        Score(
            "service",
            "Service level",
            f"{open_months}, by {'quantity' if in_units else 'value'}",
            Figure.SHARE,
            None if service is None else service.by_quantity if in_units else service.by_value,
            None,
            before.by_quantity if in_units else before.by_value,
        ),
    ]


def before_of(plan: Plan, window: FiscalWindow) -> Before:
    """The last cycle's figures over the same months; a figure whose months its plan does not cover stays None."""
    last = plan.previous
    run = latest_landing(last) if last is not None else None
    if last is None or run is None:
        return Before()
    year = list(CompanyMonth.objects.filter(plan=last, month__gte=month_date(window.start), month__lt=_end(window)))
    rows = year if len(year) == len(window.months) else []
    months = range(window.first_month, window.first_month + window.open)
    service = service_of(last, months, is_constrained=bool(run.result.get("is_constrained")))
    in_same_year = window_of(last).fiscal_year == window.fiscal_year
    return Before(
        revenue=sum(row.revenue_cents for row in rows) + adjusted_cents(last, Measure.REVENUE, window)
        if rows
        else None,
        margin=sum(row.margin_cents for row in rows) if rows else None,
        inventory=rows[-1].inventory_cents if rows else None,
        cash=_cash(last, months),
        units=year_in_units(last)[0] if in_same_year else None,
        stock_units=_stock_units(last, months[-1]) if months else None,
        by_quantity=service.by_quantity if service else None,
        by_value=service.by_value if service else None,
    )


def _in_money(position: Position, before: Before) -> list[Score]:
    year = f"FY{position.fiscal_year}"
    end = f"end of {position.year_end:%b %Y}"
    return [
        Score("revenue", "Revenue", year, Figure.MONEY, position.finance_landing, position.budget, before.revenue),
        Score("margin", "Gross margin", year, Figure.MONEY, position.margin, position.budget_margin, before.margin),
        Score("inventory", "Inventory", end, Figure.MONEY, position.closing_inventory, None, before.inventory),
    ]


def _in_units(plan: Plan, window: FiscalWindow, before: Before, position: Position) -> list[Score]:
    year = f"FY{position.fiscal_year}"
    landed, budget = year_in_units(plan)
    stock = _stock_units(plan, window.first_month + window.open - 1)
    return [
        Score("revenue", "Units sold", year, Figure.UNITS, landed, budget or None, before.units),
        Score(
            "margin",
            "Gross margin",
            f"{year}, money",
            Figure.MONEY,
            position.margin,
            position.budget_margin,
            before.margin,
        ),
        Score(
            "inventory",
            "Stock of sold items",
            f"end of {position.year_end:%b %Y}",
            Figure.UNITS,
            stock,
            None,
            before.stock_units,
        ),
    ]


def _span(months: range) -> str:
    if not months:
        return "no open month"
    first, last = month_date(months[0]), month_date(months[-1])
    return f"{first:%b %Y}" if first == last else f"{first:%b} – {last:%b %Y}"


def _end(window: FiscalWindow) -> object:
    return month_date(window.start + len(window.months))


def _cash(plan: Plan, months: range) -> int | None:
    if not months:
        return None
    rows = CashMonth.objects.filter(plan=plan, month__gte=month_date(months[0]), month__lte=month_date(months[-1]))
    known = {month_index(row.month) for row in rows}
    return rows.aggregate(total=Sum("direct_cents"))["total"] if known == set(months) else None


def _stock_units(plan: Plan, month: int) -> int | None:
    """Closing stock of the items that are sold, milli-units; None without a supply plan over that month."""
    place = month - plan.first_month_index
    if not 0 <= place < plan.horizon:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(m.closing_units[%s])::bigint FROM finance_inventorymoney m "
            "JOIN catalog_item i ON i.id = m.item_id AND i.is_sold WHERE m.plan_id = %s",
            (place + 1, plan.pk),
        )
        total = cursor.fetchone()[0]
    return None if total is None else int(total)
