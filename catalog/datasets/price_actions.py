"""Dataset `price_actions`: events that move price and units together, and mere price changes."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from catalog.models import ImportBatch, PriceAction
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.table_rows import replace_rows

KEY = ["event", "market_id", "family_id", "item_id", "first_month"]


def _check(rows: pd.DataFrame) -> list[Fault]:
    one = (rows["item_id"] >= 0) == (rows["family_id"] >= 0)
    reason, remedy = "An action is for an item or for a family, one of them.", "Fill one of the two."
    faults = [Fault(int(line), "family", str(code), reason, remedy) for line, code in rows.loc[one, "family"].items()]
    wrong = rows.loc[rows["discount"].abs() >= 10_000, "discount"]
    reason, remedy = "A discount is a fraction between -1 and 1.", "Write 0.10 for 10 % less, -0.05 for 5 % more."
    faults += [Fault(int(line), "discount", str(value / 10_000), reason, remedy) for line, value in wrong.items()]
    late = rows.loc[rows["last_month_index"] < rows["first_month_index"], "last_month"]
    reason, remedy = "The action ends before it begins.", "Correct one of the two months."
    return faults + [Fault(int(line), "last_month", f"{day:%Y-%m}", reason, remedy) for line, day in late.items()]


def _apply(rows: pd.DataFrame, batch: ImportBatch) -> Difference:
    records = [
        {
            "event": row.event,
            "name": row.name,
            "market_id": row.market_id,
            "family_id": row.family_id if row.family_id >= 0 else None,
            "item_id": row.item_id if row.item_id >= 0 else None,
            "first_month": row.first_month,
            "last_month": row.last_month,
            "fraction": Decimal(int(row.discount)).scaleb(-4),
            "lift_milli": 0 if pd.isna(row.lift_units) else int(row.lift_units),
        }
        for row in rows.itertuples(index=False)
    ]
    return replace_rows(PriceAction.objects.filter(is_entered=False), key=KEY, rows=records)


PRICE_ACTIONS = Dataset(
    name="price_actions",
    title="Promotions and price actions",
    file_name="price_actions.csv",
    app="catalog",
    order=75,
    columns=(
        Column("event", "text", help="code, at most 40 letters; all lines of one event are planned together"),
        Column("name", "text"),
        Column("market", "text", references="region"),
        Column("channel", "text", references="channel"),
        Column("family", "text", required=False, nullable=True, references="family", help="blank = the sku"),
        Column("sku", "text", required=False, nullable=True, references="item", help="blank = the whole family"),
        Column("first_month", "month"),
        Column("last_month", "month"),
        Column("discount", "rate", help="fraction off the usual net price; negative = a price rise"),
        Column(
            "lift_units",
            "units",
            required=False,
            nullable=True,
            minimum=0,
            help="units the line adds in each month; an event without any is a mere price change",
        ),
    ),
    key=("event", "market", "channel", "family", "sku", "first_month"),
    duplicates="refuse",
    mandatory=False,
    grain="what an event does to the price and units of an item or family in a market, over some months",
    apply=_apply,
    check=_check,
)
