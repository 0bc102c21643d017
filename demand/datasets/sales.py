"""The sales file: one item in one market in one accounting month; equal keys add up."""

from __future__ import annotations

import pandas as pd

from catalog.models import Company, ImportBatch
from catalog.registry import Column, Dataset, Difference, Fault
from demand.services.actual_changes import restated_actuals
from demand.services.actuals import SalesCells, replace_months


def _check_history(frame: pd.DataFrame) -> list[Fault]:
    start = Company.objects.current().history_start
    early = frame[frame["month"] < start]
    return [
        Fault(
            int(row),
            "month",
            f"{month:%Y-%m}",
            f"lies before the company's history, which starts in {start:%Y-%m}.",
            "Leave the row out, or set the company's history start earlier before loading any sales.",
        )
        for row, month in early["month"].items()
    ]


def _apply_sales(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    cells = SalesCells(
        item_ids=frame["item_id"].to_numpy("int64"),
        market_ids=frame["market_id"].to_numpy("int64"),
        months=frame["month_index"].to_numpy("int64"),
        units=frame["units"].to_numpy("int64"),
        net_cents=frame["net_revenue"].to_numpy("int64"),
        list_cents=frame["list_value"].to_numpy("int64"),
        cogs_cents=frame["std_cogs"].to_numpy("int64"),
    )
    return replace_months(cells, batch)


SALES = Dataset(
    name="sales_monthly",
    title="Actual sales by month",
    file_name="sales_monthly.csv",
    app="demand",
    order=200,
    columns=(
        Column("month", "month", help="accounting month; a run that is dated on the 1st closes the month before"),
        Column("sku", "text", references="item"),
        Column("market", "text", references="region"),
        Column("channel", "text", references="channel"),
        Column("units", "units", help="negative: returns"),
        Column("list_value", "money", help="units at list price"),
        Column("net_revenue", "money", help="after every discount"),
        Column("std_cogs", "money", help="units at the standard cost of the day"),
    ),
    key=("month", "sku", "market", "channel"),
    duplicates="sum",
    mandatory=True,
    grain="one item sold in one market and channel in one accounting month",
    apply=_apply_sales,
    check=_check_history,
    restatements=restated_actuals,
)
