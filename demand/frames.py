"""Demand as array blocks: actuals, baseline and consensus of a plan, and the rates that make dollars of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.db import connection
from numpy.typing import ArrayLike, NDArray

from catalog.calc.dollars import FX6_ONE, net_price4
from catalog.calc.months import month_date, month_index
from catalog.calc.rounding import round_half_away
from catalog.frames.hierarchy import NONE
from catalog.frames.rate_rows import load_rate_rows
from catalog.frames.rates import load_fx, load_list_prices, load_planned_discounts, load_price_factors
from catalog.frames.series_rows import read_series
from catalog.models import Company, FxRate, Item
from cycles.models import Plan
from demand.calc.discounts import DiscountRule, average_prices, recent_discounts
from demand.calc.replay import taken_back
from demand.calc.stream_steps import LedgerLines
from demand.models import NAMES_OR_UNDOES, ActualMonth, Edit, EditKind

Ints = NDArray[np.int64]
Keys = NDArray[np.int32]

PAIR = 2**31


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

    `rule` (n, T) says where the price came from (`DiscountRule`); `discount4` is the usual discount, a price action comes
    off what it leaves. `missing` marks cells without a usable price.
    """

    list_price4: Ints
    discount4: Ints
    net_price4: Ints
    fx6: Ints
    rule: Ints
    missing: NDArray[np.bool_]


def load_actuals(
    first: int, last: int, *, items: Sequence[int] | None = None, markets: Sequence[int] | None = None
) -> ActualBlock:
    """Actual sales of the months `first` … `last` (inclusive); months outside what is stored are 0.

    Args:
        first, last: month numbers; callers cut off at the plan's last closed month.
        items, markets: only series of one of these items or in one of these markets; both None = all.

    Returns:
        The stored series, also those that are 0 throughout, ordered by item and market.
    """
    chosen, parameters = "", []
    if items is not None or markets is not None:
        chosen = " WHERE item_id = ANY(%s::int[]) OR market_id = ANY(%s::int[])"
        parameters = [list(items or ()), list(markets or ())]
    start = month_index(Company.objects.current().history_start)
    begin, end = max(first, start), min(last + 1, start + _stored_months())
    low, high = (begin - start + 1, end - start) if begin < end else (1, 1)
    query = (
        f"SELECT item_id::int4, market_id::int4, units[{low}:{high}], net_cents[{low}:{high}], list_cents[{low}:{high}],"
        f" cogs_cents[{low}:{high}] FROM demand_actualseries{chosen} ORDER BY item_id, market_id"
    )
    keys, blocks = read_series(query, keys=2, columns=4, months=high - low + 1, parameters=parameters)
    wide = np.zeros((4, len(keys[0]), max(last - first + 1, 0)), np.int64)
    if begin < end:
        wide[:, :, begin - first : end - first] = blocks
    return ActualBlock(keys[0], keys[1], first, *wide)


def load_consensus(plan: Plan) -> SeriesBlock:
    """The unconstrained demand of a plan, one query."""
    return _load_series(plan, "consensus")


def load_baseline(plan: Plan) -> SeriesBlock:
    """The statistical baseline of a plan, one query."""
    return _load_series(plan, "baseline")


def load_ledger(plan: Plan, items: Ints, markets: Ints) -> LedgerLines:
    """The ledger's lines of the given series, `items` and `markets` (series,) ordered by item and market; one query."""
    kinds = [kind.value for kind in EditKind]
    keys, (delta,) = read_series(
        "SELECT array_position(%s::text[], e.kind::text)::int4, e.id::int4, e.author_id::int4, l.item_id::int4, "
        "l.market_id::int4, l.delta FROM demand_editline l JOIN demand_edit e ON e.id = l.edit_id "
        "WHERE l.plan_id = %s",
        keys=5,
        columns=1,
        months=plan.horizon,
        parameters=(kinds, plan.pk),
    )
    stream, edit, person, item, market = (key.astype(np.int64) for key in keys)
    series, line = items * PAIR + markets, item * PAIR + market
    known = np.isin(line, series)
    return LedgerLines(
        stream[known] - 1, edit[known], person[known], np.searchsorted(series, line[known]), delta[known]
    )


def load_loaded_months(first: int, last: int) -> set[int]:
    """The month numbers between `first` and `last` of which sales were loaded."""
    rows = ActualMonth.objects.filter(month__range=(month_date(first), month_date(last)))
    return {month_index(month) for month in rows.values_list("month", flat=True)}


