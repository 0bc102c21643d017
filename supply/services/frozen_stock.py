"""The stock of a plan as its snapshot keeps it, so that the inventory page of an approved plan stays what it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from catalog.calc.months import days_in_month, month_date
from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan
from cycles.registry import SectionRow
from supply.approved import approved_rows
from supply.services.lost_demand import LostDemand, lost_demand
from supply.services.stock_book import InventoryItem, StockBook, stock_book

WORD, BUDGET = "stock", "stock_budget"
BLOCKS = ("value", "least", "most", "wanted")
#: Milli-units and cents by month of what passes its shelf life.
EXPIRY = ("expired", "expired_value")
#: Fields of an item that are named or found again when it is read.
NOT_KEPT = ("item_id", "code")


def stock_rows(plan: Plan) -> Iterator[SectionRow]:
    """Per item what the inventory page says of it, its value and band by month, and the demand it lost; the budget.

    Fractions (service level, days, months) are text: a snapshot keeps no floats.
    """
    book = stock_book(plan)
    lost = lost_demand(plan, [row.item_id for row in book.rows if row.stranded])
    for at, row in enumerate(book.rows):
        kept = {f.name: _text(f.type, getattr(row, f.name)) for f in fields(row) if f.name not in NOT_KEPT}
        months = {f"{name}_cents": getattr(book, name)[at].tolist() for name in BLOCKS}
        gone = lost.get(row.item_id, LostDemand(0, ()))
        places = {"lost_units": gone.units, "lost_places": [place for place, _ in gone.places]}
        places["lost_place_units"] = [units for _, units in gone.places]
        yield SectionRow((WORD, row.code), kept | months | places | _expiry(book, at))
    for month, cents in sorted(book.budget.items()):
        yield SectionRow((BUDGET, f"{month_date(plan.first_month_index + month):%Y-%m}"), {"cents": cents})


def frozen_book(plan: Plan) -> StockBook | None:
    """The book of an approved plan; None while it is worked on. Items that are no more in the files are left out."""
    rows = approved_rows(plan, WORD)
    if rows is None:
        return None
    items = load_hierarchy().items
    key_of = dict(zip(items["code"].tolist(), items["item_id"].tolist(), strict=True))
    family_of = dict(zip(items["family"].tolist(), items["family_id"].tolist(), strict=True))
    kept = {code: row for (code,), row in rows.items() if code in key_of}
    first, shape = plan.first_month_index, (len(kept), -1)
    blocks = {name: np.array([row[f"{name}_cents"] for row in kept.values()], np.int64) for name in BLOCKS}
    none = [0] * plan.horizon
    blocks |= {name: np.array([row.get(name, none) for row in kept.values()], np.int64) for name in EXPIRY}
    budget = approved_rows(plan, BUDGET) or {}
    return StockBook(
        rows=tuple(_item(key_of[code], code, row) for code, row in kept.items()),
        families=tuple(family_of.get(row["family"], -1) for row in kept.values()),
        month_days=np.array([days_in_month(first + month) for month in range(plan.horizon)], np.int64),
        budget={_month(month) - first: row["cents"] for (month,), row in budget.items()},
        **{name: block.reshape(shape) for name, block in blocks.items()},
    )


def _expiry(book: StockBook, at: int) -> dict[str, list[int]]:
    """What an item loses to its shelf life by month; left out where nothing expires."""
    return {name: getattr(book, name)[at].tolist() for name in EXPIRY} if book.expired[at].any() else {}


def lost_demand_of(plan: Plan, items: list[InventoryItem]) -> dict[int, LostDemand]:
    """The demand that would have used the stranded items, by item key; of an approved plan as it was frozen."""
    rows = approved_rows(plan, WORD)
    if rows is None:
        return dict(lost_demand(plan, [row.item_id for row in items]))
    kept = {row.item_id: rows[(row.code,)] for row in items if (row.code,) in rows}
    return {
        key: LostDemand(row["lost_units"], tuple(zip(row["lost_places"], row["lost_place_units"], strict=True)))
        for key, row in kept.items()
        if row["lost_units"]
    }


def _item(key: int, code: str, row: dict[str, Any]) -> InventoryItem:
    kept = {f.name: _value(f.type, row.get(f.name)) for f in fields(InventoryItem) if f.name not in NOT_KEPT}
    return InventoryItem(item_id=key, code=code, **kept)


def _text(kind: object, value: Any) -> Any:
    return repr(float(value)) if "float" in str(kind) and value is not None else value


def _value(kind: object, value: Any) -> Any:
    return float(value) if "float" in str(kind) and value is not None else value


def _month(text: str) -> int:
    year, month = text.split("-")
    return int(year) * 12 + int(month) - 1
