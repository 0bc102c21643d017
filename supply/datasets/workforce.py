"""The file of the people of the work centres."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pandas as pd

from catalog.calc.dollars import RATE4_ONE
from catalog.models import ImportBatch
from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.table_rows import replace_rows
from supply.models import WorkforceTerm


def _rate(value: object) -> Decimal:
    return Decimal(0) if pd.isna(value) else Decimal(int(value)) / RATE4_ONE  # type: ignore[call-overload]


def _apply_workforce(frame: pd.DataFrame, batch: ImportBatch) -> Difference:
    incoming = [
        {
            "work_centre_id": row.work_centre_id,
            "opening_heads": int(row.opening_heads),
            "hours_per_head": row.hours_per_head,
            "overtime_hours_per_head": row.overtime_hours_per_head or Decimal(0),
            "wage": _rate(row.wage),
            "hire_cost": _rate(row.hire_cost),
            "release_cost": _rate(row.release_cost),
            "least_heads": 0 if pd.isna(row.least_heads) else int(row.least_heads),
            "most_heads": None if pd.isna(row.most_heads) else int(row.most_heads),
        }
        for row in frame.itertuples(index=False)
    ]
    difference = replace_rows(WorkforceTerm.objects.all(), key=["work_centre_id"], rows=incoming)
    return replace(difference, totals={"heads": str(sum(row["opening_heads"] for row in incoming))})


def _check_workforce(frame: pd.DataFrame) -> list[Fault]:
    faults = []
    for row in frame.index:
        hours, most, least = frame.at[row, "hours_per_head"], frame.at[row, "most_heads"], frame.at[row, "least_heads"]
        if hours <= 0:
            reason = "a head without hours makes nothing"
            faults.append(Fault(int(row), "hours_per_head", str(hours), reason, "Give the hours of a month."))
        if not pd.isna(most) and not pd.isna(least) and most < least:
            reason = f"is below least_heads {int(least)}"
            faults.append(Fault(int(row), "most_heads", str(int(most)), reason, "Raise it or lower least_heads."))
    return faults


WORKFORCE = Dataset(
    name="workforce",
    title="Workforce",
    file_name="workforce.csv",
    app="supply",
    order=307,
    columns=(
        Column("work_centre", "text", references="work_centre"),
        Column("opening_heads", "integer", minimum=0, help="heads before the first open month"),
        Column("hours_per_head", "decimal", minimum=0, help="regular hours of one head a month"),
        Column("overtime_hours_per_head", "decimal", required=False, nullable=True, minimum=0, help="most a month"),
        Column("wage", "rate", minimum=0, help="reporting currency per head and month, paid whether they work or not"),
        Column("hire_cost", "rate", required=False, nullable=True, minimum=0, help="reporting currency per head"),
        Column("release_cost", "rate", required=False, nullable=True, minimum=0, help="reporting currency per head"),
        Column("least_heads", "integer", required=False, nullable=True, minimum=0),
        Column("most_heads", "integer", required=False, nullable=True, minimum=0, help="what room and machines allow"),
    ),
    key=("work_centre",),
    duplicates="refuse",
    mandatory=False,
    grain="the people of one work centre; its hours are then theirs, not those of its machines",
    apply=_apply_workforce,
    check=_check_workforce,
)
