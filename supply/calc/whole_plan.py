"""Bring the fractional optimum to whole planning steps, keeping every balance exact and every limit."""

from dataclasses import dataclass, replace

import numpy as np

from catalog.calc.rounding import largest_remainder
from supply.calc.explosion import low_level_codes
from supply.calc.late_delivery import Deliveries, whole_deliveries
from supply.calc.parts.shifts import split_excess
from supply.calc.parts.transfers import net_transfers
from supply.calc.problem import MILLI, Floats, FractionalPlan, Ints, SupplyProblem
from supply.calc.routes import rounding_hours, routed_hours, routed_units, whole_rerouted

NEARLY = 1e-3
QUANTITY_SCALE = 10_000


class UnbalancedPlanError(ValueError):
    """The whole plan breaks a balance or a limit; the message names item or work centre and month."""


@dataclass(frozen=True)
class WholePlan:
    """The plan in milli-units: made, buy, expedite, consumed, shipped, inventory (node, month), flow (lane, month),
    ship and short (group, month). ``made`` includes overtime, ``buy`` includes ``expedite``;
    ``subcontract`` (node, month) comes on top of both; ``rerouted`` (alternative,
    month) is made another way than the ordinary one; ``transfer`` (transfer, month)
    leaves for another site in the month. ``load``, ``overtime`` and ``shift`` (extra shifts) are hours (work
    centre, month). ``late`` (group, month) is what is open at the end of a month where demand may wait: ship + short +
    late − late before = demand. ``expired`` (node, month) passes its shelf life in the month and stays in
    ``inventory``."""

    made: Ints
    buy: Ints
    expedite: Ints
    consumed: Ints
    shipped: Ints
    inventory: Ints
    flow: Ints
    ship: Ints
    short: Ints
    subcontract: Ints
    rerouted: Ints
    transfer: Ints
    load: Floats
    overtime: Floats
    shift: Floats
    late: Ints
    expired: Ints

    @property
    def deliveries(self) -> Deliveries:
        """What every group gets, waits for and loses."""
        return Deliveries(self.ship, self.late, self.short)


def round_down_running(units: Floats, quantum: Ints) -> Ints:
    """Whole quanta whose running total is the running total of ``units`` rounded down, (row, month) milli-units.

    Rounding running totals DOWN keeps capacity and keeps stock non-negative: what is used was rounded down before
    what it is made from, and stock above −1 quantum in whole quanta is at least 0.

    Args:
        units: Units (row, month), ≥ 0. quantum: milli-units (row,).
    """
    running = np.floor(np.cumsum(units, axis=1) * MILLI / quantum[:, None] + NEARLY).astype(np.int64)
    return np.diff(running, axis=1, prepend=0) * quantum[:, None]


def whole_plan(problem: SupplyProblem, plan: FractionalPlan) -> WholePlan:
    """Round shipments, then every level of the bills of materials from the top down.

    Inventory = opening + made + bought + receipts − consumed − shipped, exactly. Where lanes or fractional component
    quantities leave a node short by less than a quantum or two, one more is made or bought. What is not stocked is
    made or bought in the month exactly as it is shipped and consumed.

    Raises:
        UnbalancedPlanError: A node that can neither be made nor bought falls below 0, or a limit is passed.
    """
    sent = _whole_shipments(problem, plan)
    flow, ship = _whole_flows(problem, plan, sent.ship), sent.ship
    nodes = problem.nodes
    given, moved = round_down_running(plan.subcontract, nodes.quantum), _whole_transfers(problem, plan)
    problem = replace(problem, receipts=problem.receipts + given + net_transfers(problem, moved))
    shipped, consumed = (np.zeros(problem.receipts.shape, dtype=np.int64) for _ in range(2))
    np.add.at(shipped, problem.groups.lane_node, flow)
    made = round_down_running(plan.make, nodes.quantum)
    bought = round_down_running(plan.buy + plan.expedite, nodes.quantum)
    codes = low_level_codes(problem.bom.parent, problem.bom.component, nodes.labels)
    for level in range(int(codes.max(initial=0)) + 1):
        members = np.flatnonzero(codes == level)
        consumed[members] = _consumption(problem, made, members)
        _cover(problem, members, (made, bought, consumed, shipped))
    stock = nodes.opening[:, None] + np.cumsum(problem.receipts + made + bought - consumed - shipped, axis=1)
    rerouted = whole_rerouted(problem, plan, made)
    load = routed_hours(problem, routed_units(problem, made, rerouted))
    overtime, shift = split_excess(problem, load, plan.quantity["shift"])
    whole = WholePlan(
        made=made,
        buy=bought,
        expedite=_expedited(problem, bought),
        consumed=consumed,
        shipped=shipped,
        inventory=stock,
        flow=flow,
        ship=ship,
        short=sent.lost,
        subcontract=given,
        rerouted=rerouted,
        transfer=moved,
        load=load,
        overtime=overtime,
        shift=shift,
        late=sent.late,
        expired=_expired(problem, plan, stock),
    )
    check_whole_plan(problem, whole)
    return whole


