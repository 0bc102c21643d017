"""The stored rows behind prices, discounts, price actions and exchange rates of some series: one statement for all of them.

A typed cell needs a few rows of seven tables. Asked one by one they cost more than everything else in the edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import ArrayLike, NDArray

from catalog.calc.validity import FOR_EVER, MISSING
from catalog.models import Company, FxRate, Market

Ints = NDArray[np.int64]

COMPANY, ITEMS, MARKETS, PRICES, DISCOUNTS, ACTIONS, FX = (
    "company", "items", "markets", "prices", "discounts", "actions", "fx",
)  # fmt: skip
#: What each load reads.
OF_PRICES, OF_DISCOUNTS, OF_ACTIONS, OF_FX = (
    (ITEMS, MARKETS, PRICES), (ITEMS, DISCOUNTS), (ITEMS, ACTIONS), (COMPANY, MARKETS, FX),
)  # fmt: skip
EVERYTHING = (COMPANY, ITEMS, MARKETS, PRICES, DISCOUNTS, ACTIONS, FX)


def _day(column: str) -> str:
    """SQL of a day's ordinal (1 January of year 1 is 1), as `date.toordinal`."""
    return f"({column} - DATE '0001-01-01' + 1)"


def _month(column: str) -> str:
    """SQL of a day's month number, as `month_index`."""
    return f"(extract(year FROM {column})::int * 12 + extract(month FROM {column})::int - 1)"


def _rows(columns: Sequence[str], source: str, order: str = "1") -> str:
    return f"SELECT COALESCE(json_agg(json_build_array({', '.join(columns)}) ORDER BY {order}), '[]') FROM {source}"


_MONTH_END = "(date_trunc('month', i.end_date) + INTERVAL '1 month - 1 day')::date"
_STATEMENTS = {
    COMPANY: _rows(("currency_id", "allow_average_price", "discount_window_months"), "catalog_company"),
    ITEMS: _rows(
        ("i.id", f"COALESCE(i.family_id, {MISSING})", _day("i.end_date"), _day(_MONTH_END)),
        "catalog_item i WHERE i.id = ANY(%(items)s::bigint[])",
    ),
    MARKETS: _rows(
        ("m.id", "m.region_id", "r.currency_id"),
        "catalog_market m JOIN catalog_region r ON r.id = m.region_id WHERE m.id = ANY(%(markets)s::bigint[])",
    ),
    PRICES: _rows(
        (
            "p.item_id", _day("p.valid_from"), f"COALESCE({_day('p.valid_to')}, {FOR_EVER})", "(p.price * 10000)::bigint",
            f"COALESCE(p.market_id, {MISSING})", f"COALESCE(p.region_id, {MISSING})", "p.currency_id",
        ),
        "catalog_listprice p WHERE p.item_id = ANY(%(items)s::bigint[])",
        "p.id",
    ),
    DISCOUNTS: _rows(
        (
            "d.market_id", _month("d.first_month"), f"COALESCE({_month('d.last_month')}, {FOR_EVER})",
            "(d.fraction * 10000)::bigint", f"COALESCE(d.item_id, {MISSING})", f"COALESCE(d.family_id, {MISSING})",
        ),
        "catalog_planneddiscount d WHERE d.market_id = ANY(%(markets)s::bigint[])",
        "d.id",
    ),
    ACTIONS: _rows(
        (
            "a.event", "a.market_id", f"COALESCE(a.item_id, {MISSING})", f"COALESCE(a.family_id, {MISSING})",
            _month("a.first_month"), _month("a.last_month"), "a.fraction",
            "EXISTS (SELECT FROM catalog_priceaction l WHERE l.event = a.event AND l.lift_milli <> 0)",
        ),
        "catalog_priceaction a WHERE a.market_id = ANY(%(markets)s::bigint[]) AND (a.item_id = ANY(%(items)s::bigint[])"
        " OR a.family_id IN (SELECT family_id FROM catalog_item WHERE id = ANY(%(items)s::bigint[])))",
        "a.event, a.id",
    ),
    FX: _rows(
        ("f.currency_id", _month("f.month"), "(f.rate * 1000000)::bigint"),
        "catalog_fxrate f WHERE f.kind = %(kind)s AND f.currency_id IN (SELECT r.currency_id FROM catalog_market m"
        " JOIN catalog_region r ON r.id = m.region_id WHERE m.id = ANY(%(markets)s::bigint[]))",
        "f.month, f.id",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class RateRows:
    """Rows by part, each a list of lists: days as ordinals, months as month numbers, rates as scaled integers.

    −1 stands for an empty key, 2⁴⁰ for an open end. A part that was not asked for is not there: naming it is a KeyError.
    """

    parts: dict[str, list[list[Any]]]

    def columns(self, part: str, *places: int) -> tuple[Ints, ...]:
        """Integer columns (R,) of a part."""
        rows = self.parts[part]
        return tuple(np.array([row[place] for row in rows], np.int64) for place in places)

    def texts(self, part: str, place: int) -> NDArray[np.str_]:
        """A text column (R,) of a part."""
        return np.array([row[place] for row in self.parts[part]], np.str_)

    def families(self) -> dict[int, int]:
        """Family of each item, −1 = none."""
        return {row[0]: row[1] for row in self.parts[ITEMS]}

    def company(self) -> tuple[str, bool, int]:
        """Reporting currency, whether the average price stands in for a missing one, months of its window.

        Raises:
            ObjectDoesNotExist: the company is not set up.
        """
        if not self.parts[COMPANY]:
            Company.objects.current()
        currency, allows_average, window = self.parts[COMPANY][0]
        return currency, allows_average, window

    def regions_and_currencies(self, markets: Ints) -> tuple[Ints, NDArray[np.str_]]:
        """Region key (n,) and sales currency (n,) of each market (n,).

        Raises:
            Market.DoesNotExist: a key names no market.
        """
        known = {row[0]: row[1:] for row in self.parts[MARKETS]}
        unknown = sorted(set(markets.tolist()) - set(known))
        if unknown:
            raise Market.DoesNotExist(f"No market has the key {unknown[0]}.")
        regions = np.array([known[market][0] for market in markets.tolist()], np.int64)
        return regions, np.array([known[market][1] for market in markets.tolist()], np.str_)


def load_rate_rows(
    item_ids: ArrayLike, market_ids: ArrayLike, *, parts: Sequence[str] = EVERYTHING, kind: str = FxRate.Kind.PLAN
) -> RateRows:
    """Read the named parts for some items and markets (keys, repeats allowed); `kind` of exchange rates. One statement."""
    items, markets = (np.unique(np.asarray(ids, np.int64)).tolist() for ids in (item_ids, market_ids))
    statement = ", ".join(f"({_STATEMENTS[part]})" for part in parts)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {statement}", {"items": items, "markets": markets, "kind": FxRate.Kind(kind).value})
        told = cursor.fetchone()
    return RateRows(dict(zip(parts, told, strict=True)))
