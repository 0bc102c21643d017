"""Stock, its rules and the demand behind it as arrays by item over all sites."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.months import days_in_month, month_date, month_index
from catalog.calc.rounding import sum_by_group
from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.rates import load_standard_costs
from cycles.models import Plan
from demand.frames import load_actuals
from supply.frames.results import load_constrained, load_production, load_stock_aims
from supply.frames.sources import load_terms
from supply.models import ProductionActual, StockBudget, StockRule

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
HISTORY = 12
RECEIPTS = 24
DAYS = 30.0
MILLI = 1000.0
FIELDS = (
    "service_level", "lead_deviation_days", "least_days", "most_days", "shelf_life_days", "storage_cost",
    "storage_per_unit",
)  # fmt: skip


@dataclass(frozen=True)
class StockBlock:
    """What is stocked, by item (item,) over all sites; services are left out.

    ``stock`` milli-units (item, month + 1): opening first, then the end of each month; ``coming`` units wanted of it in
    each month, its shortages included (item, month); ``sold`` units of the last closed months (item, month) and their
    ``revenue`` cents (item,); ``standard4`` (item, month) −1 missing; ``lead_days`` (item,); ``receipts`` units made by
    closed month, newest first (item, month), 0 where production was never loaded; ``month_days`` (month,). ``target``
    units that the plan keeps by its safety stock and days of supply, and units that have ``expired`` in it, at the end of
    each month (item, month); both None where the plan was solved before they were kept.
    """

    items: pd.DataFrame
    stock: Ints
    coming: Floats
    sold: Floats
    revenue: Floats
    standard4: Ints
    lead_days: Floats
    receipts: Floats
    month_days: Ints
    target: Floats | None
    expired: Floats | None


def load_stock(plan: Plan) -> StockBlock:
    """Read the stock of the published plan with the demand behind it; empty before the first run. A handful of queries."""
    made, sent = load_production(plan), load_constrained(plan)
    hierarchy = load_hierarchy().items.set_index("item_id")
    keys = np.unique(made.item_ids.astype(np.int64))
    keys = keys[~hierarchy["is_service"].reindex(keys).to_numpy(bool)] if len(keys) else keys
    own = np.isin(made.item_ids, keys)
    group, count = np.searchsorted(keys, made.item_ids[own]), len(keys)
    stock = np.concatenate([made.opening[own, None], made.inventory[own]], axis=1)
    wanted = sum_by_group((made.shipped + made.consumed)[own], group, count)
    asked = np.isin(sent.item_ids, keys)
    wanted = wanted + sum_by_group(sent.short[asked], np.searchsorted(keys, sent.item_ids[asked]), count)
    months = range(plan.first_month_index, plan.first_month_index + plan.horizon)
    sold, revenue = load_sold(plan, keys)
    terms = load_terms()
    items = hierarchy.reindex(keys)
    target, expired = _aims(plan, keys)
    leads = [
        terms.get(key, (own_lead, 0.0))[0] for key, own_lead in zip(keys.tolist(), items["lead_time_days"], strict=True)
    ]
    return StockBlock(
        items=items,
        stock=sum_by_group(stock, group, count).astype(np.int64),
        coming=np.maximum(wanted, 0) / MILLI,
        sold=sold,
        revenue=revenue,
        standard4=load_standard_costs(keys, months),
        lead_days=np.array(leads, np.float64),
        receipts=_receipts(plan, keys),
        month_days=np.array([days_in_month(month) for month in months], np.int64),
        target=target,
        expired=expired,
    )


def _aims(plan: Plan, keys: Ints) -> tuple[Floats | None, Floats | None]:
    """Target and what has expired so far, units (item, month); None where the plan has neither."""
    aims = load_stock_aims(plan)
    own = np.isin(aims.item_ids, keys)
    if not own.any():
        return None, None
    group = np.searchsorted(keys, aims.item_ids[own])
    target, expired = (sum_by_group(part[own], group, len(keys)) / MILLI for part in (aims.target, aims.expired))
    return target, np.cumsum(expired, axis=1)


def load_sold(plan: Plan, keys: Ints) -> tuple[Floats, Floats]:
    """Units (item, month) and revenue cents (item,) of the last closed months; returns take off."""
    actual = load_actuals(plan.first_month_index - HISTORY, plan.first_month_index - 1)
    own = np.isin(actual.item_ids, keys)
    group = np.searchsorted(keys, actual.item_ids[own])
    units = sum_by_group(actual.units[own], group, len(keys)) / MILLI
    revenue = sum_by_group(actual.net_cents[own].sum(axis=1, keepdims=True), group, len(keys))[:, 0]
    return np.maximum(units, 0.0), np.maximum(revenue.astype(np.float64), 0.0)


def _receipts(plan: Plan, keys: Ints) -> Floats:
    """Good units made in the closed months before the plan, newest first (item, month)."""
    first = plan.first_month_index - RECEIPTS
    rows = ProductionActual.objects.filter(month__gte=month_date(first), month__lt=plan.first_month)
    row_of = {key: row for row, key in enumerate(keys.tolist())}
    made = np.zeros((len(keys), RECEIPTS))
    for item, month, good in rows.values_list("item_id", "month", "good_milli"):
        if item in row_of:
            made[row_of[item], plan.first_month_index - 1 - month_index(month)] += good / MILLI
    return made


def load_rules(items: pd.DataFrame, classes: tuple[str, ...]) -> Mapping[str, Floats]:
    """The value of every field of the stock rules per item, the narrowest that is given: item, family, class, all.

    Args:
        items: index item_id, column family_id. classes: A, B or C of each item (item,).

    Returns:
        field → (item,), NaN where no rule says anything. One query.
    """
    values: dict[str, dict[tuple[str, object], float]] = defaultdict(dict)
    for rule in StockRule.objects.all():
        key: tuple[str, object] = ("class", rule.abc_class)
        if rule.item_id:
            key = ("item", rule.item_id)
        elif rule.family_id:
            key = ("family", rule.family_id)
        for name in FIELDS:
            if (value := getattr(rule, name)) is not None:
                values[name][key] = float(value)
    found = {}
    for name in FIELDS:
        given = values[name]
        found[name] = np.array(
            [
                next((given[key] for key in _keys(item, family, letter) if key in given), np.nan)
                for item, family, letter in zip(items.index, items["family_id"], classes, strict=True)
            ],
            np.float64,
        )
    return found


def _keys(item: int, family: int, letter: str) -> tuple[tuple[str, object], ...]:
    """Where a value may be given, the narrowest first; '' is the rule of everything."""
    return ("item", item), ("family", family), ("class", letter), ("class", "")


def load_stock_budget(plan: Plan) -> Mapping[int, int]:
    """Budgeted value of all stock by month number of the plan, cents: the company's row, else the sum of its families'."""
    whole: dict[int, int] = {}
    parts: dict[int, int] = defaultdict(int)
    last = month_date(plan.first_month_index + plan.horizon - 1)
    rows = StockBudget.objects.filter(month__range=(plan.first_month, last))
    for family, month, cents in rows.values_list("family_id", "month", "cents"):
        number = month_index(month) - plan.first_month_index
        if family is None:
            whole[number] = cents
        else:
            parts[number] += cents
    return {**parts, **whole}
