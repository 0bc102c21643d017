"""What the books can answer of an assumption: gross margin at standard cost, days of receivables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from catalog.calc.months import days_in_month, month_index
from cycles.registry.metrics import Metric, MetricScope, Reading, register_metric
from demand.services.metrics import PLACE, sales_reading, sold
from finance.models import OpeningBalance


def margin_reading(first: date, last: date, scope: MetricScope) -> Reading:
    """Read the gross margin at standard cost: (net sales − COGS at standard) ÷ net sales, in percent."""
    return sales_reading(first, last, scope, "margin")


def margin_money(deviation: Decimal, first: date, last: date, scope: MetricScope) -> int | None:
    """Price points of margin with the net sales of the months."""
    facts = sold(first, last, scope)
    return int(round(deviation / 100 * facts.net_cents)) if facts else None


def dso_reading(first: date, last: date, scope: MetricScope) -> Reading:
    """Read days of sales outstanding: receivables at the end of the last month ÷ net sales of the months × their days.

    None while the balance or a month of sales is not loaded, or nothing was sold.
    """
    balance = OpeningBalance.objects.filter(kind="receivables", month=last).first()
    facts = sold(first, last, scope)
    if balance is None or facts is None or facts.net_cents <= 0:
        return Reading(None, "receivables and sales of the months are needed")
    days = Decimal(balance.amount_cents) / Decimal(facts.net_cents) * _days(first, last)
    return Reading(days, f"receivables at the end of {last:%Y-%m} over sales {first:%Y-%m} to {last:%Y-%m}")


def dso_money(deviation: Decimal, first: date, last: date, scope: MetricScope) -> int | None:
    """Price days of receivables in cash: a day more is one day of sales later."""
    facts = sold(first, last, scope)
    return int(round(-deviation * facts.net_cents / _days(first, last))) if facts else None


def _days(first: date, last: date) -> int:
    return sum(days_in_month(month) for month in range(month_index(first), month_index(last) + 1))


def register_metrics() -> None:
    """Register what the books can answer; called once at start-up."""
    margin = Metric(
        "finance.gross_margin", "Gross margin at standard cost", "%", margin_reading, 2, PLACE, money=margin_money
    )
    register_metric(margin)
    register_metric(Metric("finance.dso", "Days of sales outstanding", "days", dso_reading, 1, money=dso_money))
