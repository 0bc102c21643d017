"""The bridge's leaves, one row per leaf and month, with everything needed to recompute each driver."""

from __future__ import annotations

import pandas as pd

from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan
from finance.calc.bridge import Driver
from finance.frames.results import leaf_rows, load_bridge
from finance.selectors.ties import window_of

KEYS = ["item", "family", "category", "market", "region", "month", "uom", "rule", "flag", "whole_change"]
RATES = ["qb", "pb", "fb", "qu", "qa", "pa", "fa"]
AMOUNTS = ["budget", "upside", "landing", *(driver.value for driver in Driver)]


def load_leaf_months(plan: Plan) -> pd.DataFrame:
    """Every leaf of the plan's bridge, a row per month of the fiscal year.

    Columns: item ('' on the residual of a family), family, category, market, region, month (YYYY-MM), uom; rule (how
    the budget came here), flag ('', new, discontinued), whole_change (1: the mix group has no budget units); qb, qu, qa
    units of budget (unrounded), unconstrained, and constrained or actual; pb, pa price per unit in the market's
    currency (pb of a month without budget units is the leaf's average of the year); fb, fa reporting currency per unit
    of the market's; budget_cents, upside_cents, landing_cents and `<driver>_cents`, integers, reporting currency.
    """
    rows = leaf_rows(load_bridge(plan, fiscal_start=window_of(plan).start), load_hierarchy())
    rows["month"] = [f"{month:%Y-%m}" for month in rows["month"]]
    rows = rows.rename(columns={name: f"{name}_cents" for name in AMOUNTS})
    return rows[[*KEYS, *RATES, *(f"{name}_cents" for name in AMOUNTS)]]
