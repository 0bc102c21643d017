"""planned_variances.csv: what is planned to cost more or less than standard, per family and month."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from catalog.models import ImportBatch
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.table_rows import replace_rows
from finance.calc.cogs import CashLine
from finance.models import PlannedVariance, VarianceKind

PERCENT6_PER_RATE4 = 100


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "family_id": None if row.family_id < 0 else int(row.family_id),
            "month": row.month,
            "kind": row.kind,
            "amount_cents": None if pd.isna(row.amount) else int(row.amount),
            "percent6": None if pd.isna(row.fraction) else int(row.fraction) * PERCENT6_PER_RATE4,
            "cash_line": row.cash_line,
        }
        for row in frame.itertuples(index=False)
    ]


def _apply(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    rows = _rows(frame)
    difference = replace_rows(PlannedVariance.objects.all(), key=["family_id", "month", "kind"], rows=rows)
    amount = sum(row["amount_cents"] or 0 for row in rows)
    return replace(difference, totals={"amount": f"{amount / 100:.2f}"})


def _check(frame: pd.DataFrame) -> list[Fault]:
    both = frame["amount"].isna() == frame["fraction"].isna()
    return [
        Fault(int(str(row)), "amount", "", "Give an amount or a fraction of standard, one of them.", "Fill one cell.")
        for row in frame.index[both]
    ]


PLANNED_VARIANCES = Dataset(
    name="planned_variances",
    title="Planned variances",
    file_name="planned_variances.csv",
    app="finance",
    order=80,
    columns=(
        Column("month", "month"),
        Column("family", "text", nullable=True, references="family", help="Blank: the whole company."),
        Column("kind", "text", choices=tuple(kind.value for kind in VarianceKind)),
        Column("amount", "money", required=False, nullable=True, help="Reporting currency; a cost is positive."),
        Column("fraction", "rate", required=False, nullable=True, help="Of the standard made; 0.02 is 2 %."),
        Column("cash_line", "text", choices=tuple(line.value for line in CashLine)),
    ),
    key=("month", "family", "kind"),
    duplicates="refuse",
    mandatory=False,
    grain="One row is one kind of variance of a family in a month.",
    apply=_apply,
    check=_check,
)
