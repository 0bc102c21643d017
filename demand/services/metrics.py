"""What sales can answer of an assumption: units, net sales, price, discount, exchange rates, of closed months only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from django.db.models import Avg, Count

from catalog.calc.months import month_index
from catalog.frames.hierarchy import load_hierarchy
from catalog.models import FxRate, Market
from cycles.registry.metrics import Metric, MetricScope, Reading, register_metric
from demand.frames import load_actuals, load_loaded_months

PLACE = frozenset({"family", "market"})
CENTS = Decimal(100)
MILLI = Decimal(1000)
#: Stands for the code of the reporting currency.
MONEY = "¤"


@dataclass(frozen=True, slots=True)
class Sold:
    """Sales of a place over some months, all integers: milli-units and cents of the reporting currency."""

    units: int
    net_cents: int
    list_cents: int
    cogs_cents: int

    @property
    def price(self) -> Decimal | None:
        """Average net price per unit in the reporting currency; None where nothing was sold."""
        return Decimal(self.net_cents) / CENTS / (Decimal(self.units) / MILLI) if self.units else None


def sold(first: date, last: date, scope: MetricScope) -> Sold | None:
    """Sum the actuals of the months first … last (inclusive) in a place; None unless every month was loaded."""
    begin, end = month_index(first), month_index(last)
    if len(load_loaded_months(begin, end)) <= end - begin:
        return None
    block = load_actuals(begin, end)
    inside = np.ones(len(block.item_ids), bool)
    if scope.family_id is not None:
        items = load_hierarchy().items
        inside &= np.isin(block.item_ids, items.loc[items["family_id"] == scope.family_id, "item_id"].to_numpy())
    if scope.market_id is not None:
        inside &= block.market_ids == scope.market_id
    if scope.currency:
        markets = Market.objects.filter(region__currency=scope.currency).values_list("id", flat=True)
        inside &= np.isin(block.market_ids, list(markets))
    parts = (block.units, block.net_cents, block.list_cents, block.cogs_cents)
    return Sold(*(int(part[inside].sum()) for part in parts))


def sales_reading(first: date, last: date, scope: MetricScope, share: str) -> Reading:
    """Read one figure of `Sold`: 'units', 'net' (reporting currency), 'price' per unit, or 'discount' and 'margin' in %.

    None while a month is not loaded, or where the figure has nothing to divide by.
    """
    facts = sold(first, last, scope)
    if facts is None:
        return Reading(None, "sales are not loaded for every month")
    source = f"sales {first:%Y-%m} to {last:%Y-%m}"
    values = {
        "units": Decimal(facts.units) / MILLI,
        "net": Decimal(facts.net_cents) / CENTS,
        "price": facts.price,
        "discount": _percent(facts.list_cents - facts.net_cents, facts.list_cents),
        "margin": _percent(facts.net_cents - facts.cogs_cents, facts.net_cents),
    }
    return Reading(values[share], source)


def price_change(first: date, last: date, scope: MetricScope) -> Reading:
    """Read the change of the average net price against the same months a year before, in percent."""
    now, before = sold(first, last, scope), sold(_year_before(first), _year_before(last), scope)
    if now is None or before is None or now.price is None or not before.price:
        return Reading(None, "sales of both years are needed")
    return Reading((now.price / before.price - 1) * 100, f"sales {first:%Y-%m} to {last:%Y-%m} against a year before")


def fx_average(first: date, last: date, scope: MetricScope) -> Reading:
    """Read the mean of the monthly actual exchange rates of a currency: reporting currency per unit of it."""
    rows = FxRate.objects.filter(currency=scope.currency, kind=FxRate.Kind.ACTUAL, month__range=(first, last))
    found = rows.aggregate(mean=Avg("rate"), months=Count("month"))
    if found["months"] <= month_index(last) - month_index(first):
        return Reading(None, f"actual rates of {scope.currency} are not loaded for every month")
    return Reading(Decimal(found["mean"]), f"actual rates of {scope.currency}, {first:%Y-%m} to {last:%Y-%m}")


def _percent(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / Decimal(whole) * 100 if whole else None


def _year_before(month: date) -> date:
    return month.replace(year=month.year - 1)


def _cents(value: Decimal) -> int:
    return int(round(value * CENTS))


def money_of_units(deviation: Decimal, first: date, last: date, scope: MetricScope) -> int | None:
    """Price units too many or too few at the average net price of what was sold."""
    facts = sold(first, last, scope)
    return _cents(deviation * facts.price) if facts and facts.price else None


def money_of_sales(deviation: Decimal, first: date, last: date, scope: MetricScope) -> int:
    """Money is its own price: the deviation in cents."""
    return _cents(deviation)


def money_of_price(deviation: Decimal, first: date, last: date, scope: MetricScope) -> int | None:
    """Price a deviation of the average net price with the units that were sold."""
    facts = sold(first, last, scope)
    return _cents(deviation * Decimal(facts.units) / MILLI) if facts else None


def money_of_price_change(deviation: Decimal, first: date, last: date, scope: MetricScope) -> int | None:
    """Price points of change with the price of a year before and the units that were sold now."""
    now, before = sold(first, last, scope), sold(_year_before(first), _year_before(last), scope)
    if now is None or before is None or before.price is None:
        return None
    return _cents(deviation / 100 * before.price * Decimal(now.units) / MILLI)


def money_of_discount(deviation: Decimal, first: date, last: date, scope: MetricScope) -> int | None:
    """Price points of discount with the list value of what was sold; a higher discount costs."""
    facts = sold(first, last, scope)
    return int(round(-deviation / 100 * facts.list_cents)) if facts else None


def money_of_rate(deviation: Decimal, first: date, last: date, scope: MetricScope) -> int | None:
    """Price a deviation of the rate with the net sales in that currency, converted back at the actual rate."""
    actual, facts = fx_average(first, last, scope).value, sold(first, last, scope)
    return int(round(deviation / actual * facts.net_cents)) if actual and facts else None


def register_metrics() -> None:
    """Register what sales can answer; called once at start-up."""
    figures = (
        ("demand.units", "Units sold", "units", "units", 0, money_of_units),
        ("demand.net_sales", "Net sales", MONEY, "net", 2, money_of_sales),
        ("demand.net_price", "Average net price per unit", MONEY, "price", 2, money_of_price),
        ("demand.discount", "Discount off list", "%", "discount", 2, money_of_discount),
    )
    for name, title, unit, share, decimals, money in figures:
        register_metric(Metric(name, title, unit, _reader(share), decimals, PLACE, money=money))
    register_metric(
        Metric(
            "demand.price_change",
            "Net price against a year before",
            "%",
            price_change,
            2,
            PLACE,
            money=money_of_price_change,
        )
    )
    register_metric(
        Metric("demand.fx_rate", "Exchange rate", "", fx_average, 4, needs=frozenset({"currency"}), money=money_of_rate)
    )


def _reader(share: str) -> Callable[[date, date, MetricScope], Reading]:
    return lambda first, last, scope: sales_reading(first, last, scope, share)
