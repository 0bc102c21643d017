"""The file of production lots."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from catalog.models import ImportBatch, Item
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.table_rows import replace_rows
from supply.models import ProductionLot


def _apply_lots(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    incoming = [{"item_id": row.item_id, "quantity": int(row.lot)} for row in frame.itertuples(index=False)]
    difference = replace_rows(ProductionLot.objects.all(), key=["item_id"], rows=incoming)
    return replace(difference, totals={"items with a lot": str(len(incoming))})


def _check_lots(frame: pd.DataFrame) -> list[Fault]:
    made = set(Item.objects.filter(make_or_buy=Item.Source.MAKE).values_list("id", flat=True))
    decimals = dict(Item.objects.values_list("id", "plan_decimals"))
    faults = []
    for row, item, lot, code in zip(frame.index, frame["item_id"], frame["lot"], frame["sku"], strict=True):
        if item not in made:
            faults.append(Fault(int(row), "sku", str(code), "it is not made", "Remove the row."))
        elif lot <= 0 or lot % 10 ** (3 - decimals[item]):
            reason = f"is no lot of an item that is planned with {decimals[item]} decimals"
            faults.append(Fault(int(row), "lot", f"{lot / 1000:g}", reason, "Give a multiple of its planning step."))
    return faults


PRODUCTION_LOTS = Dataset(
    name="production_lots",
    title="Production lots",
    file_name="production_lots.csv",
    app="supply",
    order=346,
    columns=(
        Column("sku", "text", references="item"),
        Column("lot", "units", minimum=0, help="made in multiples of it where order_lots is whole"),
    ),
    key=("sku",),
    duplicates="refuse",
    mandatory=False,
    grain="the lot of one made item",
    apply=_apply_lots,
    check=_check_lots,
)
