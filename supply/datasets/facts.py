"""Files of what happened: stock on hand and production."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from catalog.models import ImportBatch, Item, Site
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.table_rows import replace_rows
from supply.models import ProductionActual, StockOnHand, WorkCentre


def _apply_inventory(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    """Locations are added up per site: a site's code, a work centre's code, else MAIN. Replaces the days of the file."""
    sites = dict(Site.objects.values_list("code", "id"))
    places = {**dict(WorkCentre.objects.values_list("code", "site_id")), **sites}
    rows = frame.assign(site_id=frame["location"].map(places).fillna(sites[Site.MAIN]).astype(np.int64))
    summed = rows.groupby(["item_id", "site_id", "as_of"], as_index=False)["on_hand"].sum()
    incoming = [
        {"item_id": row.item_id, "site_id": row.site_id, "as_of": row.as_of, "quantity": row.on_hand}
        for row in summed.itertuples(index=False)
    ]
    days = sorted(set(frame["as_of"]))
    difference = replace_rows(
        StockOnHand.objects.filter(as_of__in=days), key=["item_id", "site_id", "as_of"], rows=incoming
    )
    units = f"{int(frame['on_hand'].sum()) / 1000:,.3f}"
    return replace(difference, totals={"units on hand": units, "as of": ", ".join(map(str, days))})


def _check_inventory(frame: pd.DataFrame) -> list[Fault]:
    services = set(Item.objects.filter(is_service=True).values_list("id", flat=True))
    kept = frame[frame["item_id"].isin(services) & (frame["on_hand"] != 0)]
    return [
        Fault(int(row), "sku", str(frame.at[row, "sku"]), "A service cannot be stocked.", "Remove the row.")
        for row in kept.index
    ]


INVENTORY = Dataset(
    name="inventory",
    title="Stock on hand",
    file_name="inventory.csv",
    app="supply",
    order=360,
    columns=(
        Column("sku", "text", references="item"),
        Column("location", "text", required=False, nullable=True),
        Column("on_hand", "units", minimum=0),
        Column("as_of", "date"),
    ),
    key=("sku", "location", "as_of"),
    duplicates="refuse",
    mandatory=False,
    grain="one item at one location at the end of a day",
    apply=_apply_inventory,
    check=_check_inventory,
)


def _apply_production(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    main = Site.objects.get(code=Site.MAIN).pk
    incoming = [
        {
            "item_id": row.item_id,
            "site_id": row.site_id if row.site_id > 0 else main,
            "month": row.month,
            "good_milli": row.units_good,
            "scrapped_milli": row.units_scrapped,
            "hours_milli": round(row.hours * 1000),
            "conversion_cents": row.conversion_cost,
        }
        for row in frame.itertuples(index=False)
    ]
    months = sorted(set(frame["month"]))
    difference = replace_rows(
        ProductionActual.objects.filter(month__in=months), key=["item_id", "site_id", "month"], rows=incoming
    )
    good = f"{int(frame['units_good'].sum()) / 1000:,.3f}"
    return replace(difference, totals={"units good": good, "months": str(len(months))})


PRODUCTION = Dataset(
    name="production_monthly",
    title="Production by month",
    file_name="production_monthly.csv",
    app="supply",
    order=370,
    columns=(
        Column("month", "month"),
        Column("sku", "text", references="item"),
        Column("site", "text", required=False, nullable=True, references="site"),
        Column("units_good", "units"),
        Column("units_scrapped", "units"),
        Column("hours", "decimal"),
        Column("conversion_cost", "money"),
    ),
    key=("month", "sku", "site"),
    duplicates="refuse",
    mandatory=False,
    grain="one item made in one closed month",
    apply=_apply_production,
)
