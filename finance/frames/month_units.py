"""Units by month over the closed months of a plan's year and its whole horizon: wanted, landed, budgeted."""

from __future__ import annotations

import numpy as np

from catalog.calc.months import MONTHS_IN_YEAR, month_index
from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan
from cycles.selectors import Scope
from demand.frames import load_actuals, load_loaded_months
from finance.frames.landing_inputs import family_map
from finance.frames.results import load_money
from finance.frames.units import load_year_in_units

Months = dict[int, int]


def load_month_units(plan: Plan, scope: Scope) -> dict[str, Months]:
    """Milli-units per month number inside `scope`, of `wanted`, `landed` and `budget_units`.

    `wanted` is the consensus, `landed` what is shipped; in closed months both are what was sold, back to twelve months
    before the plan as far as sales were loaded. Budget units are those of the fiscal year. Before a landing the plan's months are absent.
    """
    wanted, landed = _open_months(plan, scope)
    sold = _closed_months(plan, scope)
    year = load_year_in_units(plan, scope)
    budget = {month_index(month): line.budget for month, line in zip(year.months, year.by_month, strict=True)}
    has_budget = any(budget.values())
    return {"wanted": sold | wanted, "landed": sold | landed, "budget_units": budget if has_budget else {}}


def _open_months(plan: Plan, scope: Scope) -> tuple[Months, Months]:
    items, markets, (wanted, shipped) = load_money(plan, "unconstrained_units", "shipped_units")
    if not len(items):
        return {}, {}
    seen = _seen(items, markets, scope)
    months = range(plan.first_month_index, plan.first_month_index + plan.horizon)
    return tuple(  # type: ignore[return-value]
        {month: int(total) for month, total in zip(months, block[seen].sum(axis=0), strict=True)}
        for block in (wanted, shipped)
    )


def _closed_months(plan: Plan, scope: Scope) -> Months:
    first, last = plan.first_month_index - MONTHS_IN_YEAR, plan.first_month_index - 1
    block = load_actuals(first, last)
    seen = _seen(block.item_ids.astype(np.int64), block.market_ids.astype(np.int64), scope)
    totals = dict(zip(range(first, last + 1), block.units[seen].sum(axis=0), strict=True))
    return {month: int(totals[month]) for month in sorted(load_loaded_months(first, last))}


def _seen(items: np.ndarray, markets: np.ndarray, scope: Scope) -> np.ndarray:
    family_of = family_map(load_hierarchy())
    families = np.array([family_of.get(int(item), 0) for item in items], dtype=np.int64)
    return scope.mask(families, markets)
