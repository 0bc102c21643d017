"""customer_terms.csv: how the customers of a region and channel pay, as shares of an invoice after days."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from catalog.models import ImportBatch
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.table_rows import replace_rows
from finance.calc.receivables import WHOLE
from finance.models import CustomerTerm

MOST_DAYS = 365


def _rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [
        {
            "region_id": int(row.region_id),
            "channel_id": None if row.channel_id < 0 else int(row.channel_id),
            "days": int(row.days),
            "share": Decimal(WHOLE if pd.isna(row.share) else int(row.share)).scaleb(-4),
        }
        for row in frame.itertuples(index=False)
    ]


def _apply(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    return replace_rows(CustomerTerm.objects.all(), key=["region_id", "channel_id", "days"], rows=_rows(frame))


def _check(frame: pd.DataFrame) -> list[Fault]:
    late = frame["days"] > MOST_DAYS
    faults = [
        Fault(int(str(row)), "days", str(days), f"Terms reach at most {MOST_DAYS} days.", "Correct the days.")
        for row, days in frame["days"][late].items()
    ]
    shares = frame["share"].fillna(WHOLE).astype("int64")
    remedy = "Let the shares of a market and channel add to 1; blank is the whole invoice."
    for _, rows in frame.groupby(["region_id", "channel_id"], sort=False):
        total = int(shares[rows.index].sum())
        if total != WHOLE or (shares[rows.index] == 0).any():
            first = rows.index[0]
            reason = f"The shares of one market and channel add to {total / WHOLE:g}, or one of them is 0."
            faults.append(Fault(int(str(first)), "share", f"{shares[first] / WHOLE:g}", reason, remedy))
    return faults


CUSTOMER_TERMS = Dataset(
    name="customer_terms",
    title="Customer terms",
    file_name="customer_terms.csv",
    app="finance",
    order=83,
    columns=(
        Column("market", "text", references="region"),
        Column("channel", "text", required=False, nullable=True, references="channel", help="Blank: every channel."),
        Column("days", "integer", minimum=0, help="From sale to payment, to 365."),
        Column(
            "share",
            "rate",
            required=False,
            nullable=True,
            minimum=0,
            help="Of every invoice, 0.40 is 40 %; blank: all.",
        ),
    ),
    key=("market", "channel", "days"),
    duplicates="refuse",
    mandatory=False,
    grain="One row is the share of the invoices of a market (and channel) that is paid after some days.",
    apply=_apply,
    check=_check,
)
