"""Demand as array blocks: actuals, baseline and consensus of a plan, and the rates that make dollars of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import ArrayLike, NDArray

from catalog.calc.dollars import net_price4
from catalog.calc.months import month_date, month_index
from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.rates import load_fx, load_list_prices, load_planned_discounts
from catalog.frames.series_rows import read_series
from catalog.models import Company, FxRate
from cycles.models import Plan
from demand.calc.discounts import DiscountRule, recent_discounts
from demand.models import ActualMonth

Ints = NDArray[np.int64]
Keys = NDArray[np.int32]


@dataclass(frozen=True)
class ActualBlock:
    """Sales from `first_month` on. Keys (n,); arrays (n, T): milli-units and cents of the reporting currency."""

    item_ids: Keys
    market_ids: Keys
    first_month: int
    units: Ints
    net_cents: Ints
    list_cents: Ints
    cogs_cents: Ints


@dataclass(frozen=True)
class SeriesBlock:
    """Series of a plan. Keys (n,), ordered by item and market; `units` (n, plan.horizon) milli-units."""

    item_ids: Keys
    market_ids: Keys
    units: Ints


@dataclass(frozen=True)
class RateBlock:
    """Rates per series and month, (n, T): ten-thousandths of the market's currency, FX in millionths; −1 = missing.

    `rule` (n, T) says where the discount came from (`DiscountRule`). `missing` marks cells without a usable price.
    """

    list_price4: Ints
    discount4: Ints
    net_price4: Ints
    fx6: Ints
    rule: Ints
    missing: NDArray[np.bool_]


def load_actuals(first: int, last: int) -> ActualBlock:
    """Actual sales of the months `first` … `last` (inclusive); months outside what is stored are 0.

    Args:
        first, last: month numbers; callers cut off at the plan's last closed month.

    Returns:
        All stored series, also those that are 0 throughout, ordered by item and market.
    """
    stored = _stored_months()
    query = (
        "SELECT item_id::int4, market_id::int4, units, net_cents, list_cents, cogs_cents"
        " FROM demand_actualseries ORDER BY item_id, market_id"
    )
    keys, blocks = read_series(query, keys=2, columns=4, months=stored)
    start = month_index(Company.objects.current().history_start)
    units, net, list_value, cogs = (_cut(block, start, first, last) for block in blocks)
    return ActualBlock(keys[0], keys[1], first, units, net, list_value, cogs)


def load_consensus(plan: Plan) -> SeriesBlock:
    """The unconstrained demand of a plan, one query."""
    return _load_series(plan, "consensus")


def load_baseline(plan: Plan) -> SeriesBlock:
    """The statistical baseline of a plan, one query."""
    return _load_series(plan, "baseline")


def load_loaded_months(first: int, last: int) -> set[int]:
    """The month numbers between `first` and `last` of which sales were loaded."""
    rows = ActualMonth.objects.filter(month__range=(month_date(first), month_date(last)))
    return {month_index(month) for month in rows.values_list("month", flat=True)}


def load_rates(
    plan: Plan, item_ids: ArrayLike, market_ids: ArrayLike, months: Sequence[int] | None = None
) -> RateBlock:
    """List price, discount, net price and plan FX of series over the plan's months (or the months given).

    The discount is the planned one; else 1 − net ÷ list of the last `discount_window_months` closed months per
    market × family, else per market; else none is known and the price is missing.

    Args:
        plan: its first month is the cut: later actuals are never read.
        item_ids, market_ids: aligned keys (n,).
        months: T month numbers, the plan's horizon when None.
    """
    items, markets = np.asarray(item_ids, np.int64), np.asarray(market_ids, np.int64)
    span = list(months) if months is not None else plan_months(plan)
    prices = load_list_prices(items, markets, span)
    planned = load_planned_discounts(items, markets, span)
    recent, recent_rule = _recent(plan, items, markets)
    given = planned >= 0
    discount = np.where(given, planned, recent[:, None])
    rule = np.where(given, np.int64(DiscountRule.PLANNED), recent_rule[:, None])
    net = net_price4(prices, discount)
    fx = load_fx(markets, span, FxRate.Kind.PLAN)
    return RateBlock(prices, discount, net, fx, rule, (net <= 0) | (fx < 0))


def plan_months(plan: Plan) -> list[int]:
    """The month numbers of the plan's horizon."""
    return list(range(plan.first_month_index, plan.first_month_index + plan.horizon))


def _load_series(plan: Plan, column: str) -> SeriesBlock:
    query = (
        f"SELECT item_id::int4, market_id::int4, {connection.ops.quote_name(column)}"
        " FROM demand_series WHERE plan_id = %s ORDER BY item_id, market_id"
    )
    keys, blocks = read_series(query, keys=2, columns=1, months=plan.horizon, parameters=[plan.pk])
    return SeriesBlock(keys[0], keys[1], blocks[0])


def _stored_months() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(units) FROM demand_actualseries LIMIT 1")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _cut(block: Ints, start: int, first: int, last: int) -> Ints:
    """Columns of the months first … last from a block that starts at `start`; absent months are 0."""
    cut = np.zeros((len(block), max(last - first + 1, 0)), np.int64)
    begin, end = max(first, start), min(last + 1, start + block.shape[1])
    if begin < end:
        cut[:, begin - first : end - first] = block[:, begin - start : end - start]
    return cut


def _recent(plan: Plan, items: Ints, markets: Ints) -> tuple[Ints, Ints]:
    """Discount (n,) and its rule (n,) from the last closed months."""
    window = Company.objects.current().discount_window_months
    actuals = load_actuals(plan.first_month_index - window, plan.first_month_index - 1)
    families = dict(load_hierarchy().items[["item_id", "family_id"]].itertuples(index=False, name=None))
    family = np.array([families[item] for item in actuals.item_ids.tolist()], np.int64)
    wanted = np.array([families[item] for item in items.tolist()], np.int64)
    return recent_discounts(
        family=family,
        market=actuals.market_ids.astype(np.int64),
        amounts=np.stack([actuals.net_cents.sum(axis=1), actuals.list_cents.sum(axis=1)]),
        wanted=np.stack([wanted, markets]),
    )
