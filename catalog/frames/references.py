"""Rows of a reference plan as one frame."""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog.calc.months import month_index
from catalog.models import ReferencePlan, ReferenceRow

NONE = -1
LEVELS = ["item_id", "family_id", "category_id", "market_id", "region_id", "channel_id"]
AMOUNTS = ["units_milli", "revenue_cents", "cogs_cents"]


def load_reference_rows(reference_code: str, fiscal_year: int, number: str = "") -> pd.DataFrame:
    """The rows of one reference plan as the file gave them, ordered by month and key.

    Args:
        reference_code: e.g. `ReferencePlan.BUDGET`.
        fiscal_year: named by its end.
        number: of a reforecast (FY2014-R1); '' takes the last one that was set.

    Returns:
        Columns month (month number), the keys of `LEVELS` (int64, −1 = that level is not given), revenue_cents
        (int64), units_milli and cogs_cents (Int64, NA = unknown) and basis. Empty when there is no such plan.
    """
    plans = ReferencePlan.objects.filter(code=reference_code, fiscal_year=fiscal_year)
    if number:
        plans = plans.filter(number=number)
    rows = ReferenceRow.objects.filter(plan=plans.order_by("-id").first())
    names = ["month", *LEVELS, *AMOUNTS, "basis"]
    frame = pd.DataFrame.from_records(list(rows.order_by("month", "id").values_list(*names)), columns=names)
    frame["month"] = np.array([month_index(day) for day in frame["month"]], np.int64)
    for level in LEVELS:
        frame[level] = frame[level].astype("Int64").fillna(NONE).astype(np.int64)
    for amount in AMOUNTS:
        frame[amount] = frame[amount].astype("Int64")
    frame["revenue_cents"] = frame["revenue_cents"].astype(np.int64)
    return frame
