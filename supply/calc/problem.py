"""The supply problem as arrays: what may be made, bought and shipped, from what, on what, at what cost."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supply.calc.capacity import RoutingLines
from supply.calc.explosion import BomLines

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Nodes:
    """Items at sites, one node each; every array is (node,).

    ``opening``, ``safety`` and ``end_stock`` are milli-units; ``quantum`` is the planning step in milli-units;
    ``buy_from`` is the first month number (0 = the plan's first) a normal order can still arrive in, before that a
    purchase is expedited. What is not ``stocked`` (hours of a consultant) is delivered in the month in which it is
    made or bought: it has neither opening nor safety stock.
    """

    labels: tuple[str, ...]
    can_make: Flags
    can_buy: Flags
    stocked: Flags
    opening: Ints
    safety: Ints
    end_stock: Ints
    quantum: Ints
    buy_from: Ints
    buy_limit: Floats


@dataclass(frozen=True)
class Costs:
    """Objective rates in reporting currency (not cents): per unit (node, month), freight per unit (lane,),
    overtime premium per hour (work centre, month), shortage per unit (group, month)."""

    make: Floats
    buy: Floats
    expedite: Floats
    holding: Floats
    safety_penalty: Floats
    shortage: Floats
    freight: Floats
    overtime: Floats


@dataclass(frozen=True)
class DemandGroups:
    """Demand of markets that can be served alike: ``quantity`` milli-units (group, month), never negative.

    Lanes: ``lane_group`` and ``lane_node`` (lane,), ``lane_rank`` 0 = preferred; ``labels`` (group,).
    """

    labels: tuple[str, ...]
    quantity: Ints
    lane_group: Ints
    lane_node: Ints
    lane_rank: Ints


@dataclass(frozen=True)
class Centres:
    """Work centres that constrain; hours are (work centre, month). ``overtime_limit`` comes on top of ``regular``."""

    labels: tuple[str, ...]
    regular: Floats
    overtime_limit: Floats


@dataclass(frozen=True)
class PinRows:
    """Fixed quantities: ``kind`` 'make' or 'buy', node, month number and milli-units, each (pin,)."""

    kind: tuple[str, ...]
    node: Ints
    month: Ints
    quantity: Ints


@dataclass(frozen=True)
class Subcontract:
    """Work given to others: ``cost`` reporting currency per unit and ``limit`` units, both (node, month)."""

    cost: Floats
    limit: Floats


@dataclass(frozen=True)
class Backlog:
    """Demand that may be delivered late: ``cost`` per unit and month that it stays open, ``limit`` the most units open
    at the end of a month (0 = none), both (group, month)."""

    cost: Floats
    limit: Floats


@dataclass(frozen=True)
class People:
    """Pools of people, each working on one work centre.

    ``centre`` and ``opening`` heads are (pool,); the rest (pool, month): regular ``hours`` and ``overtime_hours`` of one
    head, ``wage`` per head, ``hire`` and ``release`` per head in reporting currency, ``least`` and ``most`` heads.
    ``is_whole``: only whole people.
    """

    labels: tuple[str, ...]
    centre: Ints
    opening: Floats
    hours: Floats
    overtime_hours: Floats
    wage: Floats
    hire: Floats
    release: Floats
    least: Floats
    most: Floats
    is_whole: bool = False


@dataclass(frozen=True)
class Limits:
    """Hard limits in units: what is made and kept (node, month), and what may be declined (group, month)."""

    make_least: Floats
    make_most: Floats
    stock_least: Floats
    stock_most: Floats
    short_most: Floats


@dataclass(frozen=True)
class Choices:
    """What a company may do beyond making, buying, keeping and declining; what is None does not exist.

    ``price`` (group, month) is earned per unit delivered; the programme then minimises cost − revenue. ``is_open``
    (group,) marks demand without limit. ``lot`` (node,) units of which only whole multiples are made, 0 = any quantity.
    ``is_whole_scope``: what nobody asks for is inside the programme too, so that keeping it costs.
    """

    subcontract: Subcontract | None = None
    backlog: Backlog | None = None
    people: People | None = None
    limits: Limits | None = None
    price: Floats | None = None
    is_open: Flags | None = None
    lot: Floats | None = None
    is_whole_scope: bool = False


@dataclass(frozen=True)
class SupplyProblem:
    """Everything the plan is computed from; ``receipts`` are given arrivals (node, month) milli-units, such as returns
    and subcontracted units; ``ordered`` (node, month) milli-units that were ordered in time for months inside the lead
    time, so that they need no expediting; ``freight`` (lane,) reporting currency per unit (``costs.freight`` adds a rank to it).
    ``month_names`` (month,) are for messages."""

    nodes: Nodes
    groups: DemandGroups
    bom: BomLines
    routing: RoutingLines
    centres: Centres
    pins: PinRows
    receipts: Ints
    ordered: Ints
    freight: Floats
    costs: Costs
    month_names: tuple[str, ...]
    choices: Choices = Choices()

    @property
    def months(self) -> int:
        """Number of months of the plan."""
        return len(self.month_names)


@dataclass(frozen=True)
class FractionalPlan:
    """Solution of the programme before rounding, in units and hours: make, buy, expedite, subcontract, inventory
    (node, month), flow (lane, month), short, backlog (group, month), overtime (work centre, month), people, hired,
    released (pool, month); ``price`` is the dual of the regular hours in currency per hour (work centre, month), ≥ 0;
    ``cost`` the objective, cost − revenue."""

    make: Floats
    buy: Floats
    expedite: Floats
    inventory: Floats
    flow: Floats
    short: Floats
    overtime: Floats
    subcontract: Floats
    backlog: Floats
    people: Floats
    hired: Floats
    released: Floats
    price: Floats
    cost: float
