"""The supply problem of a plan: consensus, structure, stock, pins and rates as one block of arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.months import days_in_month, month_date
from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.rates import load_standard_costs
from cycles.models import Plan
from demand.frames import load_consensus, load_rates
from supply.calc.capacity import RoutingLines, available_hours
from supply.calc.cost_rates import RATE4, NodeRates, group_revenue, objective_rates, steady
from supply.calc.demand_groups import GroupedDemand, Lane, demand_groups
from supply.calc.explosion import BomLines
from supply.calc.network import MakeRules, Node, supply_nodes
from supply.calc.problem import Centres, Choices, Nodes, PinRows, SupplyProblem
from supply.calc.supply_policy import SupplyPolicy
from supply.frames.policy import load_policy, load_ranks, load_subcontract
from supply.frames.results import load_production
from supply.frames.sources import (
    Lines,
    Pins,
    load_bom_lines,
    load_calendar,
    load_lanes,
    load_opening_stock,
    load_operations,
    load_pins,
    load_terms,
    load_work_centres,
    main_site,
)
from supply.models import WorkCentre

Ints = NDArray[np.int64]
MONTH_DAYS = 30


@dataclass(frozen=True)
class Leaves:
    """The consensus: keys (leaf,), milli-units (leaf, month) and rates (leaf, month); −1 = missing rate."""

    item_ids: Ints
    market_ids: Ints
    units: Ints
    net_price4: Ints
    fx6: Ints


@dataclass(frozen=True)
class SupplyInput:
    """The problem and the keys behind its rows.

    ``node_items``/``node_sites`` (node,), ``centre_ids`` (work centre,); ``returns`` and ``subcontract`` milli-units
    (node, month), the parts of the problem's receipts; ``subcontract_cost`` reporting currency per unit over standard
    (node, month); ``standard4`` (node, month) −1 missing; ``stock_day`` the day of the opening stock.
    """

    problem: SupplyProblem
    grouped: GroupedDemand
    leaves: Leaves
    node_items: Ints
    node_sites: Ints
    centre_ids: Ints
    returns: Ints
    subcontract: Ints
    subcontract_cost: NDArray[np.float64]
    standard4: Ints
    stock_day: date | None


@dataclass(frozen=True)
class _Rows:
    """Everything read, before it is laid out: one object instead of a dozen parameters."""

    plan: Plan
    leaves: Leaves
    items: pd.DataFrame
    bom: Lines
    operations: pd.DataFrame
    centres: list[WorkCentre]
    stock_day: date | None
    stock: dict[Node, int]
    pins: Pins
    months: range


def load_supply_problem(plan: Plan) -> SupplyInput:
    """Read and lay out the supply problem of a plan at its present revisions.

    Units are milli-units, hours are hours, money is reporting currency. Negative consensus cells (returns) become
    receipts. An item with stock but without demand is a node that only keeps its stock.

    Raises:
        CircularBillOfMaterialsError: Later, by the calculation, when the lines in force contain a circle.
    """
    rows = _read(plan)
    lanes = _lanes_of_leaves(rows)
    rules = _make_rules(rows)
    pinned = {(item, site) for _, item, site, _ in rows.pins.quantities}
    starts = {(int(item), way[0]) for item, ways in zip(rows.leaves.item_ids, lanes, strict=True) for way in ways}
    nodes = supply_nodes(starts | set(rows.stock) | pinned, rules)
    number = {node: index for index, node in enumerate(nodes)}
    return _lay_out(rows, rules, nodes, _numbered(rows, lanes, number))


def _read(plan: Plan) -> _Rows:
    months = range(plan.first_month_index, plan.first_month_index + plan.horizon)
    consensus = load_consensus(plan)
    rates = load_rates(plan, consensus.item_ids, consensus.market_ids)
    leaves = Leaves(
        item_ids=np.asarray(consensus.item_ids, np.int64),
        market_ids=np.asarray(consensus.market_ids, np.int64),
        units=consensus.units,
        net_price4=rates.net_price4,
        fx6=rates.fx6,
    )
    stock_day, stock = load_opening_stock(plan.first_month)
    return _Rows(
        plan=plan,
        leaves=leaves,
        items=load_hierarchy().items.set_index("item_id"),
        bom=load_bom_lines(months.start, plan.horizon),
        operations=load_operations(),
        centres=load_work_centres(),
        stock_day=stock_day,
        stock=stock,
        pins=load_pins(plan),
        months=months,
    )


def _lanes_of_leaves(rows: _Rows) -> list[list[tuple[int, float | None, int, float]]]:
    """Lanes of every leaf: those of its item, else its family, else of everything, else MAIN free of freight."""
    given = load_lanes()
    home: list[tuple[int, float | None, int, float]] = [(main_site(), None, 1, 0.0)]
    families = rows.items["family_id"].to_dict()
    found = []
    for item, market in zip(rows.leaves.item_ids.tolist(), rows.leaves.market_ids.tolist(), strict=True):
        own = given.get((item, 0, market)) or given.get((0, max(families[item], 0), market))
        found.append(own or given.get((0, 0, market)) or home)
    return found


def _numbered(
    rows: _Rows, lanes: list[list[tuple[int, float | None, int, float]]], number: dict[Node, int]
) -> list[tuple[Lane, ...]]:
    """Lanes with node numbers; ranks count from 0 within a leaf."""
    return [
        tuple(
            Lane(node=number[int(item), site], share=share, rank=priority - ways[0][2], freight=freight)
            for site, share, priority, freight in ways
        )
        for item, ways in zip(rows.leaves.item_ids, lanes, strict=True)
    ]


def _make_rules(rows: _Rows) -> MakeRules:
    sites: dict[int, set[int]] = {}
    for item, site in zip(rows.operations["item_id"].tolist(), rows.operations["site_id"].tolist(), strict=True):
        sites.setdefault(item, set()).add(site)
    components: dict[int, set[int]] = {}
    for parent, component in zip(rows.bom.parent.tolist(), rows.bom.component.tolist(), strict=True):
        components.setdefault(parent, set()).add(component)
    made = set(rows.items.index[rows.items["make_or_buy"] == "make"].tolist())
    return MakeRules(made=made, sites_of=sites, components=components)


def _lay_out(rows: _Rows, rules: MakeRules, nodes: list[Node], lanes: list[tuple[Lane, ...]]) -> SupplyInput:
    node_items = np.array([node[0] for node in nodes], np.int64)
    leaves = rows.leaves
    policy = load_policy()
    grouped = _grouped(rows, policy, lanes)
    centre_ids = np.array([centre.pk for centre in rows.centres], np.int64)
    number = {node: index for index, node in enumerate(nodes)}
    routing = _routing(rows, rules, number)
    standard4 = load_standard_costs(node_items, rows.months)
    returns = _returns(rows, lanes, len(nodes))
    subcontract, subcontract_cost = _subcontract(rows, number)
    makes = np.array([rules.can_make(node) for node in nodes], bool)
    bom = _bom(rows, number, makes)
    labour = _labour(rows, routing, len(nodes))
    rates = NodeRates(steady(standard4) / RATE4, labour, np.isin(np.arange(len(nodes)), bom.parent))
    hourly = np.array([float(centre.cost_rate * centre.overtime_premium) for centre in rows.centres], np.float64)
    premium = np.repeat(hourly[:, None], len(rows.months), axis=1)
    revenue = group_revenue(grouped, leaves.net_price4, leaves.fx6)
    problem = SupplyProblem(
        nodes=_nodes(rows, nodes, makes, _home(rows, nodes, lanes)),
        groups=grouped.groups,
        bom=bom,
        routing=routing,
        centres=_centres(rows),
        pins=_pins(rows, number),
        receipts=returns + subcontract,
        ordered=_ordered(rows, number),
        freight=grouped.freight,
        costs=objective_rates(rates, grouped, unit_revenue=revenue, overtime=premium, policy=policy.costs),
        month_names=tuple(f"{month_date(month):%Y-%m}" for month in rows.months),
        choices=Choices(subcontract=load_subcontract(number, len(rows.months))),
    )
    return SupplyInput(
        problem=problem,
        grouped=grouped,
        leaves=leaves,
        node_items=node_items,
        node_sites=np.array([node[1] for node in nodes], np.int64),
        centre_ids=centre_ids,
        returns=returns,
        subcontract=subcontract,
        subcontract_cost=subcontract_cost,
        standard4=standard4,
        stock_day=rows.stock_day,
    )


def _labour(rows: _Rows, routing: RoutingLines, nodes: int) -> NDArray[np.float64]:
    """Reporting currency per unit made at regular rates (node,)."""
    labour = np.zeros(nodes)
    wages = np.array([float(centre.cost_rate) for centre in rows.centres])
    np.add.at(labour, routing.node, routing.hours * wages[routing.centre])
    return labour


def _grouped(rows: _Rows, policy: SupplyPolicy, lanes: list[tuple[Lane, ...]]) -> GroupedDemand:
    """The demand in groups, with who is served first by the policy of allocation."""
    leaves = rows.leaves
    grouped = demand_groups(np.maximum(leaves.units, 0), leaves.item_ids, lanes, rows.items["code"].to_dict())
    cost4 = load_standard_costs(leaves.item_ids, rows.months)
    rank = load_ranks(policy, leaves.market_ids, price4=leaves.net_price4, fx6=leaves.fx6, cost4=cost4)
    return grouped if rank is None else replace(grouped, piece_rank=rank[grouped.piece_leaf])


def _home(rows: _Rows, nodes: list[Node], lanes: list[tuple[Lane, ...]]) -> NDArray[np.bool_]:
    """Whether the node is its item's home (node,): the site that is asked for most, the first one for components."""
    asked = np.zeros(len(nodes))
    first = np.array([ways[0].node for ways in lanes], np.int64)
    np.add.at(asked, first, np.maximum(rows.leaves.units, 0).sum(axis=1))
    ranked = pd.DataFrame({"item": [item for item, _ in nodes], "asked": asked})
    best = ranked.sort_values("asked", ascending=False, kind="stable").drop_duplicates("item").index
    return np.isin(np.arange(len(nodes)), best)


