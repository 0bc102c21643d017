"""Demand that waits: whole deliveries of late and lost units per group, and who of its markets gets them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catalog.calc.rounding import largest_remainder, sum_by_group
from supply.calc.allocation import allocate
from supply.calc.demand_groups import GroupedDemand, ship_to_leaves
from supply.calc.parts.backlog import Backlog
from supply.calc.problem import MILLI, Floats, FractionalPlan, Ints, SupplyProblem

NEARLY = 1e-3
OPEN = 1e-7


@dataclass(frozen=True)
class Deliveries:
    """Milli-units (row, month) of groups or leaves: ``ship``; ``late`` open at the end of the month; ``lost`` for good.

    Ship + lost + late − late before = demand, in every month; nothing is late after the last one.
    """

    ship: Ints
    late: Ints
    lost: Ints


def backlog_terms(quantity: Ints, price: Floats, *, share: float, months: int) -> Backlog:
    """Terms of late delivery in the portal's plan.

    A unit late costs ``share`` of its net price a month. Open at the end of a month is at most the demand of the last
    ``months`` months: when the oldest is served first, nobody waits longer. What is open after the last month is short.

    Args:
        quantity: Milli-units (group, month). price: Net price in reporting currency per unit (group, month).
    """
    running = np.concatenate([np.zeros((len(quantity), 1)), np.cumsum(quantity, axis=1) / MILLI], axis=1)
    ends = np.arange(1, quantity.shape[1] + 1)
    limit = running[:, ends] - running[:, np.maximum(ends - months, 0)]
    limit[:, -1] = 0.0
    return Backlog(np.maximum(price, 0.0) * share, limit)


def whole_deliveries(problem: SupplyProblem, plan: FractionalPlan, quantum: Ints) -> Deliveries:
    """Whole deliveries of groups whose demand may wait (group, month).

    The running total of what is delivered is rounded down to whole quanta, so that it never runs ahead of what was made;
    where nothing is open or lost any more it is the whole demand.

    Args:
        quantum: Milli-units (group,).
    """
    demand = np.cumsum(problem.groups.quantity, axis=1)
    missing = np.cumsum(plan.short, axis=1) + plan.backlog
    served = missing <= OPEN * np.maximum(demand / MILLI, 1.0)
    sent = np.floor((demand / MILLI - missing) * MILLI / quantum[:, None] + NEARLY).astype(np.int64) * quantum[:, None]
    sent = np.maximum.accumulate(np.where(served, demand, np.clip(sent, 0, demand)), axis=1)
    return _split(demand, sent, plan)


def _split(demand: Ints, sent: Ints, plan: FractionalPlan) -> Deliveries:
    """Split what is not sent into lost and late, from running totals (group, month); nothing is late where the plan has
    nothing open, and lost never exceeds what stays unsent."""
    unsent = demand - sent
    ever = np.minimum.accumulate(unsent[:, ::-1], axis=1)[:, ::-1]
    lost = np.ceil(np.cumsum(plan.short, axis=1) * MILLI - NEARLY).astype(np.int64)
    is_open = plan.backlog > OPEN * np.maximum(demand / MILLI, 1.0)
    gone = np.minimum(np.maximum.accumulate(np.where(is_open, lost, unsent), axis=1), ever)
    gone[:, -1] = unsent[:, -1]
    first = np.zeros((len(demand), 1), np.int64)
    return Deliveries(np.diff(sent, axis=1, prepend=first), unsent - gone, np.diff(gone, axis=1, prepend=first))


def deliveries_to_leaves(grouped: GroupedDemand, whole: Deliveries, leaves: int) -> Deliveries:
    """What every market gets, and what it waits for or loses (leaf, month), from that of its group."""
    if whole.late.any():
        return _late_to_leaves(grouped, whole, leaves)
    ship = ship_to_leaves(grouped, whole.ship, leaves)
    asked = sum_by_group(grouped.piece_quantity, grouped.piece_leaf, leaves).astype(np.int64)
    return Deliveries(ship, np.zeros_like(ship), asked - ship)


def _late_to_leaves(grouped: GroupedDemand, whole: Deliveries, leaves: int) -> Deliveries:
    """Share the deliveries of groups over their markets (leaf, month), exact in every month.

    A month's delivery goes to what is open of each market, late units included, by the same rule as on time: the same
    share of it, or by ``piece_rank``; what is lost likewise, of what then stays open.
    """
    pieces = grouped.piece_quantity
    ship, late, lost = (np.zeros_like(pieces) for _ in range(3))
    for group in range(len(whole.ship)):
        members = np.flatnonzero(grouped.piece_group == group)
        open_before = np.zeros(len(members), np.int64)
        for month in range(pieces.shape[1]):
            wanted = open_before + pieces[members, month]
            rank = None if grouped.piece_rank is None else grouped.piece_rank[members, month]
            ship[members, month] = _shared(wanted, int(whole.ship[group, month]), rank)
            rest = wanted - ship[members, month]
            lost[members, month] = largest_remainder(rest.astype(np.float64), np.int64(whole.lost[group, month]))
            late[members, month] = open_before = rest - lost[members, month]
    return Deliveries(*(sum_by_group(part, grouped.piece_leaf, leaves).astype(np.int64) for part in (ship, late, lost)))


def _shared(wanted: Ints, units: int, rank: Floats | None) -> Ints:
    return allocate(wanted, units, np.zeros(len(wanted)) if rank is None else rank)
