"""Items and markets as frames: the keys on which every series hangs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from catalog.calc.months import month_index
from catalog.models import Item, Market

NONE = -1
OPEN_END = 119_999

ITEM_FIELDS = {
    "id": "item_id",
    "code": "code",
    "name": "name",
    "family_id": "family_id",
    "family__code": "family",
    "family__category_id": "category_id",
    "family__category__code": "category",
    "uom": "uom",
    "plan_decimals": "plan_decimals",
    "make_or_buy": "make_or_buy",
    "is_sold": "is_sold",
    "is_finished": "is_finished",
    "is_service": "is_service",
    "launch_date": "launch_date",
    "end_date": "end_date",
    "successor_id": "successor_id",
    "like_item_id": "like_id",
    "lead_time_days": "lead_time_days",
    "safety_stock_milli": "safety_stock_milli",
}
MARKET_FIELDS = {
    "id": "market_id",
    "code": "code",
    "region_id": "region_id",
    "region__code": "region",
    "region__name": "region_name",
    "region__area": "area",
    "region__country": "country",
    "channel_id": "channel_id",
    "channel__code": "channel",
    "channel__name": "channel_name",
    "region__currency_id": "currency",
}


@dataclass(frozen=True)
class Hierarchy:
    """Every item and every market, one row each, ordered by key.

    `items`: the columns of `ITEM_FIELDS` and `launch_month`, `end_month` (month numbers, inclusive; −1 and `OPEN_END`
    when open) and `quantum_milli` (planning step in milli-units). `family_id`, `category_id`, `successor_id`, `like_id`
    are −1 and their texts '' when there is none. `markets`: the columns of `MARKET_FIELDS`; `currency` is the sales currency.
    """

    items: pd.DataFrame
    markets: pd.DataFrame


def load_hierarchy() -> Hierarchy:
    """All items and markets in two queries."""
    return Hierarchy(items=_items(), markets=_markets())


def _items() -> pd.DataFrame:
    rows = Item.objects.order_by("id").values_list(*ITEM_FIELDS)
    items = pd.DataFrame.from_records(list(rows), columns=list(ITEM_FIELDS.values()))
    for key in [
        "item_id",
        "family_id",
        "category_id",
        "successor_id",
        "like_id",
        "lead_time_days",
        "safety_stock_milli",
    ]:
        items[key] = items[key].astype("Int64").fillna(NONE).astype(np.int64)
    for text in ["family", "category"]:
        items[text] = items[text].fillna("").astype(object)
    items["launch_month"] = _months(items["launch_date"], NONE)
    items["end_month"] = _months(items["end_date"], OPEN_END)
    items["quantum_milli"] = 10 ** (3 - items.pop("plan_decimals").astype(np.int64))
    return items


def _markets() -> pd.DataFrame:
    rows = Market.objects.order_by("id").values_list(*MARKET_FIELDS)
    markets = pd.DataFrame.from_records(list(rows), columns=list(MARKET_FIELDS.values()))
    for key in ["market_id", "region_id", "channel_id"]:
        markets[key] = markets[key].astype(np.int64)
    return markets


def _months(days: pd.Series[date], when_open: int) -> np.ndarray:
    return np.array(
        [month_index(day) if isinstance(day, date) else when_open for day in days],
        np.int64,
    )
