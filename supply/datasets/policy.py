"""Files of the supply plan's policy: settings, who is served first, and what subcontractors ask."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pandas as pd

from catalog.calc.dollars import RATE4_ONE
from catalog.models import ImportBatch, Item, Market, Site
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.table_rows import replace_rows
from supply.calc.supply_policy import NAMES, setting_fault
from supply.models import MarketPriority, SubcontractTerm, SupplySetting


def _apply_settings(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    incoming = [{"name": row.setting, "value": row.value.strip()} for row in frame.itertuples(index=False)]
    return replace_rows(SupplySetting.objects.all(), key=["name"], rows=incoming)


def _check_settings(frame: pd.DataFrame) -> list[Fault]:
    faults = []
    for row in frame.index[frame["setting"].isin(NAMES)]:
        value = str(frame.at[row, "value"]).strip()
        if reason := setting_fault(str(frame.at[row, "setting"]), value):
            faults.append(Fault(int(row), "value", value, f"{value} {reason}", "See the formats of the files."))
    return faults


SETTINGS_HELP = (
    "allocation: fair_share, margin or priority; unmet_demand: lost or backlog; frozen_months and backlog_months: whole "
    "months, at most 12; backlog_cost_per_month: a share of the net price; order_lots: free, rounded or whole, lots_gap a "
    "share of the plan's cost, lots_seconds at most 3600; else a share of the standard cost"
)

SUPPLY_POLICY = Dataset(
    name="supply_policy",
    title="Supply policy",
    file_name="supply_policy.csv",
    app="supply",
    order=380,
    columns=(
        Column("setting", "text", choices=NAMES),
        Column("value", "text", help=SETTINGS_HELP),
    ),
    key=("setting",),
    duplicates="refuse",
    mandatory=False,
    grain="one setting of the supply plan; what is not there has its default",
    apply=_apply_settings,
    check=_check_settings,
)


def _apply_priorities(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    narrow_last = sorted(frame.itertuples(index=False), key=lambda row: (row.region_id != -1) + (row.channel_id != -1))
    ranks = {
        market: row.priority
        for row in narrow_last
        for market, region, channel in Market.objects.values_list("id", "region_id", "channel_id")
        if row.region_id in (-1, region) and row.channel_id in (-1, channel)
    }
    incoming = [{"market_id": market, "priority": int(rank)} for market, rank in ranks.items()]
    return replace_rows(MarketPriority.objects.all(), key=["market_id"], rows=incoming)


MARKET_PRIORITIES = Dataset(
    name="market_priorities",
    title="Market priorities",
    file_name="market_priorities.csv",
    app="supply",
    order=385,
    columns=(
        Column("market", "text", required=False, nullable=True, references="region"),
        Column("channel", "text", required=False, nullable=True, references="channel"),
        Column("priority", "integer", minimum=1, help="1 is served first; used when allocation is priority"),
    ),
    key=("market", "channel"),
    duplicates="refuse",
    mandatory=False,
    grain="the rank of the markets of a region, a channel, or both; the narrower row wins",
    apply=_apply_priorities,
)


def _apply_subcontracting(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    main = Site.objects.get(code=Site.MAIN).pk
    incoming = [
        {
            "item_id": row.item_id,
            "site_id": row.site_id if row.site_id > 0 else main,
            "unit_cost": Decimal(int(row.cost_per_unit)) / RATE4_ONE,
            "monthly_limit_milli": None if pd.isna(row.monthly_limit) else int(row.monthly_limit),
        }
        for row in frame.itertuples(index=False)
    ]
    difference = replace_rows(SubcontractTerm.objects.all(), key=["item_id", "site_id"], rows=incoming)
    return replace(difference, totals={"items with a subcontractor": str(frame["item_id"].nunique())})


def _check_subcontracting(frame: pd.DataFrame) -> list[Fault]:
    made = set(Item.objects.filter(make_or_buy=Item.Source.MAKE).values_list("id", flat=True))
    faults = [
        Fault(
            int(row), "sku", str(frame.at[row, "sku"]), "it is not made, so nobody makes it for us", "Remove the row."
        )
        for row in frame.index[~frame["item_id"].isin(made)]
    ]
    for row in frame.index[frame["cost_per_unit"] <= 0]:
        faults.append(Fault(int(row), "cost_per_unit", "0", "nobody works for nothing", "Give what a unit costs."))
    return faults


SUBCONTRACTING = Dataset(
    name="subcontracting",
    title="Subcontract terms",
    file_name="subcontracting.csv",
    app="supply",
    order=345,
    columns=(
        Column("sku", "text", references="item"),
        Column("site", "text", required=False, nullable=True, references="site"),
        Column("cost_per_unit", "rate", minimum=0, help="reporting currency, material included"),
        Column("monthly_limit", "units", required=False, nullable=True, minimum=0, help="most units a month"),
    ),
    key=("sku", "site"),
    duplicates="refuse",
    mandatory=False,
    grain="what a subcontractor asks to make one item for a site",
    apply=_apply_subcontracting,
    check=_check_subcontracting,
)
