"""Files of what the stock ought to be: rules and budget."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd

from catalog.calc.dollars import RATE4_ONE
from catalog.models import ImportBatch, Site
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.table_rows import replace_rows
from supply.models import StockBudget, StockRule, StorageLimit

VALUES = (
    "service_level", "lead_deviation_days", "least_days", "most_days", "shelf_life_days", "storage_cost",
    "storage_per_unit",
)  # fmt: skip


def _known(value: object) -> object | None:
    return None if value is None or pd.isna(value) else value  # type: ignore[call-overload]


def _key(value: int) -> int | None:
    return int(value) if value > 0 else None


def _apply_rules(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    incoming = [
        {
            "item_id": _key(row.item_id),
            "family_id": _key(row.family_id),
            "abc_class": row.abc_class or "",
            **{name: _known(getattr(row, name)) for name in VALUES if name != "storage_cost"},
            "storage_cost": None if pd.isna(row.storage_cost) else Decimal(int(row.storage_cost)) / RATE4_ONE,
        }
        for row in frame.itertuples(index=False)
    ]
    return replace_rows(StockRule.objects.all(), key=["item_id", "family_id", "abc_class"], rows=incoming)


def _check_rules(frame: pd.DataFrame) -> list[Fault]:
    faults = []
    given = (frame["sku"] != "").astype(int) + (frame["family"] != "") + (frame["abc_class"] != "")
    for row in frame.index[given > 1]:
        what = str(frame.at[row, "sku"])
        faults.append(Fault(int(row), "sku", what, "A rule is for an item, a family or a class.", "Leave one of them."))
    wrong = frame["service_level"].map(lambda value: _known(value) is not None and not 0 < float(value) < 1)
    for row in frame.index[wrong]:
        level = str(frame.at[row, "service_level"])
        faults.append(Fault(int(row), "service_level", level, "No stock reaches certainty.", "Give a share below 1."))
    return faults


STOCK_RULES = Dataset(
    name="stock_rules",
    title="Stock rules",
    file_name="stock_rules.csv",
    app="supply",
    order=355,
    columns=(
        Column("sku", "text", required=False, nullable=True, references="item"),
        Column("family", "text", required=False, nullable=True, references="family"),
        Column("abc_class", "text", required=False, nullable=True, choices=("", "A", "B", "C")),
        Column("service_level", "decimal", required=False, nullable=True, minimum=0, help="chance of no shortage"),
        Column("lead_deviation_days", "decimal", required=False, nullable=True, minimum=0),
        Column("least_days", "decimal", required=False, nullable=True, minimum=0, help="target band, days of demand"),
        Column("most_days", "decimal", required=False, nullable=True, minimum=0, help="target band, days of demand"),
        Column("shelf_life_days", "integer", required=False, nullable=True, minimum=1),
        Column("storage_cost", "rate", required=False, nullable=True, minimum=0, help="per unit and month"),
        Column(
            "storage_per_unit",
            "decimal",
            required=False,
            nullable=True,
            minimum=0,
            help="room of a unit, in the unit of storage_limits.csv",
        ),
    ),
    key=("sku", "family", "abc_class"),
    duplicates="refuse",
    mandatory=False,
    grain="what is wanted of the stock of an item, a family, a class or everything; the narrowest value wins",
    apply=_apply_rules,
    check=_check_rules,
)


def _apply_budget(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    incoming = [
        {"family_id": _key(row.family_id), "month": row.month, "cents": int(row.value)}
        for row in frame.itertuples(index=False)
    ]
    months = sorted(set(frame["month"]))
    difference = replace_rows(StockBudget.objects.filter(month__in=months), key=["family_id", "month"], rows=incoming)
    return replace(
        difference, totals={"months": str(len(months)), "value": f"{np.int64(frame['value'].sum()) / 100:,.2f}"}
    )


STOCK_BUDGET = Dataset(
    name="stock_budget",
    title="Stock budget",
    file_name="stock_budget.csv",
    app="supply",
    order=356,
    columns=(
        Column("month", "month"),
        Column("family", "text", required=False, nullable=True, references="family"),
        Column("value", "money", minimum=0, help="at standard cost, end of the month"),
    ),
    key=("month", "family"),
    duplicates="refuse",
    mandatory=False,
    grain="the budgeted value of the stock of a family, or of everything, at the end of a month",
    apply=_apply_budget,
)


def _apply_storage(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    main = Site.objects.get(code=Site.MAIN).pk
    incoming = [
        {
            "site_id": row.site_id if row.site_id > 0 else main,
            "room": row.room,
            "outside_cost": None if pd.isna(row.outside_cost) else Decimal(int(row.outside_cost)) / RATE4_ONE,
        }
        for row in frame.itertuples(index=False)
    ]
    return replace_rows(StorageLimit.objects.all(), key=["site_id"], rows=incoming)


def _check_storage(frame: pd.DataFrame) -> list[Fault]:
    free = frame["outside_cost"].map(lambda value: not pd.isna(value) and int(value) == 0)
    reason, remedy = (
        "Room outside that costs nothing is no limit.",
        "Give its cost, or leave the cell empty: none is to be had.",
    )
    return [Fault(int(row), "outside_cost", "0", reason, remedy) for row in frame.index[free]]


STORAGE_LIMITS = Dataset(
    name="storage_limits",
    title="Storage limits",
    file_name="storage_limits.csv",
    app="supply",
    order=357,
    columns=(
        Column("site", "text", required=False, nullable=True, references="site"),
        Column("room", "decimal", minimum=0, help="at the end of a month, in the unit of storage_per_unit: pallets"),
        Column(
            "outside_cost",
            "rate",
            required=False,
            nullable=True,
            minimum=0,
            help="reporting currency per unit of room and month; empty: there is no room outside",
        ),
    ),
    key=("site",),
    duplicates="refuse",
    mandatory=False,
    grain="the room that a site has for its stock",
    apply=_apply_storage,
    check=_check_storage,
)
