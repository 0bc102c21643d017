"""The segments of a plan (family × market) with their history, and the series that hang on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import Q
from numpy.typing import NDArray

from catalog.calc.months import last_day, month_date, month_index
from catalog.frames.hierarchy import NONE, load_hierarchy
from catalog.models import Company, ReferenceRow
from cycles.models import Plan
from demand.calc.lifecycle import Curves, curves_of
from demand.calc.split import Places, item_rates
from demand.frames import ActualBlock, load_actuals
from demand.services.cleansing import CleansedHistory, cleanse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHARE_MONTHS = 6
HISTORY_MONTHS = 60


@dataclass(frozen=True)
class Segments:
    """Series and the family × market segments they belong to.

    `series`: one row per series (item_id, market_id, segment, family_id, launch_month, end_month, `recent`
    milli-units of the last six closed months, `rate` milli-units a month as `item_rates` reads them, `like` that of the item it begins like); `curves` how items of this
    company begin and end; `keys`: one row per
    segment (family_id, market_id, quantum_milli); `raw` (s, T) milli-units as sold; `cleansed` what the forecast reads.
    """

    series: pd.DataFrame
    keys: pd.DataFrame
    raw: Floats
    cleansed: CleansedHistory
    curves: Curves

    @property
    def history(self) -> Floats:
        """(s, T) milli-units that are forecast."""
        return self.cleansed.history


def load_segments(plan: Plan) -> Segments:
    """Series of the plan: sold items × markets with history, budget or launch of their family, alive in the horizon.

    A market with a budget and no history is a segment that has sold nothing yet. Reads actuals up to the month before the plan's first one, never later.
    """
    first = month_index(Company.objects.current().history_start)
    start = max(first, plan.first_month_index - HISTORY_MONTHS)
    actuals = load_actuals(start, plan.first_month_index - 1)
    items = load_hierarchy().items
    items["end_month"] = _last_whole_months(items)
    sold = items[items["is_sold"] & (items["family_id"] >= 0)].set_index("item_id")
    history = _with_budget_markets(plan, _segment_history(actuals, sold), sold)
    series = _series(plan, actuals, sold, history.index)
    keys = history.index.to_frame(index=False)
    quanta = sold.groupby("family_id")["quantum_milli"].min()
    keys["quantum_milli"] = keys["family_id"].map(quanta).astype(np.int64)
    return Segments(series, keys, history.to_numpy(np.float64), cleanse(history, start), _curves(actuals, sold))


def _last_whole_months(items: pd.DataFrame) -> Ints:
    """The last month on whose last day the item can be sold: rates are those of that day, and so is the range."""
    ends = [
        month if not isinstance(day, date) or day == last_day(month) else month - 1
        for month, day in zip(items["end_month"].tolist(), items["end_date"].tolist(), strict=True)
    ]
    return np.array(ends, np.int64)


def _segment_history(actuals: ActualBlock, sold: pd.DataFrame) -> pd.DataFrame:
    """Milli-units per (family_id, market_id) and month, sold items only."""
    frame = pd.DataFrame(actuals.units)
    frame["family_id"] = sold["family_id"].reindex(actuals.item_ids).to_numpy()
    frame["market_id"] = actuals.market_ids.astype(np.int64)
    frame = frame.dropna(subset=["family_id"]).astype({"family_id": np.int64})
    return frame.groupby(["family_id", "market_id"]).sum()


def _with_budget_markets(plan: Plan, history: pd.DataFrame, sold: pd.DataFrame) -> pd.DataFrame:
    """The history, with a row of zeros per family and market that is budgeted in the plan's months and never sold."""
    last = month_date(plan.first_month_index + plan.horizon - 1)
    rows = ReferenceRow.objects.filter(month__gte=plan.first_month, month__lte=last, market__isnull=False)
    rows = rows.filter(Q(family__isnull=False) | Q(item__isnull=False))
    wanted = {
        (family if family is not None else int(sold["family_id"].get(item, NONE)), market)
        for family, item, market in rows.values_list("family_id", "item_id", "market_id").distinct()
    }
    families = set(sold["family_id"].tolist())
    new = sorted(pair for pair in wanted - set(history.index.tolist()) if pair[0] in families)
    empty = pd.DataFrame(0, index=pd.MultiIndex.from_tuples(new, names=history.index.names), columns=history.columns)
    return pd.concat([history, empty]).sort_index() if new else history


