"""What a plan is worth: revenue, margin, stock, cash and service of a whole plan, in exact cents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catalog.calc.dollars import FX6_ONE, to_cents
from catalog.calc.rounding import round_half_away
from supply.calc.demand_groups import GroupedDemand
from supply.calc.late_delivery import deliveries_to_leaves
from supply.calc.overtime_split import overtime_premium_cents, unit_premium_cents
from supply.calc.problem import MILLI, Ints, SupplyProblem
from supply.calc.whole_plan import WholePlan


@dataclass(frozen=True)
class Rates:
    """Rates of the dollars: ``net_price4``, ``fx6`` and ``standard4`` (leaf, month), ``node_standard4`` (node, month);
    ten-thousandths and millionths, −1 = missing, which counts as 0 here and is a finding of the data stage."""

    net_price4: Ints
    fx6: Ints
    standard4: Ints
    node_standard4: Ints


@dataclass(frozen=True)
class PlanMoney:
    """Cents over the plan's months: ``revenue`` of what is shipped, ``margin`` = revenue − standard cost of it − overtime
    premium − expediting − freight, ``stock`` value at the end of each month (month,); ``ship`` and ``short`` milli-units
    (leaf, month)."""

    revenue: int
    margin: int
    stock: Ints
    ship: Ints
    short: Ints


@dataclass(frozen=True)
class MoneyChange:
    """A plan against the present one. Cents, positive = more: ``revenue``, ``margin``, ``inventory`` (of the month in
    which it differs most, number ``inventory_month``), ``cash`` to the end of the plan (margin − change of closing
    stock); ``service`` in hundredths of a percentage point of the demand; ``short`` milli-units."""

    revenue: int
    margin: int
    inventory: int
    inventory_month: int
    cash: int
    service: int
    short: int


def plan_money(problem: SupplyProblem, grouped: GroupedDemand, whole: WholePlan, rates: Rates) -> PlanMoney:
    """Money of a plan, rounded once per cell. Cost-to-serve: overtime, expediting and freight; what is the same in two
    plans (subcontracted units that are pinned already) is left out.

    Args:
        problem, grouped: What the plan was computed for. whole: The plan. rates: See ``Rates``.
    """
    ship = deliveries_to_leaves(grouped, whole.deliveries, len(rates.net_price4)).ship
    asked = np.zeros_like(ship)
    np.add.at(asked, grouped.piece_leaf, grouped.piece_quantity)
    known = (rates.net_price4 >= 0) & (rates.fx6 > 0)
    price, fx = np.where(known, rates.net_price4, 0), np.where(known, rates.fx6, FX6_ONE)
    revenue = int(to_cents(ship, price, fx).sum())
    cost = int(to_cents(ship, np.maximum(rates.standard4, 0)).sum())
    expedite = unit_premium_cents(whole.expedite, problem.costs.expedite - problem.costs.buy)
    freight = round_half_away(whole.flow / MILLI * problem.freight[:, None] * 100.0)
    serve = int(overtime_premium_cents(problem, whole).sum() + expedite.sum() + freight.sum())
    stock = to_cents(whole.inventory, np.maximum(rates.node_standard4, 0)).sum(axis=0)
    return PlanMoney(revenue, revenue - cost - serve, stock, ship, asked - ship)


def money_change(plan: PlanMoney, present: PlanMoney, *, extra_cost: int = 0) -> MoneyChange:
    """The difference between two plans of the same demand; ``extra_cost`` cents comes off margin and cash."""
    stock = plan.stock - present.stock
    month = int(np.argmax(np.abs(stock)))
    margin = plan.margin - present.margin - extra_cost
    demand = int(present.ship.sum() + present.short.sum())
    served = int(plan.ship.sum() - present.ship.sum())
    return MoneyChange(
        revenue=plan.revenue - present.revenue,
        margin=margin,
        inventory=int(stock[month]),
        inventory_month=month,
        cash=margin - int(stock[-1]),
        service=round(10_000 * served / demand) if demand else 0,
        short=int(plan.short.sum() - present.short.sum()),
    )
