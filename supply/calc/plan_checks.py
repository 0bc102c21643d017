"""What stands in the way of a plan, found from its inputs before anything is solved: hours, suppliers, material."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from supply.calc.capacity import required_hours
from supply.calc.netting import Netted, contained_in, netted_requirement
from supply.calc.parts.shifts import shift_limit
from supply.calc.problem import Flags, Floats, Ints, SupplyProblem
from supply.calc.requirement import preferred_nodes

LEAST = 1e-6


class CheckKind(StrEnum):
    """What a check found, in the order of the page."""

    PINNED_HOURS = "pinned_hours"
    HOURS = "hours"
    HOURS_AHEAD = "hours_ahead"
    NO_SOURCE = "no_source"
    SUPPLIER = "supplier"
    SUPPLIER_AHEAD = "supplier_ahead"
    LEAD_TIME = "lead_time"
    BOM_ENDED = "bom_ended"
    NO_BOM = "no_bom"
    NO_ROUTING = "no_routing"
    NO_SUPPLIER = "no_supplier"
    NO_LEAD_TIME = "no_lead_time"
    NO_COST = "no_cost"


OF_CENTRES = frozenset({CheckKind.PINNED_HOURS, CheckKind.HOURS, CheckKind.HOURS_AHEAD})


@dataclass(frozen=True)
class KnownNodes:
    """What is on file of every node (node,): an active ``supplier``, a ``lead_time`` above 0 days, a standard ``cost``."""

    supplier: Flags
    lead_time: Flags
    cost: Flags


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way: ``subject`` is a work centre (``OF_CENTRES``) or a node; ``quantity`` hours or units that
    are lacking in ``first`` … ``last`` (month numbers); ``revenue`` of the demand that waits for them, reporting
    currency; ``unpriced`` units of that demand have no price and are in no revenue."""

    kind: CheckKind
    subject: int
    first: int
    last: int
    quantity: float
    revenue: float
    unpriced: float


@dataclass(frozen=True)
class PlanChecks:
    """Everything that was found, by kind and revenue; hours (work centre, month) ``needed`` net of stock and the ``limit``
    with overtime, of the people who are there where people are modelled; requirements as netted."""

    obstacles: tuple[Obstacle, ...]
    needed: Floats
    limit: Floats
    netted: Netted


def check_plan(problem: SupplyProblem, known: KnownNodes, price: Floats) -> PlanChecks:
    """Check the inputs of a plan without solving it.

    Args:
        problem: The supply problem.
        known: What is on file of every node.
        price: Net price in reporting currency per unit of each group (group, month), 0 = none known.

    Raises:
        CircularBillOfMaterialsError: An item contains itself; nothing can be exploded.
    """
    netted = netted_requirement(problem)
    centres = problem.centres
    limit, most = _limits(problem)
    needed = required_hours(
        np.where(problem.nodes.can_make[:, None], netted.net, 0.0), problem.routing, len(centres.labels)
    )
    waiting = _Waiting(problem, netted, price)
    certain = beyond(_tied_hours(problem), most)[1]
    found = [*_hours(problem, needed, (limit, most, certain), waiting), *_suppliers(problem, netted, waiting)]
    found += _material(problem, netted, known, waiting)
    order = list(CheckKind)
    found.sort(key=lambda row: (order.index(row.kind), -row.revenue, -row.quantity))
    return PlanChecks(tuple(found), needed, limit, netted)


def _limits(problem: SupplyProblem) -> tuple[Floats, Floats]:
    """Hours with overtime (work centre, month): with the people there are, and with as many as there may be."""
    limit, people = problem.centres.regular + problem.centres.overtime_limit, problem.choices.people
    limit = limit + shift_limit(problem)
    if people is None:
        return limit, limit
    there, most = np.zeros_like(limit), np.zeros_like(limit)
    hours = people.hours + people.overtime_hours
    np.add.at(there, people.centre, hours * people.opening[:, None])
    np.add.at(most, people.centre, hours * people.most)
    return limit + there, limit + most


def _tied_hours(problem: SupplyProblem) -> Floats:
    """Hours (work centre, month) that no plan moves elsewhere: without demand that another site or a subcontractor may
    serve at some level, and without operations that may be done at another work centre."""
    groups, routing, choices = problem.groups, problem.routing, problem.choices
    movable: Flags = np.asarray(np.bincount(groups.lane_group, minlength=len(groups.labels)) > 1)
    if choices.subcontract is not None:
        given = np.flatnonzero((choices.subcontract.limit > 0).any(axis=1))
        above = np.asarray(contained_in(problem.bom, problem.nodes.labels)[given].any(axis=0))
        movable |= above[preferred_nodes(groups)]
    tied = replace(problem, groups=replace(groups, quantity=np.where(movable[:, None], 0, groups.quantity)))
    hours = routing.hours.copy()
    if choices.alternatives is not None:
        hours[choices.alternatives.line] = 0.0
    made = np.where(problem.nodes.can_make[:, None], netted_requirement(tied).net, 0.0)
    return required_hours(made, replace(routing, hours=hours), len(problem.centres.labels))


