"""balances.csv: open receivables, payables and capitalised variances at the end of closed months."""

from __future__ import annotations

import pandas as pd

from catalog.models import ImportBatch
from catalog.registry import Column, Dataset, Difference
from catalog.services.table_rows import replace_rows
from finance.models import OpeningBalance


def _apply(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    rows = [
        {"kind": row.kind, "month": row.month, "amount_cents": int(row.amount)} for row in frame.itertuples(index=False)
    ]
    return replace_rows(OpeningBalance.objects.all(), key=["kind", "month"], rows=rows)


BALANCES = Dataset(
    name="balances",
    title="Opening balances",
    file_name="balances.csv",
    app="finance",
    order=81,
    columns=(
        Column("month", "month", help="The closed month at whose end the balance stood."),
        Column(
            "kind", "text", choices=("receivables", "payables", "variances"), help="variances: what stock holds of them"
        ),
        Column("amount", "money", help="Reporting currency."),
    ),
    key=("month", "kind"),
    duplicates="refuse",
    mandatory=False,
    grain="One row is one balance at the end of one month.",
    apply=_apply,
)
