"""The supply problem as arrays: what may be made, bought and shipped, from what, on what, at what cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from supply.calc.capacity import RoutingLines
from supply.calc.explosion import BomLines

if TYPE_CHECKING:
    from supply.calc.cover_target import Cover
    from supply.calc.parts.alternatives import Alternatives
    from supply.calc.parts.backlog import Backlog
    from supply.calc.parts.limits import Limits
    from supply.calc.parts.orders import Orders
    from supply.calc.parts.people import People
    from supply.calc.parts.shelf_life import ShelfLife
    from supply.calc.parts.shifts import Shifts
    from supply.calc.parts.storage import Storage
    from supply.calc.parts.subcontract import Subcontract
    from supply.calc.parts.transfers import Transfers

MILLI = 1000.0

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
class Choices:
    """What a company may do beyond making, buying, keeping and declining; what is None does not exist. The terms of a
    choice stand in its file of ``supply.calc.parts``.

    ``price`` (group, month) is earned per unit delivered; the programme then minimises cost − revenue. ``is_open``
    (group,) marks demand without limit. ``lot`` (node,) units of which only whole multiples are made, 0 = any quantity.
    ``is_whole_scope``: what nobody asks for is inside the programme too, so that keeping it costs.
    """

    subcontract: Subcontract | None = None
    alternatives: Alternatives | None = None
    shifts: Shifts | None = None
    transfers: Transfers | None = None
    backlog: Backlog | None = None
    people: People | None = None
    limits: Limits | None = None
    price: Floats | None = None
    is_open: Flags | None = None
    lot: Floats | None = None
    orders: Orders | None = None
    is_whole_scope: bool = False
    cover: Cover | None = None
    shelf_life: ShelfLife | None = None
    storage: Storage | None = None
    frozen: PinRows | None = None


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
    """Solution of the programme before rounding: ``quantity`` of every block of columns by its name, units, hours or
    heads, as (row, month); ``price`` is the dual of the regular hours in currency per hour (work centre, month), ≥ 0;
    ``cost`` the objective, cost − revenue."""

    quantity: Mapping[str, Floats]
    price: Floats
    cost: float

    @property
    def make(self) -> Floats:
        """Units made (node, month)."""
        return self.quantity["make"]

    @property
    def buy(self) -> Floats:
        """Units bought outside the lead time, or ordered in time (node, month)."""
        return self.quantity["buy"]

    @property
    def expedite(self) -> Floats:
        """Units bought inside the lead time (node, month)."""
        return self.quantity["expedite"]

    @property
    def inventory(self) -> Floats:
        """Units kept at the end of the month (node, month)."""
        return self.quantity["stock_low"] + self.quantity["stock_high"]

    @property
    def flow(self) -> Floats:
        """Units delivered (lane, month)."""
        return self.quantity["flow"]

    @property
    def short(self) -> Floats:
        """Units declined (group, month)."""
        return self.quantity["short"]

    @property
    def overtime(self) -> Floats:
        """Hours of overtime (work centre, month)."""
        return self.quantity["overtime"]

    @property
    def subcontract(self) -> Floats:
        """Units that others make (node, month)."""
        return self.quantity["subcontract"]

    @property
    def backlog(self) -> Floats:
        """Units late at the end of the month (group, month)."""
        return self.quantity["backlog"]

    @property
    def people(self) -> Floats:
        """Heads (pool, month)."""
        return self.quantity["people"]

    @property
    def hired(self) -> Floats:
        """Heads hired (pool, month)."""
        return self.quantity["hired"]

    @property
    def released(self) -> Floats:
        """Heads released (pool, month)."""
        return self.quantity["released"]