def _series(plan: Plan, actuals: ActualBlock, sold: pd.DataFrame, segments: pd.Index[Any]) -> pd.DataFrame:
    """Every item alive in the horizon in every segment of its family, with its recent units and rate."""
    last = plan.first_month_index + plan.horizon - 1
    alive = sold[(sold["end_month"] >= plan.first_month_index - SHARE_MONTHS) & (sold["launch_month"] <= last)]
    places = segments.to_frame(index=False).assign(segment=np.arange(len(segments)))
    wanted = ["item_id", "family_id", "launch_month", "end_month"]
    series = alive.reset_index()[wanted].merge(places, on="family_id")
    series = series.sort_values(["item_id", "market_id"], ignore_index=True)
    months = range(plan.first_month_index - SHARE_MONTHS, plan.first_month_index)
    sold_lately = _sold(actuals, series, months)
    series["recent"] = sold_lately.sum(axis=1)
    groups = Places(*(np.unique(series[key], return_inverse=True)[1] for key in ("item_id", "segment", "family_id")))
    born = np.maximum(series["launch_month"].to_numpy(np.int64), _first_sales(actuals, series["item_id"]))
    last_alive = np.minimum(series["end_month"].to_numpy(np.int64), months.stop - 1)
    alive_months = np.clip(last_alive - np.maximum(born, months.start) + 1, 1, SHARE_MONTHS)
    series["rate"] = item_rates(sold_lately, alive_months, groups)
    series["like"] = _rates_of_like_items(series, sold)
    return series


def _rates_of_like_items(series: pd.DataFrame, sold: pd.DataFrame) -> Floats:
    """(n,) rate in the same market of the item that this one is like; 0 where it sells nothing there or none is named.

    That is the one it names, of any family; else those that name it as their successor, the mean of several.
    """
    there = series[["item_id", "market_id", "rate"]]
    heirs = there.assign(heir=sold["successor_id"].reindex(there["item_id"]).to_numpy())
    succeeded = heirs[heirs["heir"] >= 0].groupby(["heir", "market_id"])["rate"].mean()
    named = pd.DataFrame(
        {"item_id": sold["like_id"].reindex(there["item_id"]).to_numpy(), "market_id": there["market_id"]}
    )
    rates, wanted = there.set_index(["item_id", "market_id"])["rate"], pd.MultiIndex.from_frame(named)
    like = rates.reindex(wanted).fillna(0.0).to_numpy(np.float64)
    begun = succeeded.reindex(pd.MultiIndex.from_frame(there[["item_id", "market_id"]])).fillna(0.0)
    return np.where(like > 0, like, begun.to_numpy(np.float64))


def _curves(actuals: ActualBlock, sold: pd.DataFrame) -> Curves:
    """The curves of the company's own launches and endings, as far as its history tells."""
    units = pd.DataFrame(np.maximum(actuals.units, 0)).groupby(actuals.item_ids.astype(np.int64)).sum()
    units = units.reindex(sold.index, fill_value=0)
    families = units.groupby(sold["family_id"]).transform("sum")
    shares = (units / families.where(families > 0, 1)).to_numpy(np.float64)
    launch, end = (sold[name].to_numpy(np.int64) - actuals.first_month for name in ("launch_month", "end_month"))
    return curves_of(shares, launch, end)


def _sold(actuals: ActualBlock, series: pd.DataFrame, months: range) -> Floats:
    """Milli-units (n, months) of each series; 0 in months before what is stored."""
    columns = [month - actuals.first_month for month in months]
    known = [column for column in columns if 0 <= column < actuals.units.shape[1]]
    block = np.zeros((len(actuals.units) + 1, len(columns)))
    block[:-1, len(columns) - len(known) :] = actuals.units[:, known]
    index = pd.MultiIndex.from_arrays([actuals.item_ids.astype(np.int64), actuals.market_ids.astype(np.int64)])
    # a series that never sold finds −1: the row of zeros at the end
    return block[index.get_indexer(pd.MultiIndex.from_frame(series[["item_id", "market_id"]]))]


def _first_sales(actuals: ActualBlock, item_ids: pd.Series[int]) -> Ints:
    """(n,) month of the item's first sale anywhere in what is stored; −1 where it never sold."""
    positive = actuals.units > 0
    first = np.where(positive.any(axis=1), positive.argmax(axis=1), actuals.units.shape[1])
    by_item = pd.Series(first).groupby(actuals.item_ids.astype(np.int64)).min()
    found = by_item.reindex(item_ids).to_numpy(np.float64)
    return np.where(found < actuals.units.shape[1], actuals.first_month + np.nan_to_num(found), NONE).astype(np.int64)
