"""Dataset `opportunities`: the open deals of the CRM with their probability."""

from __future__ import annotations

import pandas as pd

from catalog.models import ImportBatch
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.table_rows import replace_rows
from demand.models import Opportunity


def _check(rows: pd.DataFrame) -> list[Fault]:
    one = (rows["item_id"] >= 0) == (rows["family_id"] >= 0)
    reason, remedy = "A deal is for an item or for a family, one of them.", "Fill one of the two."
    faults = [Fault(int(line), "family", str(code), reason, remedy) for line, code in rows.loc[one, "family"].items()]
    unsaid = rows[rows["units"].isna() & rows["amount"].isna()]
    reason, remedy = "The deal says neither units nor an amount.", "Fill one of the two."
    faults += [Fault(int(line), "units", "", reason, remedy) for line in unsaid.index]
    wrong = rows.loc[rows["probability"] > 10_000, "probability"]
    reason, remedy = "A probability lies between 0 and 1.", "Write 0.7 for 70 %."
    return faults + [
        Fault(int(line), "probability", f"{value / 10_000:g}", reason, remedy) for line, value in wrong.items()
    ]


def _apply(rows: pd.DataFrame, batch: ImportBatch) -> Difference:
    records = [
        {
            "code": row.id,
            "account": row.account,
            "item_id": row.item_id if row.item_id >= 0 else None,
            "family_id": row.family_id if row.family_id >= 0 else None,
            "market_id": row.market_id,
            "units_milli": None if pd.isna(row.units) else int(row.units),
            "amount_cents": None if pd.isna(row.amount) else int(row.amount),
            "close_month": row.close_month,
            "probability4": int(row.probability),
            "stage": row.stage,
            "owner": row.owner,
        }
        for row in rows.itertuples(index=False)
    ]
    return replace_rows(Opportunity.objects.all(), key=["code"], rows=records)


OPPORTUNITIES = Dataset(
    name="opportunities",
    title="CRM opportunities",
    file_name="opportunities.csv",
    app="demand",
    order=210,
    columns=(
        Column("id", "text", help="as the CRM names the deal"),
        Column("account", "text", help="the customer"),
        Column("market", "text", references="region"),
        Column("channel", "text", references="channel"),
        Column("family", "text", required=False, nullable=True, references="family", help="blank = the sku"),
        Column("sku", "text", required=False, nullable=True, references="item", help="blank = the family"),
        Column("close_month", "month", help="when its units are wanted"),
        Column("probability", "rate", minimum=0, help="0.7 is 70 %"),
        Column("units", "units", required=False, nullable=True, minimum=0, help="if it is won"),
        Column("amount", "money", required=False, nullable=True, minimum=0, help="if it is won; counts without units"),
        Column("stage", "text", required=False, nullable=True),
        Column("owner", "text", required=False, nullable=True),
    ),
    key=("id",),
    duplicates="refuse",
    mandatory=False,
    grain="one deal that is not signed yet",
    apply=_apply,
    check=_check,
)