def _nodes(rows: _Rows, nodes: list[Node], makes: NDArray[np.bool_], home: NDArray[np.bool_]) -> Nodes:
    """Stock, safety stock and lead times of the nodes; the safety stock of an item stands at its home."""
    items = rows.items.loc[[item for item, _ in nodes]]
    buys = (items["make_or_buy"] == "buy").to_numpy()
    stocked = ~items["is_service"].to_numpy(bool)
    safety = np.where(home & stocked, items["safety_stock_milli"].to_numpy(np.int64), 0)
    terms = load_terms()
    own = items["lead_time_days"].tolist()
    days = np.array([terms.get(node[0], (lead, 0.0))[0] for node, lead in zip(nodes, own, strict=True)], np.int64)
    limits = np.array([terms.get(item, (0, np.inf))[1] for item, _ in nodes]) / 1000.0
    return Nodes(
        labels=tuple(items["code"].astype(str)),
        can_make=makes,
        can_buy=buys,
        stocked=stocked,
        opening=np.where(stocked, np.array([rows.stock.get(node, 0) for node in nodes], np.int64), 0),
        safety=safety,
        end_stock=safety,
        quantum=items["quantum_milli"].to_numpy(np.int64),
        buy_from=np.where(buys, days // MONTH_DAYS, 0),
        buy_limit=limits,
    )


def _centres(rows: _Rows) -> Centres:
    days = np.array([days_in_month(month) for month in rows.months], np.int64)
    per_day = np.array([float(centre.hours_per_day) for centre in rows.centres])
    regular = available_hours(per_day, days)
    calendar = load_calendar()
    first_days = [month_date(month) for month in rows.months]
    stated = [[calendar.get((centre.pk, day), np.nan) for day in first_days] for centre in rows.centres]
    given = np.array(stated, np.float64).reshape(regular.shape)
    regular = np.where(np.isnan(given), regular, given)
    limit = regular * np.array([float(centre.overtime_limit) for centre in rows.centres])[:, None]
    number = {centre.pk: index for index, centre in enumerate(rows.centres)}
    for (centre, month), hours in rows.pins.hours.items():
        if centre in number:
            limit[number[centre], month] += hours
    return Centres(tuple(centre.code for centre in rows.centres), regular, limit)


def _routing(rows: _Rows, rules: MakeRules, number: dict[Node, int]) -> RoutingLines:
    """Operations at work centres that constrain, on the node of their item at the work centre's site."""
    centres = {centre.pk: index for index, centre in enumerate(rows.centres)}
    lines = [
        (number[item, site], centres[centre], hours)
        for item, centre, site, hours in rows.operations.itertuples(index=False)
        if centre in centres and (item, site) in number and rules.can_make((item, site))
    ]
    return RoutingLines(
        node=np.array([line[0] for line in lines], np.int64),
        centre=np.array([line[1] for line in lines], np.int64),
        hours=np.array([line[2] for line in lines], np.float64),
    )


def _bom(rows: _Rows, number: dict[Node, int], makes: NDArray[np.bool_]) -> BomLines:
    """Component lines at every site where the parent can be made."""
    sites: dict[int, list[int]] = {}
    for (item, site), node in number.items():
        if makes[node]:
            sites.setdefault(item, []).append(site)
    picked = [
        (number[parent, site], number[component, site], line)
        for line, (parent, component) in enumerate(
            zip(rows.bom.parent.tolist(), rows.bom.component.tolist(), strict=True)
        )
        for site in sites.get(parent, ())
    ]
    line = np.array([pick[2] for pick in picked], np.int64)
    return BomLines(
        parent=np.array([pick[0] for pick in picked], np.int64),
        component=np.array([pick[1] for pick in picked], np.int64),
        quantity=rows.bom.quantity[line],
        valid=rows.bom.valid[line],
    )


def _returns(rows: _Rows, lanes: list[tuple[Lane, ...]], nodes: int) -> Ints:
    """Negative consensus cells as receipts at the leaf's first lane (node, month)."""
    returns = np.zeros((nodes, rows.plan.horizon), np.int64)
    first = np.array([ways[0].node for ways in lanes], np.int64)
    np.add.at(returns, first, np.maximum(-rows.leaves.units, 0))
    return returns


def _ordered(rows: _Rows, number: dict[Node, int]) -> Ints:
    """Purchases of the approved plan before this one, in its months (node, month): they were ordered in time."""
    ordered = np.zeros((len(number), rows.plan.horizon), np.int64)
    if rows.plan.previous is None:
        return ordered
    before = load_production(rows.plan.previous)
    passed = rows.months.start - rows.plan.previous.first_month_index
    kept = min(rows.plan.horizon, before.buy.shape[1] - passed)
    for row, node in enumerate(zip(before.item_ids.tolist(), before.site_ids.tolist(), strict=True)):
        if node in number and kept > 0:
            ordered[number[node], :kept] = (before.buy - before.subcontract)[row, passed : passed + kept]
    return ordered


def _subcontract(rows: _Rows, number: dict[Node, int]) -> tuple[Ints, NDArray[np.float64]]:
    """Pinned subcontracted units and their cost over standard (node, month)."""
    shape = (len(number), rows.plan.horizon)
    units, cost = np.zeros(shape, np.int64), np.zeros(shape)
    for (kind, item, site, month), quantity in rows.pins.quantities.items():
        if kind == "subcontract":
            units[number[item, site], month] = quantity
            cost[number[item, site], month] = rows.pins.unit_costs[item, site, month]
    return units, cost


def _pins(rows: _Rows, number: dict[Node, int]) -> PinRows:
    fixed = [(key, quantity) for key, quantity in rows.pins.quantities.items() if key[0] in ("make", "buy")]
    return PinRows(
        kind=tuple(key[0] for key, _ in fixed),
        node=np.array([number[key[1], key[2]] for key, _ in fixed], np.int64),
        month=np.array([key[3] for key, _ in fixed], np.int64),
        quantity=np.array([quantity for _, quantity in fixed], np.int64),
    )
