"""Dataset `products`: items with their families and categories. Items are added and changed, never removed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pandas as pd

from catalog.models import Category, Family, ImportBatch, Item
from catalog.registry import (
    Column,
    Dataset,
    Difference,
    Fault,
    FileRefused,
    items_with_history,
)
from catalog.services.table_rows import merge_rows

DEFAULT_PLAN_DECIMALS = 2
CODE_LENGTH = 40


def _check(rows: pd.DataFrame) -> list[Fault]:
    return [
        *_faults(rows, rows["sku"].str.len() > CODE_LENGTH, "sku", "A code has at most 40 characters.", "Shorten it."),
        *_family_faults(rows),
        *_life_faults(rows),
        *_service_faults(rows),
    ]


def _service_faults(rows: pd.DataFrame) -> list[Fault]:
    kept = rows["service"] & (rows["safety_stock"].fillna(0) > 0)
    return _faults(rows, kept, "safety_stock", "A service cannot be stocked.", "Leave it blank, or drop `service`.")


def _family_faults(rows: pd.DataFrame) -> list[Fault]:
    named = rows["family"] != ""
    homeless = rows["sold"] & ~named
    uncategorised = named & (rows["category"] == "")
    first_category = rows[named].groupby("family")["category"].first()
    moved = named & (rows["family"].map(first_category) != rows["category"])
    return [
        *_faults(rows, homeless, "family", "An item that is sold has no family.", "Name its family."),
        *_faults(rows, uncategorised, "category", "The family has no category.", "Name its category."),
        *_faults(rows, moved, "category", "The family is in two categories.", "Give it one category."),
    ]


def _life_faults(rows: pd.DataFrame) -> list[Fault]:
    lives = zip(rows["sell_start"], rows["sell_end"], strict=True)
    backwards = pd.Series([bool(end and start and end < start) for start, end in lives], index=rows.index, dtype=bool)
    return [
        *_faults(rows, backwards, "sell_end", "The item ends before it starts.", "Correct one of the dates."),
        *_other_item_faults(rows, "successor", "The successor is not in the file.", "The item is its own successor."),
        *_other_item_faults(rows, "like_item", "The like item is not in the file.", "The item is its own like item."),
    ]


def _other_item_faults(rows: pd.DataFrame, column: str, stranger: str, itself: str) -> list[Fault]:
    named = rows[column] != ""
    unknown = named & ~rows[column].isin(set(rows["sku"]))
    own = named & (rows[column] == rows["sku"])
    return [
        *_faults(rows, unknown, column, stranger, "Add it, or correct the code."),
        *_faults(rows, own, column, itself, "Name another item."),
    ]


def _apply(rows: pd.DataFrame, batch: ImportBatch) -> Difference:
    _refuse_changed_units(rows)
    families = _merge_families(rows)
    known = dict(Item.objects.values_list("code", "id"))
    records = [_record(row, families, known) for row in rows.to_dict("records")]
    difference = merge_rows(Item.objects.all(), key=["code"], rows=records)
    changed = min(_name_new_items(rows), difference.unchanged)
    sold = int(rows["sold"].sum())
    kept = Item.objects.count() - len(rows)
    totals = {
        "items": str(len(rows)),
        "sold": str(sold),
        "families": str(len(families)),
    }
    if kept:
        totals["kept though not in the file"] = str(kept)
    return replace(
        difference,
        changed=difference.changed + changed,
        unchanged=difference.unchanged - changed,
        totals=totals,
    )


def _record(row: dict[str, object], families: dict[str, int], known: dict[str, int]) -> dict[str, object]:
    decimals, lead_time, stock = (
        row["plan_decimals"],
        row["lead_days"],
        row["safety_stock"],
    )
    cost = row["standard_cost"]
    return {
        "code": row["sku"],
        "name": row["name"],
        "family_id": families.get(str(row["family"])),
        "uom": row["uom"],
        "plan_decimals": DEFAULT_PLAN_DECIMALS if pd.isna(decimals) else int(str(decimals)),
        "make_or_buy": str(row["make_buy"]).lower(),
        "is_sold": row["sold"],
        "is_finished": row["finished_good"],
        "is_service": row["service"],
        "launch_date": row["sell_start"],
        "end_date": row["sell_end"],
        "successor_id": known.get(str(row["successor"])),
        "like_item_id": known.get(str(row["like_item"])),
        "lead_time_days": 0 if pd.isna(lead_time) else int(str(lead_time)),
        "safety_stock_milli": 0 if pd.isna(stock) else int(str(stock)),
        "undated_cost": None if pd.isna(cost) else Decimal(int(str(cost))).scaleb(-4),
    }


def _merge_families(rows: pd.DataFrame) -> dict[str, int]:
    """Bring categories and families to the file; returns family code → key for the families of the file."""
    named = rows.loc[rows["family"] != "", ["family", "category"]].drop_duplicates("family").to_dict("records")
    codes = list(dict.fromkeys(pair["category"] for pair in named))
    merge_rows(
        Category.objects.all(),
        key=["code"],
        rows=[{"code": code, "name": code} for code in codes],
    )
    categories = dict(Category.objects.values_list("code", "id"))
    records = [
        {
            "code": pair["family"],
            "name": pair["family"],
            "category_id": categories[pair["category"]],
        }
        for pair in named
    ]
    merge_rows(Family.objects.all(), key=["code"], rows=records)
    wanted = {pair["family"] for pair in named}
    return {code: key for code, key in Family.objects.values_list("code", "id") if code in wanted}


def _name_new_items(rows: pd.DataFrame) -> int:
    """Set the successors and like items that this very file adds, now that all are there; how many items changed."""
    keys = dict(Item.objects.values_list("code", "id"))
    wanted = {row["sku"]: (keys.get(row["successor"]), keys.get(row["like_item"])) for row in rows.to_dict("records")}
    items = Item.objects.filter(code__in=wanted)
    moved = [item for item in items if (item.successor_id, item.like_item_id) != wanted[item.code]]
    for item in moved:
        item.successor_id, item.like_item_id = wanted[item.code]
    Item.objects.bulk_update(moved, ["successor", "like_item"], batch_size=1000)
    return len(moved)


def _refuse_changed_units(rows: pd.DataFrame) -> None:
    """A unit of measure of an item with history must not change: its past would silently mean something else."""
    before = {code: (key, uom) for code, key, uom in Item.objects.values_list("code", "id", "uom")}
    fixed = items_with_history()
    faults = [
        Fault(
            int(line),
            "uom",
            uom,
            f"The item has history in {before[sku][1]}.",
            "Make a new item for another unit.",
        )
        for line, sku, uom in zip(rows.index, rows["sku"], rows["uom"], strict=True)
        if sku in before and before[sku][0] in fixed and before[sku][1] != uom
    ]
    if faults:
        raise FileRefused(faults)


def _faults(rows: pd.DataFrame, wrong: pd.Series[bool], column: str, reason: str, remedy: str) -> list[Fault]:
    return [Fault(int(line), column, str(value), reason, remedy) for line, value in rows.loc[wrong, column].items()]


PRODUCTS = Dataset(
    name="products",
    title="Products",
    file_name="products.csv",
    app="catalog",
    order=40,
    columns=(
        Column("sku", "text"),
        Column("name", "text"),
        Column("category", "text", nullable=True, help="blank for components"),
        Column("family", "text", nullable=True, help="blank for components"),
        Column("uom", "text"),
        Column("make_buy", "text", choices=("MAKE", "BUY")),
        Column("finished_good", "flag"),
        Column("sold", "flag"),
        Column(
            "service",
            "flag",
            required=False,
            nullable=True,
            help="Y: hours or appointments, delivered in their month, never stocked; blank or absent = goods",
        ),
        Column(
            "standard_cost",
            "rate",
            required=False,
            nullable=True,
            minimum=0,
            help="counts without cost history",
        ),
        Column("safety_stock", "units", required=False, nullable=True, minimum=0),
        Column("lead_days", "integer", required=False, nullable=True, minimum=0),
        Column("sell_start", "date", nullable=True),
        Column("sell_end", "date", nullable=True, help="last day; blank = open"),
        Column(
            "successor",
            "text",
            required=False,
            nullable=True,
            help="sku that takes over its budget",
        ),
        Column(
            "like_item",
            "text",
            required=False,
            nullable=True,
            help="sku whose sales a new item begins like",
        ),
        Column(
            "plan_decimals",
            "integer",
            required=False,
            nullable=True,
            minimum=0,
            help="0 to 3; else 2",
        ),
    ),
    key=("sku",),
    duplicates="refuse",
    mandatory=True,
    grain="an item",
    apply=_apply,
    check=_check,
)
