"""The budget of a fiscal year as rows per family or item and market."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.budget import BudgetLevels
from catalog.calc.budget import BudgetRows as FileRows
from catalog.frames.references import NONE, load_reference_rows
from catalog.models import ReferencePlan
from finance.calc.leaves import BudgetRows
from finance.calc.window import FiscalWindow

Ints = NDArray[np.int64]
LEVELS = ("item", "family", "category", "market", "region", "channel")


@dataclass(frozen=True)
class Budget:
    """One year's budget.

    `rows`: what the file gives per family or item and market, added up by key. `fine` are those rows as the file gave
    them, `coarse` the others (a region, a channel, a category, the company). `revenue_cents` and `cogs_cents` (12,)
    are the company's; COGS is None where the file does not say.
    """

    rows: BudgetRows
    fine: FileRows
    coarse: FileRows
    revenue_cents: Ints
    cogs_cents: Ints | None


def load_budget(window: FiscalWindow, family_of: dict[int, int]) -> Budget | None:
    """The budget of the window's fiscal year; None when the year has none.

    Args:
        window: the fiscal year.
        family_of: item → family.
    """
    frame = load_reference_rows(ReferencePlan.BUDGET, window.fiscal_year)
    if frame.empty:
        return None
    position = (frame["month"] - window.start).to_numpy()
    if ((position < 0) | (position >= 12)).any():
        frame, position = _inside(frame, position)
    revenue = np.bincount(position, weights=frame["revenue_cents"].to_numpy(), minlength=12).astype(np.int64)
    fine = (frame["market_id"] != NONE) & ((frame["item_id"] != NONE) | (frame["family_id"] != NONE))
    return Budget(
        rows=_rows(frame[fine], position[fine.to_numpy()], family_of),
        fine=_as_given(frame[fine], position[fine.to_numpy()]),
        coarse=_as_given(frame[~fine], position[~fine.to_numpy()]),
        revenue_cents=revenue,
        cogs_cents=_cogs(frame, position),
    )


def _inside(frame: pd.DataFrame, position: Ints) -> tuple[pd.DataFrame, Ints]:
    inside = (position >= 0) & (position < 12)
    return frame[inside], position[inside]


def _rows(frame: pd.DataFrame, position: Ints, family_of: dict[int, int]) -> BudgetRows:
    items = frame["item_id"].to_numpy()
    families = np.array(
        [family_of.get(int(i), 0) if i != NONE else int(f) for i, f in zip(items, frame["family_id"], strict=True)],
        dtype=np.int64,
    )
    keys = pd.MultiIndex.from_arrays([np.maximum(items, 0), families, frame["market_id"].to_numpy()])
    codes, unique = keys.factorize(sort=True)
    units, cents = np.zeros((len(unique), 12)), np.zeros((len(unique), 12), dtype=np.int64)
    np.add.at(units, (codes, position), frame["units_milli"].fillna(0).to_numpy(np.float64))
    np.add.at(cents, (codes, position), frame["revenue_cents"].to_numpy())
    return BudgetRows(
        items=unique.get_level_values(0).to_numpy(np.int64),
        families=unique.get_level_values(1).to_numpy(np.int64),
        markets=unique.get_level_values(2).to_numpy(np.int64),
        units=units,
        cents=cents,
    )


def _as_given(frame: pd.DataFrame, position: Ints) -> FileRows:
    keys = {name: frame[f"{name}_id"].to_numpy(np.int64) for name in LEVELS}
    return FileRows(
        levels=BudgetLevels(**keys),
        month=position.astype(np.int64),
        units=frame["units_milli"].fillna(0).to_numpy(np.float64),
        revenue=frame["revenue_cents"].to_numpy(np.int64),
        cogs=np.zeros(len(frame), np.int64),
    )


def _cogs(frame: pd.DataFrame, position: Ints) -> Ints | None:
    if frame["cogs_cents"].isna().any():
        return None
    return np.bincount(position, weights=frame["cogs_cents"].to_numpy(np.float64), minlength=12).astype(np.int64)
