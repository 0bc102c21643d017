"""Files of where things come from: suppliers, purchase terms, sourcing lanes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from catalog.calc.dollars import RATE4_ONE
from catalog.models import ImportBatch, Market
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.table_rows import replace_rows
from supply.models import PurchaseTerm, Sourcing, Supplier


def _known(value: Any) -> int | None:
    """An integer, or None for a blank cell or an absent reference."""
    return None if pd.isna(value) or value == -1 else int(value)


def _apply_suppliers(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    incoming = [
        {
            "code": row.supplier,
            "name": row.title,
            "is_preferred": bool(row.preferred),
            "is_active": bool(row.active),
            "payment_days": _known(row.payment_days),
        }
        for row in frame.rename(columns={"name": "title"}).itertuples(index=False)
    ]
    return replace_rows(Supplier.objects.all(), key=["code"], rows=incoming, retire={"is_active": False})


SUPPLIERS = Dataset(
    name="suppliers",
    title="Suppliers",
    file_name="suppliers.csv",
    app="supply",
    order=330,
    columns=(
        Column("supplier", "text"),
        Column("name", "text"),
        Column("preferred", "flag"),
        Column("active", "flag"),
        Column("payment_days", "integer", required=False, nullable=True, minimum=0),
    ),
    key=("supplier",),
    duplicates="refuse",
    mandatory=False,
    grain="one supplier",
    apply=_apply_suppliers,
)


def _apply_terms(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    incoming = [
        {
            "item_id": row.item_id,
            "supplier_id": row.supplier_id,
            "lead_time_days": row.lead_days,
            "price": Decimal(int(row.price)) / RATE4_ONE,
            "currency_id": row.currency,
            "uom": row.uom,
            "minimum_order_milli": _known(row.min_order_qty),
            "maximum_order_milli": _known(row.max_order_qty),
            "on_order_milli": _known(row.on_order_qty),
            "monthly_limit_milli": _known(row.monthly_limit),
        }
        for row in frame.itertuples(index=False)
    ]
    difference = replace_rows(PurchaseTerm.objects.all(), key=["item_id", "supplier_id"], rows=incoming)
    return replace(difference, totals={"items with terms": str(frame["item_id"].nunique())})


PURCHASE_TERMS = Dataset(
    name="purchase_terms",
    title="Purchase terms",
    file_name="purchase_terms.csv",
    app="supply",
    order=340,
    columns=(
        Column("sku", "text", references="item"),
        Column("supplier", "text", references="supplier"),
        Column("lead_days", "integer", minimum=0),
        Column("price", "rate", minimum=0, help="per unit of the supplier's uom"),
        Column("currency", "text"),
        Column("uom", "text"),
        Column("min_order_qty", "units", required=False, nullable=True),
        Column("max_order_qty", "units", required=False, nullable=True),
        Column("on_order_qty", "units", required=False, nullable=True),
        Column("monthly_limit", "units", required=False, nullable=True, minimum=0, help="item units per month"),
    ),
    key=("sku", "supplier"),
    duplicates="refuse",
    mandatory=False,
    grain="one item from one supplier",
    apply=_apply_terms,
)


def _apply_sourcing(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    markets = list(Market.objects.values_list("id", "region_id", "channel_id"))
    incoming = [
        {
            "item_id": _known(row.item_id),
            "family_id": _known(row.family_id),
            "market_id": market,
            "site_id": row.site_id,
            "share": row.share,
            "priority": _known(row.priority) or 1,
            "freight": Decimal(_known(row.freight_per_unit) or 0) / RATE4_ONE,
        }
        for row in frame.itertuples(index=False)
        for market, region, channel in markets
        if row.region_id in (-1, region) and row.channel_id in (-1, channel)
    ]
    return replace_rows(Sourcing.objects.all(), key=["item_id", "family_id", "market_id", "site_id"], rows=incoming)


def _check_sourcing(frame: pd.DataFrame) -> list[Fault]:
    faults = []
    for row in frame[(frame["item_id"] != -1) & (frame["family_id"] != -1)].index:
        faults.append(
            Fault(int(row), "family", str(frame.at[row, "family"]), "sku and family are both given", "Keep one.")
        )
    for _, rows in frame.groupby(["item_id", "family_id", "region_id", "channel_id"]):
        given = [share for share in rows["share"] if share is not None]
        if given and (len(given) < len(rows) or sum(given) != 1):
            value = " + ".join(str(share) for share in given)
            reason = "the shares of a market must be given for every site and add to 1"
            faults.append(Fault(int(rows.index[0]), "share", value, reason, "Correct them or use priority."))
    return faults


SOURCING = Dataset(
    name="sourcing",
    title="Sourcing lanes",
    file_name="sourcing.csv",
    app="supply",
    order=350,
    columns=(
        Column("sku", "text", required=False, nullable=True, references="item"),
        Column("family", "text", required=False, nullable=True, references="family"),
        Column("market", "text", required=False, nullable=True, references="region"),
        Column("channel", "text", required=False, nullable=True, references="channel"),
        Column("site", "text", references="site"),
        Column("share", "decimal", required=False, nullable=True, minimum=0),
        Column("priority", "integer", required=False, nullable=True, minimum=1),
        Column("freight_per_unit", "rate", required=False, nullable=True, minimum=0, help="reporting currency"),
    ),
    key=("sku", "family", "market", "channel", "site"),
    duplicates="refuse",
    mandatory=False,
    grain="one site serving one market with an item, a family or everything",
    apply=_apply_sourcing,
    check=_check_sourcing,
)
