"""Objective rates of the supply plan from standard costs, wages and prices, by stated company policy."""

from dataclasses import dataclass

import numpy as np

from supply.calc.demand_groups import GroupedDemand
from supply.calc.problem import Costs, Floats, Ints

RATE4 = 10_000.0
FX6 = 1_000_000.0
SMALLEST_HOLDING = 1e-4
SMALLEST_PENALTY = 1e-3


@dataclass(frozen=True)
class CostPolicy:
    """Company policy, shown on the supply page.

    Attributes:
        holding: Cost of keeping stock, fraction of the standard cost per month.
        expedite: Premium of a purchase inside the lead time, fraction of the standard cost.
        safety: Penalty for stock below the safety stock, fraction of the standard cost per month.
        margin_floor: A missing unit costs its margin, but at least this fraction of its standard cost, so that selling
            below standard is never a reason to let a customer wait.
        urgency: How much less a later shortage weighs, fraction per month; earlier demand is served first.
    """

    holding: float = 0.01
    expedite: float = 0.25
    safety: float = 0.03
    margin_floor: float = 0.10
    urgency: float = 0.0005


def steady(standard4: Ints) -> Floats:
    """The first known standard of each row in all its months (row, month), 0 where none is known.

    The plan weighs all months by one standard: a new standard next year is no reason to buy this year. Dollars are
    computed elsewhere with the standard of each month.

    Args:
        standard4: Ten-thousandths per unit (row, month), −1 missing.
    """
    first = np.argmax(standard4 >= 0, axis=1)
    known = np.maximum(standard4[np.arange(len(standard4)), first], 0)
    return np.asarray(np.broadcast_to(known[:, None], standard4.shape), dtype=np.float64)


@dataclass(frozen=True)
class NodeRates:
    """Per node: ``standard`` cost per unit (node, month); ``labour`` per unit at regular rates (node,);
    ``has_components`` whether material is consumed through a bill of materials (node,)."""

    standard: Floats
    labour: Floats
    has_components: np.ndarray[tuple[int], np.dtype[np.bool_]]


def objective_rates(
    rates: NodeRates, grouped: GroupedDemand, *, unit_revenue: Floats, overtime: Floats, policy: CostPolicy
) -> Costs:
    """All rates of the programme in reporting currency.

    make = labour (with components) or standard (without); buy = standard; expedite = standard × (1 + premium);
    shortage = max(net price, standard × (1 + floor)), less urgency per month: made and bought units cost at most their
    standard, so what a shortage costs is the lost margin, floored. The last month's safety layer is worth its standard
    on top, else the plan would live on its safety stock towards the end.

    Args:
        rates: Per node.
        grouped: Demand groups with lanes.
        unit_revenue: Net price in reporting currency per group (group, month).
        overtime: Premium per overtime hour (work centre, month).
        policy: Company policy.
    """
    standard, months = rates.standard, rates.standard.shape[1]
    make = np.where(rates.has_components[:, None], np.broadcast_to(rates.labour[:, None], standard.shape), standard)
    penalty = np.maximum(standard * policy.safety, SMALLEST_PENALTY)
    penalty[:, -1] += standard[:, -1] * (1.0 + policy.margin_floor / 2)
    served_at = np.zeros(unit_revenue.shape)
    np.maximum.at(served_at, grouped.groups.lane_group, standard[grouped.groups.lane_node])
    urgency = 1.0 - policy.urgency * np.arange(months)
    shortage = np.maximum(np.maximum(unit_revenue, served_at * (1.0 + policy.margin_floor)), SMALLEST_PENALTY)
    return Costs(
        make=make,
        buy=standard,
        expedite=np.maximum(standard * (1.0 + policy.expedite), SMALLEST_PENALTY),
        holding=np.maximum(standard * policy.holding, SMALLEST_HOLDING),
        safety_penalty=penalty,
        shortage=shortage * urgency,
        freight=grouped.freight + SMALLEST_PENALTY * grouped.groups.lane_rank,
        overtime=overtime,
    )


def group_revenue(grouped: GroupedDemand, net_price4: Ints, fx6: Ints) -> Floats:
    """Average net price per unit of each group in reporting currency (group, month), weighted by demand.

    A missing rate (below 0) counts as 0: the shortage then weighs its floored cost, and a gate reports the price.

    Args:
        grouped: Groups and their pieces.
        net_price4: Ten-thousandths of the market's currency per unit (leaf, month), −1 missing.
        fx6: Millionths of the reporting currency per market currency (leaf, month), −1 missing.
    """
    price = np.maximum(net_price4, 0) / RATE4 * np.maximum(fx6, 0) / FX6
    weight = np.maximum(grouped.piece_quantity.astype(np.float64), 1e-9)
    shape = grouped.groups.quantity.shape
    total, mass = np.zeros(shape), np.zeros(shape)
    np.add.at(total, grouped.piece_group, weight * price[grouped.piece_leaf])
    np.add.at(mass, grouped.piece_group, weight)
    return np.asarray(total / np.where(mass > 0, mass, 1.0), dtype=np.float64)