def _whole_transfers(problem: SupplyProblem, plan: FractionalPlan) -> Ints:
    """Units sent between sites by the month in which they leave (transfer, month), whole quanta of their source."""
    terms = problem.choices.transfers
    if terms is None:
        return np.zeros((0, problem.months), dtype=np.int64)
    return round_down_running(plan.quantity["transfer"], problem.nodes.quantum[terms.source])


def _expedited(problem: SupplyProblem, bought: Ints) -> Ints:
    """Milli-units (node, month) that are bought inside the lead time beyond what was ordered in time."""
    late = np.arange(problem.months)[None, :] < problem.nodes.buy_from[:, None]
    return np.where(late, np.maximum(bought - problem.ordered, 0), 0)


def _whole_shipments(problem: SupplyProblem, plan: FractionalPlan) -> Deliveries:
    """Shipments (group, month): a group's running total rounded down, all of the demand where nothing is short."""
    groups = problem.groups
    quantum = np.ones(len(groups.labels), dtype=np.int64)
    quantum[groups.lane_group] = problem.nodes.quantum[groups.lane_node]
    if problem.choices.backlog is not None:
        return whole_deliveries(problem, plan, quantum)
    total = np.zeros(groups.quantity.shape)
    np.add.at(total, groups.lane_group, plan.flow)
    served = plan.short <= 1e-7 * np.maximum(groups.quantity / MILLI, 1.0)
    rounded = np.minimum(round_down_running(np.where(served, 0.0, total), quantum), groups.quantity)
    ship = np.where(served, groups.quantity, rounded)
    return Deliveries(ship, np.zeros_like(ship), groups.quantity - ship)


def _whole_flows(problem: SupplyProblem, plan: FractionalPlan, ship: Ints) -> Ints:
    """Shipments (group, month) split over their lanes (lane, month)."""
    groups = problem.groups
    flow = np.zeros(plan.flow.shape, dtype=np.int64)
    lanes_of: list[list[int]] = [[] for _ in groups.labels]
    for lane, group in enumerate(groups.lane_group.tolist()):
        lanes_of[group].append(lane)
    for group, lanes in enumerate(lanes_of):
        if len(lanes) == 1:
            flow[lanes[0]] = ship[group]
        else:
            preference = plan.flow[lanes] + 1e-9 * np.cumsum(plan.flow[lanes], axis=1)
            flow[lanes] = largest_remainder(preference.T, ship[group]).T
    return flow


def _expired(problem: SupplyProblem, plan: FractionalPlan, stock: Ints) -> Ints:
    """Whole quanta that expire (node, month); what has expired is never used again, so it is in stock at every later end."""
    running = np.cumsum(round_down_running(plan.quantity["expired"], problem.nodes.quantum), axis=1)
    stays = np.minimum.accumulate(stock[:, ::-1], axis=1)[:, ::-1]
    return np.diff(np.minimum(running, np.maximum(stays, 0)), axis=1, prepend=0)


