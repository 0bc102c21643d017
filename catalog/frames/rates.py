"""Rates as arrays aligned with series: price, cost, exchange rate, planned discount; −1 marks a missing one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catalog.calc.dollars import FX6_ONE, RATE4_ONE
from catalog.calc.months import last_day, month_index
from catalog.calc.validity import (
    FOR_EVER,
    MISSING,
    DatedValues,
    narrowest,
    values_in_force,
)
from catalog.models import (
    Company,
    FxRate,
    Item,
    ListPrice,
    Market,
    PlannedDiscount,
    PriceAction,
    StandardCost,
)

Ints = NDArray[np.int64]

PAIR = 2**31


@dataclass(frozen=True)
class _Scoped:
    """Dated values with the narrower keys they are meant for; `narrow` and `wide` are (R,) keys, −1 = none."""

    dated: DatedValues
    narrow: Ints
    wide: Ints
    currency: NDArray[np.str_]


def load_list_prices(item_ids: ArrayLike, market_ids: ArrayLike, months: Sequence[int]) -> Ints:
    """List price per series and month, in force on the last day of the month: item × market, × region, else item.

    In the month in which an item ends, its last day counts instead.

    A price in another currency than the market sells in counts as missing.

    Args:
        item_ids, market_ids: aligned keys (n,).
        months: T month numbers.

    Returns:
        int64 (n, T) ten-thousandths of the market's currency per unit; −1 = missing, 0 = the list says 0.
    """
    items, markets = _keys(item_ids), _keys(market_ids)
    prices = _price_rows(items)
    regions, currencies = _regions_and_currencies(markets)
    result = np.full((len(items), len(months)), MISSING, np.int64)
    for currency in np.unique(currencies):
        here, offered = currencies == currency, prices.currency == currency
        result[here] = narrowest(
            _in_force(
                prices,
                offered & (prices.narrow >= 0),
                items[here] * PAIR + markets[here],
                _days(months),
            ),
            _in_force(
                prices,
                offered & (prices.wide >= 0),
                items[here] * PAIR + regions[here],
                _days(months),
            ),
            _in_force(
                prices,
                offered & (prices.narrow < 0) & (prices.wide < 0),
                items[here],
                _days(months),
            ),
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


def load_fx(market_ids: ArrayLike, months: Sequence[int], kind: str) -> Ints:
    """Exchange rate per market and month; the reporting currency is exactly 1.

    A plan or budget rate stays in force until the next one of its kind; an actual rate counts for its month only.

    Args:
        market_ids: keys (n,), repeats allowed.
        months: T month numbers.
        kind: one of `FxRate.Kind`.

    Returns:
        int64 (n, T) millionths of the reporting currency per unit of the market's sales currency; −1 = missing.
    """
    markets = _keys(market_ids)
    _, currencies = _regions_and_currencies(markets)
    codes = np.unique(currencies)
    reporting = Company.objects.current().currency_id
    rows = FxRate.objects.filter(kind=FxRate.Kind(kind), currency__in=codes.tolist()).order_by("month")
    records = list(rows.values_list("currency_id", "month", "rate"))
    first = np.array([month_index(row[1]) for row in records], np.int64)
    last = first if kind == FxRate.Kind.ACTUAL else np.full(len(records), FOR_EVER, np.int64)
    keys = np.searchsorted(codes, np.array([row[0] for row in records], dtype=codes.dtype)).astype(np.int64)
    dated = DatedValues(
        keys,
        first,
        last,
        np.array([int(row[2] * FX6_ONE) for row in records], np.int64),
    )
    rates = values_in_force(
        dated,
        np.searchsorted(codes, currencies).astype(np.int64),
        np.asarray(months, np.int64),
    )
    rates[currencies == reporting] = FX6_ONE
    return rates


def load_planned_discounts(item_ids: ArrayLike, market_ids: ArrayLike, months: Sequence[int]) -> Ints:
    """Planned discount per series and month: given for item × market, else family × market, else the market.

    Args:
        item_ids, market_ids: aligned keys (n,).
        months: T month numbers.

    Returns:
        int64 (n, T) ten-thousandths off list; −1 = not given.
    """
    items, markets = _keys(item_ids), _keys(market_ids)
    discounts = _discount_rows(markets)
    concerned = Item.objects.filter(id__in=np.unique(items).tolist(), family__isnull=False)
    family_of = dict(concerned.values_list("id", "family_id"))
    families = np.array([family_of.get(item, PAIR - 1) for item in items.tolist()], np.int64)
    instants = np.asarray(months, np.int64)
    return narrowest(
        _in_force(discounts, discounts.narrow >= 0, items * PAIR + markets, instants),
        _in_force(discounts, discounts.wide >= 0, families * PAIR + markets, instants),
        _in_force(discounts, (discounts.narrow < 0) & (discounts.wide < 0), markets, instants),
    )


def load_price_factors(
    item_ids: ArrayLike, market_ids: ArrayLike, months: Sequence[int], *, events: Collection[str], closed_before: int
) -> NDArray[np.float64] | None:
    """What price actions leave of the usual net price per series and month; several actions multiply.

    Args:
        item_ids, market_ids: aligned keys (n,).
        months: T month numbers.
        events: codes of the events that the plan names; events without any lift are in force without being named.
        closed_before: month number before which every event counts: it happened.

    Returns:
        float64 (n, T), 1 where no action is in force; None when none is in force anywhere.
    """
    items, markets, at = _keys(item_ids), _keys(market_ids), np.asarray(months, np.int64)
    rows = list(PriceAction.objects.order_by("event", "id"))
    lifted = {row.event for row in rows if row.lift_milli}
    family_of = dict(Item.objects.filter(family__isnull=False).values_list("id", "family_id")) if rows else {}
    families = np.array([family_of.get(item, MISSING) for item in items.tolist()], np.int64) if rows else items
    factors = np.ones((len(items), len(at)))
    for row in rows:
        inside = (month_index(row.first_month) <= at) & (at <= month_index(row.last_month))
        if row.event in lifted and row.event not in events:
            inside &= at < closed_before
        chosen = (markets == row.market_id) & (items == row.item_id if row.item_id else families == row.family_id)
        factors[np.ix_(chosen, inside)] *= 1 - float(row.fraction)
    return None if (factors == 1).all() else factors


def _keys(ids: ArrayLike) -> Ints:
    return np.asarray(ids, np.int64)


def _days(months: Sequence[int]) -> Ints:
    return np.array([last_day(int(month)).toordinal() for month in months], np.int64)


def _rate4(values: Sequence[Decimal]) -> Ints:
    return np.array([int(value * RATE4_ONE) for value in values], np.int64)


def _dated(records: Sequence[tuple[object, ...]], keys: Sequence[int]) -> DatedValues:
    """Dated values of records (item, valid_from, valid_to, rate, …); instants are day ordinals.

    A rate that is in force on an item's last day holds to the end of that month, so that the month in which an item
    ends has the rate of its last day.
    """
    last_days = _last_days([row[0] for row in records])
    ends = np.array([_ordinal(row[2]) for row in records], np.int64)
    item_ends = np.array([last_days.get(row[0], (FOR_EVER, 0)) for row in records], np.int64).reshape(-1, 2)
    return DatedValues(
        keys=np.array(keys, np.int64),
        first=np.array([_ordinal(row[1]) for row in records], np.int64),
        last=np.where(ends >= item_ends[:, 0], np.maximum(ends, item_ends[:, 1]), ends),
        values=_rate4([row[3] for row in records]),  # type: ignore[misc]
    )


def _last_days(items: Sequence[object]) -> dict[object, tuple[int, int]]:
    """Per ended item the ordinals of its last day and of the last day of that month."""
    ended = Item.objects.filter(id__in=set(items), end_date__isnull=False).values_list("id", "end_date")
    return {item: (day.toordinal(), last_day(month_index(day)).toordinal()) for item, day in ended}


def _ordinal(day: object) -> int:
    return day.toordinal() if isinstance(day, date) else FOR_EVER


def _in_force(scoped: _Scoped, chosen: NDArray[np.bool_], wanted: Ints, instants: Ints) -> Ints:
    return values_in_force(scoped.dated.only(chosen), wanted, instants)


def _price_rows(items: Ints) -> _Scoped:
    rows = ListPrice.objects.filter(item_id__in=np.unique(items).tolist())
    records = list(
        rows.values_list(
            "item_id",
            "valid_from",
            "valid_to",
            "price",
            "market_id",
            "region_id",
            "currency_id",
        )
    )
    narrower = [row[4] or row[5] for row in records]
    keys = [row[0] if key is None else row[0] * PAIR + key for row, key in zip(records, narrower, strict=True)]
    return _Scoped(
        dated=_dated(records, keys),
        narrow=np.array([row[4] or MISSING for row in records], np.int64),
        wide=np.array([row[5] or MISSING for row in records], np.int64),
        currency=np.array([row[6] for row in records], np.str_),
    )


def _discount_rows(markets: Ints) -> _Scoped:
    rows = PlannedDiscount.objects.filter(market_id__in=np.unique(markets).tolist())
    records = list(rows.values_list("market_id", "first_month", "last_month", "fraction", "item_id", "family_id"))
    keys = [row[0] if (row[4] or row[5]) is None else (row[4] or row[5]) * PAIR + row[0] for row in records]
    dated = DatedValues(
        keys=np.array(keys, np.int64),
        first=np.array([month_index(row[1]) for row in records], np.int64),
        last=np.array([month_index(row[2]) if row[2] else FOR_EVER for row in records], np.int64),
        values=_rate4([row[3] for row in records]),
    )
    narrow = np.array([row[4] or MISSING for row in records], np.int64)
    wide = np.array([row[5] or MISSING for row in records], np.int64)
    return _Scoped(dated, narrow, wide, np.zeros(len(records), np.str_))


def _regions_and_currencies(markets: Ints) -> tuple[Ints, NDArray[np.str_]]:
    """Region key (n,) and sales currency (n,) of each market.

    Raises:
        Market.DoesNotExist: a key names no market.
    """
    rows = Market.objects.filter(id__in=np.unique(markets).tolist())
    known = {row[0]: row[1:] for row in rows.values_list("id", "region_id", "region__currency_id")}
    unknown = sorted(set(markets.tolist()) - set(known))
    if unknown:
        raise Market.DoesNotExist(f"No market has the key {unknown[0]}.")
    regions = np.array([known[market][0] for market in markets.tolist()], np.int64)
    return regions, np.array([known[market][1] for market in markets.tolist()], np.str_)
