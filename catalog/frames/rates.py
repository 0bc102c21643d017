"""Rates as arrays aligned with series: price, cost, exchange rate, planned discount; −1 marks a missing one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catalog.calc.dollars import FX6_ONE, RATE4_ONE
from catalog.calc.months import last_day, month_index
from catalog.calc.validity import FOR_EVER, MISSING, DatedValues, narrowest, values_in_force
from catalog.frames.rate_rows import (
    ACTIONS,
    DISCOUNTS,
    FX,
    ITEMS,
    OF_ACTIONS,
    OF_DISCOUNTS,
    OF_FX,
    OF_PRICES,
    PRICES,
    RateRows,
    load_rate_rows,
)
from catalog.models import FxRate, Item, StandardCost

Ints = NDArray[np.int64]

PAIR = 2**31


@dataclass(frozen=True)
class _Scoped:
    """Dated values with the narrower keys they are meant for; `narrow` and `wide` are (R,) keys, −1 = none."""

    dated: DatedValues
    narrow: Ints
    wide: Ints
    currency: NDArray[np.str_]


def load_list_prices(
    item_ids: ArrayLike, market_ids: ArrayLike, months: Sequence[int], rows: RateRows | None = None
) -> Ints:
    """List price per series and month, in force on the last day of the month: item × market, × region, else item.

    In the month in which an item ends, its last day counts instead.

    A price in another currency than the market sells in counts as missing.

    Args:
        item_ids, market_ids: aligned keys (n,).
        months: T month numbers.
        rows: what is stored for them, where the caller has read it already.

    Returns:
        int64 (n, T) ten-thousandths of the market's currency per unit; −1 = missing, 0 = the list says 0.
    """
    items, markets, days = _keys(item_ids), _keys(market_ids), _days(months)
    rows = rows or load_rate_rows(items, markets, parts=OF_PRICES)
    prices = _price_rows(rows)
    regions, currencies = rows.regions_and_currencies(markets)
    result = np.full((len(items), len(months)), MISSING, np.int64)
    for currency in np.unique(currencies):
        here, offered = currencies == currency, prices.currency == currency
        everywhere = (prices.narrow < 0) & (prices.wide < 0)
        result[here] = narrowest(
            _in_force(prices, offered & (prices.narrow >= 0), items[here] * PAIR + markets[here], days),
            _in_force(prices, offered & (prices.wide >= 0), items[here] * PAIR + regions[here], days),
            _in_force(prices, offered & everywhere, items[here], days),
        )
    return result


def load_standard_costs(item_ids: ArrayLike, months: Sequence[int]) -> Ints:
    """Total standard cost per item and month, in force on the last day of the month.

    An item without any dated cost takes the undated one of the products file, in every month.

    Args:
        item_ids: keys (k,), repeats allowed.
        months: T month numbers.

    Returns:
        int64 (k, T) ten-thousandths of the reporting currency per unit; −1 = missing, 0 = the file says 0.
    """
    items = _keys(item_ids)
    wanted = np.unique(items).tolist()
    dated = StandardCost.objects.filter(item_id__in=wanted)
    undated = Item.objects.filter(id__in=wanted, undated_cost__isnull=False, standard_costs__isnull=True)
    records = list(dated.values_list("item_id", "valid_from", "valid_to", "total"))
    records += [(item, date.min, None, cost) for item, cost in undated.values_list("id", "undated_cost")]
    return values_in_force(_dated(records, [row[0] for row in records]), items, _days(months))


def load_material_costs(item_ids: ArrayLike, months: Sequence[int]) -> Ints:
    """Material part of the standard cost, as `load_standard_costs`; −1 also where the parts are not known."""
    items = _keys(item_ids)
    rows = StandardCost.objects.filter(item_id__in=np.unique(items).tolist(), material__isnull=False)
    records = list(rows.values_list("item_id", "valid_from", "valid_to", "material"))
    return values_in_force(_dated(records, [row[0] for row in records]), items, _days(months))


def load_fx(market_ids: ArrayLike, months: Sequence[int], kind: str, rows: RateRows | None = None) -> Ints:
    """Exchange rate per market and month; the reporting currency is exactly 1.

    A plan or budget rate stays in force until the next one of its kind; an actual rate counts for its month only.

    Args:
        market_ids: keys (n,), repeats allowed.
        months: T month numbers.
        kind: one of `FxRate.Kind`.
        rows: what is stored for them, with rates of this kind, where the caller has read it already.

    Returns:
        int64 (n, T) millionths of the reporting currency per unit of the market's sales currency; −1 = missing.
    """
    markets = _keys(market_ids)
    rows = rows or load_rate_rows((), markets, parts=OF_FX, kind=kind)
    _, currencies = rows.regions_and_currencies(markets)
    codes = np.unique(currencies)
    first, values = rows.columns(FX, 1, 2)
    last = first if kind == FxRate.Kind.ACTUAL else np.full(len(first), FOR_EVER, np.int64)
    keys = np.searchsorted(codes, rows.texts(FX, 0).astype(codes.dtype)).astype(np.int64)
    rates = values_in_force(
        DatedValues(keys, first, last, values),
        np.searchsorted(codes, currencies).astype(np.int64),
        np.asarray(months, np.int64),
    )
    rates[currencies == rows.company()[0]] = FX6_ONE
    return rates


def load_planned_discounts(
    item_ids: ArrayLike, market_ids: ArrayLike, months: Sequence[int], rows: RateRows | None = None
) -> Ints:
    """Planned discount per series and month: given for item × market, else family × market, else the market.

    Args:
        item_ids, market_ids: aligned keys (n,).
        months: T month numbers.
        rows: what is stored for them, where the caller has read it already.

    Returns:
        int64 (n, T) ten-thousandths off list; −1 = not given.
    """
    items, markets = _keys(item_ids), _keys(market_ids)
    rows = rows or load_rate_rows(items, markets, parts=OF_DISCOUNTS)
    discounts, families = _discount_rows(rows), _families_of(items, rows)
    families[families == MISSING] = PAIR - 1
    instants = np.asarray(months, np.int64)
    return narrowest(
        _in_force(discounts, discounts.narrow >= 0, items * PAIR + markets, instants),
        _in_force(discounts, discounts.wide >= 0, families * PAIR + markets, instants),
        _in_force(discounts, (discounts.narrow < 0) & (discounts.wide < 0), markets, instants),
    )


def load_price_factors(
    item_ids: ArrayLike,
    market_ids: ArrayLike,
    months: Sequence[int],
    *,
    events: Callable[[], Collection[str]],
    closed_before: int,
    rows: RateRows | None = None,
) -> NDArray[np.float64] | None:
    """What price actions leave of the usual net price per series and month; several actions multiply.

    Args:
        item_ids, market_ids: aligned keys (n,).
        months: T month numbers.
        events: tells the codes of the events that the plan names, asked only where an action depends on it; events
            without any lift are in force without being named.
        closed_before: month number before which every event counts: it happened.
        rows: what is stored for them, where the caller has read it already.

    Returns:
        float64 (n, T), 1 where no action is in force; None when none is in force anywhere.
    """
    items, markets, at = _keys(item_ids), _keys(market_ids), np.asarray(months, np.int64)
    rows = rows or load_rate_rows(items, markets, parts=OF_ACTIONS)
    actions = rows.parts[ACTIONS]
    named = events() if any(lifted and last >= closed_before for *_, last, _, lifted in actions) else ()
    families, factors = _families_of(items, rows), np.ones((len(items), len(at)))
    for event, market, item, family, first, last, fraction, lifted in actions:
        inside = (first <= at) & (at <= last)
        if lifted and event not in named:
            inside &= at < closed_before
        chosen = (markets == market) & (items == item if item >= 0 else families == family)
        factors[np.ix_(chosen, inside)] *= 1 - float(fraction)
    return None if (factors == 1).all() else factors


def _families_of(items: Ints, rows: RateRows) -> Ints:
    """(n,) family of each item, −1 = none."""
    known = rows.families()
    return np.array([known.get(item, MISSING) for item in items.tolist()], np.int64)


def _keys(ids: ArrayLike) -> Ints:
    return np.asarray(ids, np.int64)


def _days(months: Sequence[int]) -> Ints:
    return np.array([last_day(int(month)).toordinal() for month in months], np.int64)


def _rate4(values: Sequence[Decimal]) -> Ints:
    return np.array([int(value * RATE4_ONE) for value in values], np.int64)


def _dated(records: Sequence[tuple[object, ...]], keys: Sequence[int]) -> DatedValues:
    """Dated values of records (item, valid_from, valid_to, rate, …); instants are day ordinals."""
    items = np.array([row[0] for row in records], np.int64)
    ends = np.array([_ordinal(row[2]) for row in records], np.int64)
    return DatedValues(
        keys=np.array(keys, np.int64),
        first=np.array([_ordinal(row[1]) for row in records], np.int64),
        last=_to_month_end(ends, items, _last_days(items.tolist())),
        values=_rate4([row[3] for row in records]),  # type: ignore[misc]
    )


def _to_month_end(last: Ints, items: Ints, ended: Mapping[int, tuple[int, int]]) -> Ints:
    """Last days (R,) of rates; `ended`: last day of an item and of that month.

    A rate that is in force on an item's last day holds to the end of that month, so that the month in which an item
    ends has the rate of its last day.
    """
    ends = np.array([ended.get(item, (FOR_EVER, 0)) for item in items.tolist()], np.int64).reshape(-1, 2)
    return np.where(last >= ends[:, 0], np.maximum(last, ends[:, 1]), last)


def _last_days(items: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Per ended item the ordinals of its last day and of the last day of that month."""
    ended = Item.objects.filter(id__in=set(items), end_date__isnull=False).values_list("id", "end_date")
    return {item: (day.toordinal(), last_day(month_index(day)).toordinal()) for item, day in ended}


