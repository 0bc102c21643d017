"""Budget and reforecast as references: their rows on the leaves of a fiscal year, with the COGS that they give."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.budget import NONE, BudgetLevels, BudgetRows
from catalog.calc.months import month_index
from catalog.frames.hierarchy import Hierarchy
from catalog.frames.rates import load_fx
from catalog.frames.series_rows import read_series
from catalog.models import ReferencePlan, ReferenceRow
from cycles.models import Plan
from finance.calc.bridge_pairs import Amounts, Leaves, Side
from finance.calc.known_reference import KnownReference, NodeAmount, cost_on_leaves
from finance.calc.references import BridgeMeasure, Reference
from finance.selectors.bridge_nodes import node_keys
from finance.selectors.reference import current_reference
from finance.selectors.ties import window_of

Ints = NDArray[np.int64]

YEAR = 12
NANO_PER_MILLI = 1_000_000
FX6_ONE = 1_000_000
LEVELS = ("item", "family", "category", "market", "region", "channel")


def budget_reference(plan: Plan, hierarchy: Hierarchy) -> KnownReference | None:
    """The budget as the landing brought it to leaves, its COGS with its revenue; None without budget or landing."""
    window = window_of(plan)
    keys, (nano, cents, fx) = read_series(
        "SELECT coalesce(item_id, 0)::int4, family_id::int4, market_id::int4, qb_nano, budget_cents, budget_fx6 "
        "FROM finance_bridgeleaf WHERE plan_id = %s ORDER BY family_id, item_id, market_id",
        keys=3,
        columns=3,
        months=YEAR,
        parameters=(plan.pk,),
    )
    frame = _rows_of(ReferencePlan.objects.filter(code=ReferencePlan.BUDGET, fiscal_year=window.fiscal_year).first())
    if not len(cents) or frame.empty:
        return None
    items, families, markets = (key.astype(np.int64) for key in keys)
    leaves = Leaves(items, families, markets)
    units = nano / NANO_PER_MILLI
    revenue, cogs = _totals(frame, window.start)
    cost: Amounts | None = None
    notes: tuple[str, ...] = ()
    if cogs is not None:
        on_leaves, _ = cost_on_leaves(
            _cost_rows(frame, window.start), leaves, cents, parents=_parents(leaves, hierarchy)
        )
        cost, notes = Amounts(units, on_leaves, on_leaves), ("The budget's COGS comes to leaves with its revenue.",)
    side = Side(np.array(window.months), leaves, Amounts(units, cents, cents), cost, np.zeros_like(cents), fx)
    return KnownReference(Reference.BUDGET, side, revenue, cogs, notes=notes)


def reforecast_reference(plan: Plan, hierarchy: Hierarchy) -> KnownReference | None:
    """The last reforecast of the year: its items in their markets, and what it holds on nodes as adjustments.

    It was taken from a landing, so its exchange rates are those of the plan (actual ones in closed months).
    """
    current, window = current_reference(plan), window_of(plan)
    if current is None or not current.is_reforecast:
        return None
    frame = _rows_of(ReferencePlan.objects.get(pk=current.plan_id))
    on_leaf = (frame["market"] != NONE) & ((frame["item"] != NONE) | (frame["family"] != NONE))
    fine = frame[on_leaf]
    keys = pd.MultiIndex.from_arrays([np.maximum(fine["item"], 0), np.maximum(fine["family"], 0), fine["market"]])
    unique = keys.unique().sort_values()
    codes = unique.get_indexer(keys)
    position = (codes, fine["month"].to_numpy() - window.start)
    blocks = {name: np.zeros((len(unique), YEAR), np.int64) for name in ("units_milli", "revenue_cents", "cogs_cents")}
    for name, block in blocks.items():
        np.add.at(block, position, fine[name].fillna(0).to_numpy(np.int64))
    items, families, markets = (unique.get_level_values(k).to_numpy(np.int64) for k in range(3))
    own = hierarchy.items.set_index("item_id")["family_id"].reindex(items).fillna(0).to_numpy(np.int64)
    leaves = Leaves(items, np.where(items > 0, np.maximum(own, 0), families), markets)
    units = blocks["units_milli"].astype(np.float64)
    side = Side(
        months=np.array(window.months),
        leaves=leaves,
        revenue=Amounts(units, blocks["revenue_cents"], blocks["revenue_cents"]),
        cogs=Amounts(units, blocks["cogs_cents"], blocks["cogs_cents"]),
        served=np.zeros_like(blocks["cogs_cents"]),
        fx6=_plan_rates(markets, window.months),
    )
    nodes = frame[~on_leaf]
    revenue, cogs = _totals(fine, window.start)
    note = f"{current.title}: COGS is at standard, other cost lines are n/a."
    return KnownReference(
        Reference.REFORECAST, side, revenue, cogs, adjustments=tuple(_on_nodes(nodes, hierarchy)), notes=(note,)
    )


def _rows_of(reference: ReferencePlan | None) -> pd.DataFrame:
    """Rows of a reference plan: month number, keys (−1 = not given) and amounts (NA = unknown)."""
    names = ["month", *(f"{level}_id" for level in LEVELS), "units_milli", "revenue_cents", "cogs_cents"]
    rows = [] if reference is None else ReferenceRow.objects.filter(plan=reference).order_by("id").values_list(*names)
    frame = pd.DataFrame.from_records(list(rows), columns=[name.removesuffix("_id") for name in names])
    frame["month"] = np.array([month_index(day) for day in frame["month"]], np.int64)
    for level in LEVELS:
        frame[level] = frame[level].astype("Int64").fillna(NONE).astype(np.int64)
    for amount in ("units_milli", "revenue_cents", "cogs_cents"):
        frame[amount] = frame[amount].astype("Int64")
    return frame


def _totals(frame: pd.DataFrame, start: int) -> tuple[Ints, Ints | None]:
    """Stored revenue and COGS per month of the year, (12,); COGS is None where a row does not give it."""
    position = frame["month"].to_numpy() - start
    revenue, cogs = np.zeros(YEAR, np.int64), np.zeros(YEAR, np.int64)
    np.add.at(revenue, position, frame["revenue_cents"].to_numpy(np.int64))
    if frame["cogs_cents"].isna().any():
        return revenue, None
    np.add.at(cogs, position, frame["cogs_cents"].to_numpy(np.int64))
    return revenue, cogs


def _cost_rows(frame: pd.DataFrame, start: int) -> BudgetRows:
    return BudgetRows(
        levels=BudgetLevels(**{level: frame[level].to_numpy(np.int64) for level in LEVELS}),
        month=frame["month"].to_numpy() - start,
        units=np.zeros(len(frame)),
        revenue=frame["cogs_cents"].to_numpy(np.int64),
        cogs=np.zeros(len(frame), np.int64),
    )


def _parents(leaves: Leaves, hierarchy: Hierarchy) -> dict[str, Ints]:
    items, markets = hierarchy.items, hierarchy.markets.set_index("market_id")
    families = items[items["family_id"] > 0].drop_duplicates("family_id").set_index("family_id")
    return {
        "category": families["category_id"].reindex(leaves.families).fillna(NONE).to_numpy(np.int64),
        "region": markets["region_id"].reindex(leaves.markets).fillna(NONE).to_numpy(np.int64),
        "channel": markets["channel_id"].reindex(leaves.markets).fillna(NONE).to_numpy(np.int64),
    }


def _plan_rates(markets: Ints, months: range) -> Ints:
    actual, plan = load_fx(markets, months, "actual"), load_fx(markets, months, "plan")
    return np.where(actual > 0, actual, np.where(plan > 0, plan, FX6_ONE))


def _on_nodes(frame: pd.DataFrame, hierarchy: Hierarchy) -> list[NodeAmount]:
    """What stands above leaves, as adjustments of revenue and of COGS."""
    found = []
    keys = frame[["family", "category", "market"]].to_numpy(np.int64).tolist()
    for column, measure in (("revenue_cents", BridgeMeasure.REVENUE), ("cogs_cents", BridgeMeasure.COGS)):
        amounts = frame[column].fillna(0).to_numpy(np.int64).tolist()
        for key, month, cents in zip(keys, frame["month"].tolist(), amounts, strict=True):
            if cents:
                found.append(NodeAmount(int(month), measure, cents, node_keys(tuple(key), hierarchy)))
    return found