class _Waiting:
    """Revenue of the demand that waits for nodes: their own and that of everything they go into."""

    def __init__(self, problem: SupplyProblem, netted: Netted, price: Floats) -> None:
        groups = problem.groups
        self._reach = contained_in(problem.bom, problem.nodes.labels)
        units = groups.quantity / 1000.0
        share = np.zeros_like(netted.own)
        free = np.zeros_like(netted.own)
        first = preferred_nodes(groups)
        np.add.at(share, first, units * price)
        np.add.at(free, first, np.where(price > 0, 0.0, units))
        self._revenue, self._free = share, free

    def obstacle(self, kind: CheckKind, subject: int, lacking: Floats, *, of: Floats, nodes: Ints) -> Obstacle | None:
        """What lacks (month,) of a quantity (month,) that the given nodes need; None when nothing does.

        Revenue: of the demand that contains one of the nodes, times the share that is lacking in its month.
        """
        months = np.flatnonzero(lacking > LEAST)
        if not len(months):
            return None
        above = self._reach[nodes].any(axis=0)
        part = np.where(lacking > LEAST, lacking / np.maximum(of, LEAST), 0.0)
        part = np.minimum(part, 1.0)
        return Obstacle(
            kind=kind,
            subject=subject,
            first=int(months[0]),
            last=int(months[-1]),
            quantity=float(lacking[months].sum()),
            revenue=float(self._revenue[above].sum(axis=0) @ part),
            unpriced=float(self._free[above].sum(axis=0) @ part),
        )


def beyond(needed: Floats, limit: Floats) -> tuple[Floats, Floats]:
    """What is needed above a limit (row, month): month by month, and of it what building ahead cannot cure.

    A month's surplus may serve later ones, never earlier ones: what is lacking for certain is the growth of
    max(0, Σ needed − Σ limit).
    """
    months = np.maximum(needed - limit, 0.0)
    total = np.maximum.accumulate(np.maximum(np.cumsum(needed, axis=1) - np.cumsum(limit, axis=1), 0.0), axis=1)
    return months, np.diff(total, axis=1, prepend=0.0)


def _hours(
    problem: SupplyProblem, needed: Floats, limits: tuple[Floats, Floats, Floats], waiting: _Waiting
) -> Iterator[Obstacle]:
    """Work centres: pins above what may be, hours that no plan has, hours that a plan has to find elsewhere."""
    limit, most, certain = limits
    pinned = np.zeros(problem.receipts.shape)
    pins, routing = problem.pins, problem.routing
    make = np.array([kind == "make" for kind in pins.kind], bool)
    np.add.at(pinned, (pins.node[make], pins.month[make]), pins.quantity[make] / 1000.0)
    fixed = required_hours(pinned, routing, len(problem.centres.labels))
    months = beyond(needed, limit)[0]
    for centre in range(len(limit)):
        nodes = np.unique(routing.node[routing.centre == centre])
        over = np.maximum(fixed[centre] - most[centre], 0.0)
        ahead = np.maximum(months[centre] - certain[centre], 0.0)
        for kind, lacking, of in (
            (CheckKind.PINNED_HOURS, over, fixed[centre]),
            (CheckKind.HOURS, certain[centre], needed[centre]),
            (CheckKind.HOURS_AHEAD, ahead, needed[centre]),
        ):
            if found := waiting.obstacle(kind, centre, lacking, of=of, nodes=nodes):
                yield found


def _suppliers(problem: SupplyProblem, netted: Netted, waiting: _Waiting) -> Iterator[Obstacle]:
    """Bought nodes: more than the suppliers deliver, and purchases inside the lead time that were not ordered."""
    nodes = problem.nodes
    bought = np.flatnonzero(nodes.can_buy)
    wanted = netted.net[bought]
    limit = np.broadcast_to(nodes.buy_limit[bought, None], wanted.shape)
    with np.errstate(invalid="ignore"):
        months, certain = beyond(wanted, np.minimum(limit, 1e15))
    late = np.arange(problem.months)[None, :] < nodes.buy_from[bought, None]
    hurried = np.where(late, np.maximum(wanted - problem.ordered[bought] / 1000.0, 0.0), 0.0)
    for row, node in enumerate(bought.tolist()):
        for kind, lacking in (
            (CheckKind.SUPPLIER, certain[row]),
            (CheckKind.SUPPLIER_AHEAD, np.maximum(months[row] - certain[row], 0.0)),
            (CheckKind.LEAD_TIME, hurried[row]),
        ):
            if found := waiting.obstacle(kind, node, lacking, of=netted.gross[node], nodes=np.array([node])):
                yield found


def _material(problem: SupplyProblem, netted: Netted, known: KnownNodes, waiting: _Waiting) -> Iterator[Obstacle]:
    """Nodes that are needed and of which something is not on file."""
    nodes, bom = problem.nodes, problem.bom
    with_lines = np.zeros(netted.net.shape, bool)
    np.logical_or.at(with_lines, bom.parent, bom.valid)
    has_lines = with_lines.any(axis=1)
    routed = np.isin(np.arange(len(nodes.labels)), problem.routing.node)
    goods = nodes.can_make & nodes.stocked
    every = np.ones(netted.net.shape, bool)
    for kind, where in (
        (CheckKind.NO_SOURCE, (~nodes.can_make & ~nodes.can_buy)[:, None] & every),
        (CheckKind.BOM_ENDED, (goods & has_lines)[:, None] & ~with_lines),
        (CheckKind.NO_BOM, (goods & ~has_lines)[:, None] & every),
        (CheckKind.NO_ROUTING, (nodes.can_make & ~routed)[:, None] & every),
        (CheckKind.NO_SUPPLIER, (nodes.can_buy & ~known.supplier)[:, None] & every),
        (CheckKind.NO_LEAD_TIME, (nodes.can_buy & ~known.lead_time)[:, None] & every),
        (CheckKind.NO_COST, ~known.cost[:, None] & every),
    ):
        lacking = np.where(where, netted.net, 0.0)
        for node in np.flatnonzero((lacking > LEAST).any(axis=1)).tolist():
            found = waiting.obstacle(kind, node, lacking[node], of=netted.gross[node], nodes=np.array([node]))
            if found is not None:
                yield found
