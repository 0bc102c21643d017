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
    overtime premium per hour (work centre,), shortage per unit (group, month)."""

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

    @property
    def months(self) -> int:
        """Number of months of the plan."""
        return len(self.month_names)


@dataclass(frozen=True)
class FractionalPlan:
    """Solution of the programme before rounding, in units and hours: make, buy, expedite, inventory (node, month),
    flow (lane, month), short (group, month), overtime (work centre, month); ``price`` is the dual of the regular
    hours in currency per hour (work centre, month), ≥ 0; ``cost`` the objective."""

    make: Floats
    buy: Floats
    expedite: Floats
    inventory: Floats
    flow: Floats
    short: Floats
    overtime: Floats
    price: Floats
    cost: float