def _consumption(problem: SupplyProblem, made: Ints, members: Ints) -> Ints:
    """Milli-units consumed of the given nodes (member, month): running totals of quantity × made, rounded down."""
    bom = problem.bom
    lines = np.flatnonzero(np.isin(bom.component, members))
    exact = np.rint(bom.quantity[lines] * QUANTITY_SCALE).astype(np.int64)[:, None] * made[bom.parent[lines]]
    total = np.zeros((len(problem.nodes.labels), made.shape[1]), dtype=np.int64)
    np.add.at(total, bom.component[lines], np.where(bom.valid[lines], exact, 0))
    running = np.cumsum(total[members], axis=1) // QUANTITY_SCALE
    return np.diff(running, axis=1, prepend=0)


def _cover(problem: SupplyProblem, members: Ints, flows: tuple[Ints, Ints, Ints, Ints]) -> None:
    """Where stock of a member would fall below 0, make or buy whole quanta more in that month, in place; what is not
    stocked comes in as it goes out."""
    _deliver(problem, members[~problem.nodes.stocked[members]], flows)
    members = members[problem.nodes.stocked[members]]
    made, bought, consumed, shipped = flows
    nodes = problem.nodes
    moved = problem.receipts[members] + made[members] + bought[members] - consumed[members] - shipped[members]
    stock = nodes.opening[members, None] + np.cumsum(moved, axis=1)
    lacking = np.maximum.accumulate(np.maximum(-stock, 0), axis=1)
    quantum = nodes.quantum[members, None]
    extra = np.diff(-(-lacking // quantum) * quantum, axis=1, prepend=0)
    makes = nodes.can_make[members, None]
    made[members] += np.where(makes, extra, 0)
    bought[members] += np.where(~makes & nodes.can_buy[members, None], extra, 0)


def _deliver(problem: SupplyProblem, members: Ints, flows: tuple[Ints, Ints, Ints, Ints]) -> None:
    """Make or buy of the members, in each month, what they ship and consume beyond their receipts, in place."""
    made, bought, consumed, shipped = flows
    wanted = consumed[members] + shipped[members] - problem.receipts[members]
    makes, buys = problem.nodes.can_make[members, None], problem.nodes.can_buy[members, None]
    made[members] = np.where(makes, wanted, 0)
    bought[members] = np.where(~makes & buys, wanted, 0)


def check_whole_plan(problem: SupplyProblem, plan: WholePlan) -> None:
    """Raise unless every balance holds, nothing is negative, and every work centre stays within its limit.

    Raises:
        UnbalancedPlanError: Names the first offence.
    """
    nodes, names = problem.nodes, problem.month_names
    before = np.concatenate([nodes.opening[:, None], plan.inventory[:, :-1]], axis=1)
    moved = problem.receipts + plan.made + plan.buy - plan.consumed - plan.shipped
    for what, broken in (
        ("does not balance", before + moved != plan.inventory),
        ("is below 0", plan.inventory < 0),
        ("is kept though it cannot be stocked", ~nodes.stocked[:, None] & (plan.inventory != 0)),
        ("is made in negative units", (plan.made < 0) | (plan.buy < 0)),
    ):
        if broken.any():
            node, month = np.argwhere(broken)[0]
            raise UnbalancedPlanError(f"{nodes.labels[node]} {what} in {names[month]}")
    slack = 2.0 * rounding_hours(problem)[:, None]
    over = plan.overtime > problem.centres.overtime_limit + slack + NEARLY
    if over.any():
        centre, month = np.argwhere(over)[0]
        raise UnbalancedPlanError(f"{problem.centres.labels[centre]} passes its overtime limit in {names[month]}")
    if min(part.min(initial=0) for part in (plan.short, plan.late, plan.flow)) < 0:
        raise UnbalancedPlanError("a market would get more than it asks for")