def _ordinal(day: object) -> int:
    return day.toordinal() if isinstance(day, date) else FOR_EVER


def _in_force(scoped: _Scoped, chosen: NDArray[np.bool_], wanted: Ints, instants: Ints) -> Ints:
    return values_in_force(scoped.dated.only(chosen), wanted, instants)


def _price_rows(rows: RateRows) -> _Scoped:
    item, first, last, price4, market, region = rows.columns(PRICES, 0, 1, 2, 3, 4, 5)
    narrower = np.where(market < 0, region, market)
    dated = DatedValues(
        keys=np.where(narrower < 0, item, item * PAIR + narrower),
        first=first,
        last=_to_month_end(last, item, {row[0]: (row[2], row[3]) for row in rows.parts[ITEMS] if row[2] is not None}),
        values=price4,
    )
    return _Scoped(dated, market, region, rows.texts(PRICES, 6))


def _discount_rows(rows: RateRows) -> _Scoped:
    market, first, last, fraction4, item, family = rows.columns(DISCOUNTS, 0, 1, 2, 3, 4, 5)
    narrower = np.where(item < 0, family, item)
    dated = DatedValues(np.where(narrower < 0, market, narrower * PAIR + market), first, last, fraction4)
    return _Scoped(dated, item, family, np.zeros(len(market), np.str_))
