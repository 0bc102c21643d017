"""Datasets `price_history`, `cost_history` and `planned_discounts`: rates with the days or months they hold for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from catalog.calc.months import month_index
from catalog.calc.validity import FOR_EVER, overlapping
from catalog.datasets.company import require_company
from catalog.models import ImportBatch, ListPrice, PlannedDiscount, StandardCost
from catalog.registry import Column, Dataset, Difference, Fault, FileRefused
from catalog.services.table_rows import replace_rows


def _check_prices(rows: pd.DataFrame) -> list[Fault]:
    loose = (rows["channel_id"] >= 0) & (rows["region_id"] < 0)
    reason, remedy = (
        "A price for a channel needs its market.",
        "Name the market, or leave the channel blank.",
    )
    faults = [
        Fault(int(line), "channel", str(code), reason, remedy) for line, code in rows.loc[loose, "channel"].items()
    ]
    return faults or _period_faults(rows, ["item_id", "region_id", "channel_id"], "valid_from", "valid_to")


def _apply_prices(rows: pd.DataFrame, batch: ImportBatch) -> Difference:
    currency = require_company().currency_id
    records = [
        {
            "item_id": row.item_id,
            "region_id": row.region_id if row.region_id >= 0 and row.channel_id < 0 else None,
            "market_id": row.market_id if row.channel_id >= 0 else None,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "price": _rate(row.list_price),
            "currency_id": row.currency_id or currency,
        }
        for row in rows.itertuples(index=False)
    ]
    key = ["item_id", "region_id", "market_id", "valid_from"]
    return _with_items(replace_rows(ListPrice.objects.all(), key=key, rows=records), rows)


def _check_costs(rows: pd.DataFrame) -> list[Fault]:
    parts = rows["material_cost"].fillna(0) + rows["conversion_cost"].fillna(0)
    one = rows["material_cost"].isna() != rows["conversion_cost"].isna()
    uneven = rows["material_cost"].notna() & (parts != rows["standard_cost"])
    wrong = (one | uneven).to_numpy(bool)
    reason, remedy = (
        "Material and conversion do not add to the standard cost.",
        "Give both parts, or neither.",
    )
    faults = [Fault(int(line), "material_cost", "", reason, remedy) for line in rows.index[wrong]]
    return faults or _period_faults(rows, ["item_id"], "valid_from", "valid_to")


def _apply_costs(rows: pd.DataFrame, batch: ImportBatch) -> Difference:
    _refuse_foreign(rows)
    records = [
        {
            "item_id": row.item_id,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "total": _rate(row.standard_cost),
            "material": None if pd.isna(row.material_cost) else _rate(row.material_cost),
            "conversion": None if pd.isna(row.conversion_cost) else _rate(row.conversion_cost),
        }
        for row in rows.itertuples(index=False)
    ]
    difference = replace_rows(StandardCost.objects.all(), key=["item_id", "valid_from"], rows=records)
    return _with_items(difference, rows)


def _refuse_foreign(rows: pd.DataFrame) -> None:
    """Standard costs are in the reporting currency: another one has no rate to be converted with."""
    reporting = require_company().currency_id
    reason, remedy = (
        f"Standard cost is kept in {reporting}.",
        "Convert it in the source.",
    )
    foreign = rows.loc[~rows["currency_id"].isin(["", reporting]), "currency"]
    if len(foreign):
        raise FileRefused([Fault(int(line), "currency", str(code), reason, remedy) for line, code in foreign.items()])


def _check_discounts(rows: pd.DataFrame) -> list[Fault]:
    both = (rows["item_id"] >= 0) & (rows["family_id"] >= 0)
    reason, remedy = (
        "A discount is for an item or for a family.",
        "Leave one of them blank.",
    )
    faults = [Fault(int(line), "family", str(code), reason, remedy) for line, code in rows.loc[both, "family"].items()]
    above = rows.loc[rows["discount"] > 10_000, "discount"]
    reason, remedy = "A discount is a fraction from 0 to 1.", "Write 0.40 for 40 %."
    faults += [Fault(int(line), "discount", str(value / 10_000), reason, remedy) for line, value in above.items()]
    return faults or _period_faults(rows, ["market_id", "family_id", "item_id"], "first_month", "last_month")


def _apply_discounts(rows: pd.DataFrame, batch: ImportBatch) -> Difference:
    records = [
        {
            "market_id": row.market_id,
            "family_id": row.family_id if row.family_id >= 0 else None,
            "item_id": row.item_id if row.item_id >= 0 else None,
            "first_month": row.first_month,
            "last_month": row.last_month,
            "fraction": _rate(row.discount),
        }
        for row in rows.itertuples(index=False)
    ]
    key = ["market_id", "family_id", "item_id", "first_month"]
    return replace_rows(PlannedDiscount.objects.all(), key=key, rows=records)


def _rate(rate4: object) -> Decimal:
    """Ten-thousandths as an exact decimal."""
    return Decimal(int(str(rate4))).scaleb(-4)


def _with_items(difference: Difference, rows: pd.DataFrame) -> Difference:
    totals = {"rows": str(len(rows)), "items": str(rows["item_id"].nunique())}
    return replace(difference, totals=totals)


def _period_faults(rows: pd.DataFrame, key: Sequence[str], first: str, last: str) -> list[Fault]:
    """Periods that end before they begin, or that begin before an earlier one of the same key has ended."""
    starts, ends = _instants(rows[first], first), _instants(rows[last], last)
    backwards = ends < starts
    keys = rows.groupby(list(key), sort=False).ngroup().to_numpy(np.int64)
    overlap = overlapping(keys, starts, ends)
    late = "The period ends before it begins.", "Correct one of the two."
    twice = (
        "An earlier period of the same key has not ended yet.",
        "End it before this one begins.",
    )
    return [
        Fault(
            int(line),
            last if wrong else first,
            str(rows.at[line, first]),
            *(late if wrong else twice),
        )
        for line, wrong, again in zip(rows.index, backwards, overlap, strict=True)
        if wrong or again
    ]


def _instants(days: pd.Series[date], name: str) -> np.ndarray:
    number = month_index if name.endswith("month") else date.toordinal
    return np.array([number(day) if isinstance(day, date) else FOR_EVER for day in days], np.int64)


ITEM = Column("sku", "text", references="item")

PRICE_HISTORY = Dataset(
    name="price_history",
    title="List prices",
    file_name="price_history.csv",
    app="catalog",
    order=50,
    columns=(
        ITEM,
        Column(
            "market",
            "text",
            required=False,
            nullable=True,
            references="region",
            help="blank = everywhere",
        ),
        Column(
            "channel",
            "text",
            required=False,
            nullable=True,
            references="channel",
            help="blank = every channel",
        ),
        Column("valid_from", "date"),
        Column("valid_to", "date", nullable=True, help="last day; blank = still in force"),
        Column("list_price", "rate", minimum=0),
        Column(
            "currency",
            "text",
            required=False,
            nullable=True,
            references="currency",
            help="else the company's",
        ),
    ),
    key=("sku", "market", "channel", "valid_from"),
    duplicates="refuse",
    mandatory=True,
    grain="the list price of an item (in a market) from a day on",
    apply=_apply_prices,
    check=_check_prices,
)
COST_HISTORY = Dataset(
    name="cost_history",
    title="Standard costs",
    file_name="cost_history.csv",
    app="catalog",
    order=60,
    columns=(
        ITEM,
        Column("valid_from", "date"),
        Column("valid_to", "date", nullable=True, help="last day; blank = still in force"),
        Column("standard_cost", "rate", minimum=0, help="total per unit"),
        Column("material_cost", "rate", required=False, nullable=True, minimum=0),
        Column("conversion_cost", "rate", required=False, nullable=True, minimum=0),
        Column(
            "currency",
            "text",
            required=False,
            nullable=True,
            references="currency",
            help="the company's",
        ),
    ),
    key=("sku", "valid_from"),
    duplicates="refuse",
    mandatory=True,
    grain="the standard cost of an item from a day on",
    apply=_apply_costs,
    check=_check_costs,
)
PLANNED_DISCOUNTS = Dataset(
    name="planned_discounts",
    title="Planned discounts",
    file_name="planned_discounts.csv",
    app="catalog",
    order=70,
    columns=(
        Column("market", "text", references="region"),
        Column("channel", "text", references="channel"),
        Column(
            "family",
            "text",
            required=False,
            nullable=True,
            references="family",
            help="blank = every family",
        ),
        Column(
            "sku",
            "text",
            required=False,
            nullable=True,
            references="item",
            help="blank = every item",
        ),
        Column("first_month", "month"),
        Column("last_month", "month", nullable=True, help="blank = until further notice"),
        Column("discount", "rate", minimum=0, help="fraction off list, 0.40 for 40 %"),
    ),
    key=("market", "channel", "family", "sku", "first_month"),
    duplicates="refuse",
    mandatory=False,
    grain="the planned discount of a market (and family or item) from a month on",
    apply=_apply_discounts,
    check=_check_discounts,
)
