"""Opening balances, variances, channel costs, customer terms and fixed costs, as a plan's months need them."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catalog.calc.months import month_date, month_index
from catalog.models import Market
from cycles.models import Plan
from finance.calc.cogs import CashLine
from finance.calc.fixed_costs import FixedCostRow
from finance.calc.receivables import WHOLE, Terms
from finance.calc.variances import VarianceRow
from finance.models import ChannelCost, CustomerTerm, FixedCost, OpeningBalance, PlannedVariance

Ints = NDArray[np.int64]
RATE4 = 10_000


def load_balances(plan: Plan) -> dict[str, int]:
    """Receivables, payables and capitalised variances at the end of the month before the plan, cents by kind."""
    before = month_date(plan.first_month_index - 1)
    return dict(OpeningBalance.objects.filter(month=before).values_list("kind", "amount_cents"))


def load_variances(plan: Plan) -> tuple[VarianceRow, ...]:
    """Planned variances of the plan's months."""
    last = month_date(plan.first_month_index + plan.horizon - 1)
    rows = PlannedVariance.objects.filter(month__gte=plan.first_month, month__lte=last)
    return tuple(
        VarianceRow(_position(plan, month), family or 0, CashLine(line), amount, percent6)
        for month, family, line, amount, percent6 in rows.values_list(
            "month", "family_id", "cash_line", "amount_cents", "percent6"
        )
    )


def load_customer_terms(market_ids: ArrayLike, default_days: int) -> tuple[Terms, ...]:
    """The payment profile of each market (k,): of its region and channel, else its region, else the default days."""
    rows: dict[tuple[int, int | None], list[tuple[int, int]]] = {}
    for region, channel, days, share in CustomerTerm.objects.values_list("region_id", "channel_id", "days", "share"):
        rows.setdefault((region, channel), []).append((days, int(share * WHOLE)))
    places = {pk: (region, channel) for pk, region, channel in Market.objects.values_list("id", "region", "channel")}
    default = Terms(((default_days, WHOLE),), is_default=True)
    found = []
    for market in np.asarray(market_ids).tolist():
        region, channel = places[market]
        parts = rows.get((region, channel)) or rows.get((region, None))
        found.append(Terms(tuple(sorted(parts))) if parts else default)
    return tuple(found)


def load_fixed_costs(plan: Plan) -> tuple[FixedCostRow, ...]:
    """Every fixed cost given, positions from the plan's first month on (negative before it)."""
    rows = FixedCost.objects.order_by("line", "month")
    return tuple(
        FixedCostRow(line, _position(plan, month), _position(plan, cash or month) if is_paid else None, amount, budget)
        for line, month, cash, is_paid, amount, budget in rows.values_list(
            "line", "month", "cash_month", "is_paid", "amount_cents", "budget_cents"
        )
    )


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
