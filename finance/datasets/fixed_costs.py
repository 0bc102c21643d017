"""fixed_costs.csv: cost lines below the gross margin, by month, with the month in which they are paid."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from catalog.models import ImportBatch
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.table_rows import replace_rows
from finance.models import FixedCost


def _apply(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    rows = [
        {
            "line": row.line,
            "month": row.month,
            "amount_cents": int(row.amount),
            "budget_cents": None if pd.isna(row.budget) else int(row.budget),
            "is_paid": not row.non_cash,
            "cash_month": row.cash_month,
        }
        for row in frame.itertuples(index=False)
    ]
    difference = replace_rows(FixedCost.objects.all(), key=["line", "month"], rows=rows)
    return replace(difference, totals={"amount": f"{sum(int(row['amount_cents']) for row in rows) / 100:.2f}"})


def _check(frame: pd.DataFrame) -> list[Fault]:
    both = frame["non_cash"].astype(bool) & frame["cash_month"].notna()
    reason, remedy = "A cost that is never paid has no month of payment.", "Leave one of the two blank."
    return [
        Fault(int(str(row)), "cash_month", f"{month:%Y-%m}", reason, remedy)
        for row, month in frame["cash_month"][both].items()
    ]


FIXED_COSTS = Dataset(
    name="fixed_costs",
    title="Fixed costs",
    file_name="fixed_costs.csv",
    app="finance",
    order=84,
    columns=(
        Column("line", "text", help="Name of the cost line, at most 80 letters."),
        Column("month", "month", help="The month that bears it; closed months as booked."),
        Column("amount", "money", help="Reporting currency; a cost is positive."),
        Column("budget", "money", required=False, nullable=True, help="What the budget gives the line."),
        Column("cash_month", "month", required=False, nullable=True, help="When it is paid; blank: in its month."),
        Column("non_cash", "flag", required=False, nullable=True, help="Y: never paid, as depreciation."),
    ),
    key=("line", "month"),
    duplicates="refuse",
    mandatory=False,
    grain="One row is one line of fixed cost in one month.",
    apply=_apply,
    check=_check,
)
