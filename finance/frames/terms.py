"""Opening balances, planned variances and channel costs as arrays of a plan's months."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catalog.calc.months import month_date, month_index
from cycles.models import Plan
from finance.calc.cogs import CashLine
from finance.models import ChannelCost, OpeningBalance, PlannedVariance

Ints = NDArray[np.int64]
RATE4 = 10_000


def load_balances(plan: Plan) -> dict[str, int]:
    """Open receivables and payables in cents at the end of the month before the plan, by kind, as far as given."""
    before = month_date(plan.first_month_index - 1)
    return dict(OpeningBalance.objects.filter(month=before).values_list("kind", "amount_cents"))


def load_variances(plan: Plan) -> list[tuple[int, int, CashLine, int | None, int | None]]:
    """Planned variances of the plan's months: (month position, family or 0, cash line, cents, millionths)."""
    last = month_date(plan.first_month_index + plan.horizon - 1)
    rows = PlannedVariance.objects.filter(month__gte=plan.first_month, month__lte=last)
    return [
        (_position(plan, month), family or 0, CashLine(line), amount, percent6)
        for month, family, line, amount, percent6 in rows.values_list(
            "month", "family_id", "cash_line", "amount_cents", "percent6"
        )
    ]


def load_channel_costs(plan: Plan, family_ids: ArrayLike, market_ids: ArrayLike) -> Ints:
    """Channel cost per unit of each series and month, the latest row in force, a family's before a market's.

    Args:
        plan: gives the months.
        family_ids, market_ids: aligned keys (n,).

    Returns:
        int64 (n, horizon) ten-thousandths of the reporting currency per unit; 0 where no row says otherwise.
    """
    families, markets = np.asarray(family_ids, np.int64), np.asarray(market_ids, np.int64)
    costs = np.zeros((len(markets), plan.horizon), dtype=np.int64)
    rows = ChannelCost.objects.values_list("market_id", "family_id", "first_month", "cost_per_unit")
    for market, family, first_month, cost in sorted(rows, key=lambda row: (row[1] is not None, row[2])):
        start = max(_position(plan, first_month), 0)
        chosen = (markets == market) & ((families == family) if family is not None else True)
        costs[chosen, start:] = int(cost * RATE4)
    return costs


def _position(plan: Plan, month: date) -> int:
    return month_index(month) - plan.first_month_index
