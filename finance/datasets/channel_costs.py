"""channel_costs.csv: freight and channel cost per unit shipped to a market."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from catalog.models import ImportBatch, Market
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.table_rows import replace_rows
from finance.models import ChannelCost

RATE4 = Decimal(10_000)


def _markets() -> dict[tuple[int, int], int]:
    return {
        (region, channel): pk for pk, region, channel in Market.objects.values_list("id", "region_id", "channel_id")
    }


def _apply(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    markets = _markets()
    rows = [
        {
            "market_id": markets[int(row.region_id), int(row.channel_id)],
            "family_id": None if row.family_id < 0 else int(row.family_id),
            "first_month": row.first_month,
            "cost_per_unit": Decimal(int(row.cost_per_unit)) / RATE4,
        }
        for row in frame.itertuples(index=False)
    ]
    return replace_rows(ChannelCost.objects.all(), key=["market_id", "family_id", "first_month"], rows=rows)


def _check(frame: pd.DataFrame) -> list[Fault]:
    markets = _markets()
    return [
        Fault(int(row.Index), "market", str(row.market), "This market does not sell in this channel.", "Mend it.")
        for row in frame.itertuples()
        if (int(row.region_id), int(row.channel_id)) not in markets
    ]


CHANNEL_COSTS = Dataset(
    name="channel_costs",
    title="Channel costs",
    file_name="channel_costs.csv",
    app="finance",
    order=82,
    columns=(
        Column("market", "text", references="region"),
        Column("channel", "text", references="channel"),
        Column("family", "text", required=False, nullable=True, references="family", help="Blank: every family."),
        Column("first_month", "month"),
        Column("cost_per_unit", "rate", minimum=0, help="Reporting currency per unit shipped."),
    ),
    key=("market", "channel", "family", "first_month"),
    duplicates="refuse",
    mandatory=False,
    grain="One row is the cost per unit of a family in a market and channel from a month on.",
    apply=_apply,
    check=_check,
)