def load_rates(
    plan: Plan, item_ids: ArrayLike, market_ids: ArrayLike, months: Sequence[int] | None = None
) -> RateBlock:
    """List price, discount, net price and plan FX of series over the plan's months (or the months given).

    The discount is the planned one; else 1 − net ÷ list of the last `discount_window_months` closed months per
    market × family, else per market; else none is known and the price is missing. Price actions of the plan's events
    come off the net price. Where the company allows it, the average selling price of those months stands in for a
    missing or zero price, and the rule says so.

    Args:
        plan: its first month is the cut: later actuals are never read.
        item_ids, market_ids: aligned keys (n,).
        months: T month numbers, the plan's horizon when None.
    """
    items, markets = np.asarray(item_ids, np.int64), np.asarray(market_ids, np.int64)
    span = list(months) if months is not None else plan_months(plan)
    rows = load_rate_rows(items, markets)
    _, allows_average, window = rows.company()
    prices = load_list_prices(items, markets, span, rows)
    planned = load_planned_discounts(items, markets, span, rows)
    given, sold = planned >= 0, None
    if allows_average or not given.all():
        sold = _window(plan, window, items=items if allows_average else items[:0], markets=markets)
    discount, rule = planned, np.full(planned.shape, DiscountRule.PLANNED, np.int64)
    if sold is not None:
        recent, recent_rule = _recent(sold, items, markets)
        discount = np.where(given, planned, recent[:, None])
        rule = np.where(given, np.int64(DiscountRule.PLANNED), recent_rule[:, None])
    net = net_price4(prices, discount)
    factors = load_price_factors(
        items, markets, span, events=lambda: active_events(plan), closed_before=plan.first_month_index, rows=rows
    )
    if factors is not None:
        net = np.where(net > 0, round_half_away(net * factors), net)
    fx = load_fx(markets, span, FxRate.Kind.PLAN, rows)
    if sold is not None and allows_average:
        net, rule = _with_average(sold, np.stack([items, markets]), net, fx, rule)
    return RateBlock(prices, discount, net, fx, rule, (net <= 0) | (fx < 0))


def active_events(plan: Plan) -> set[str]:
    """Codes of the events that a gesture of the plan names and nobody took back, carried ones included."""
    told = Edit.objects.filter(NAMES_OR_UNDOES, plan=plan)
    rows = list(told.values_list("id", "undoes_id", "gesture__events"))
    gone = taken_back([(edit, undone) for edit, undone, _ in rows if undone is not None])
    return {code for edit, _, codes in rows if edit not in gone for code in codes or ()}


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


def _window(plan: Plan, length: int, *, items: Ints, markets: Ints) -> ActualBlock:
    """Sales of the last `length` closed months, which tell discounts and average prices of some markets and items; list
    value as price actions leave it."""
    months = range(plan.first_month_index - length, plan.first_month_index)
    block = load_actuals(
        months.start, months.stop - 1, items=np.unique(items).tolist(), markets=np.unique(markets).tolist()
    )
    factors = load_price_factors(
        block.item_ids, block.market_ids, months, events=tuple, closed_before=plan.first_month_index
    )
    return block if factors is None else replace(block, list_cents=round_half_away(block.list_cents * factors))


def _recent(sold: ActualBlock, items: Ints, markets: Ints) -> tuple[Ints, Ints]:
    """Discount (n,) and its rule (n,) from the last closed months."""
    concerned = np.union1d(sold.item_ids.astype(np.int64), items)
    rows = Item.objects.filter(id__in=concerned.tolist()).values_list("id", "family_id")
    families = {item: NONE if family is None else family for item, family in rows}
    family = np.array([families[item] for item in sold.item_ids.tolist()], np.int64)
    wanted = np.array([families[item] for item in items.tolist()], np.int64)
    return recent_discounts(
        family=family,
        market=sold.market_ids.astype(np.int64),
        amounts=np.stack([sold.net_cents.sum(axis=1), sold.list_cents.sum(axis=1)]),
        wanted=np.stack([wanted, markets]),
    )


def _with_average(sold: ActualBlock, wanted: Ints, net: Ints, fx: Ints, rule: Ints) -> tuple[Ints, Ints]:
    """Net prices and rules with the average selling price, in the market's currency at plan FX, where none is usable."""
    average, average_rule = average_prices(
        items=sold.item_ids.astype(np.int64),
        markets=sold.market_ids.astype(np.int64),
        sold=np.stack([sold.units.sum(axis=1), sold.net_cents.sum(axis=1)]),
        wanted=wanted,
    )
    stands_in = (net <= 0) & (fx > 0) & (average > 0)[:, None]
    local = round_half_away(average[:, None] * float(FX6_ONE) / np.where(fx > 0, fx, 1))
    return np.where(stands_in, local, net), np.where(stands_in, average_rule[:, None], rule)
