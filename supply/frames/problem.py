"""The supply problem of a plan: consensus, structure, stock, pins and rates as one block of arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.frames.rates import load_standard_costs
from cycles.models import Plan
from supply.calc.cost_rates import RATE4, NodeRates, group_revenue, objective_rates, steady
from supply.calc.demand_groups import GroupedDemand, Lane, demand_groups
from supply.calc.lots import LotTerms
from supply.calc.network import MakeRules, Node, supply_nodes
from supply.calc.problem import SupplyProblem
from supply.calc.supply_policy import SupplyPolicy
from supply.frames.alternatives import load_alternatives
from supply.frames.centres import labour_rates, load_centres, operation_lines, overtime_rates, routing_lines
from supply.frames.choices import load_choices
from supply.frames.given import ordered_before, pin_rows, pinned_subcontract, returns_of
from supply.frames.lots import load_lots
from supply.frames.nodes import component_lines, home_nodes, load_nodes
from supply.frames.plan_rows import Leaves, PlanRows, lanes_of_leaves, make_rules, numbered_lanes, read_plan_rows
from supply.frames.policy import load_ranks
from supply.frames.stock_terms import Places, with_stock_terms
from supply.frames.workforce import without_paid_labour

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SupplyInput:
    """The problem and the keys behind its rows.

    ``node_items``/``node_sites`` (node,), ``centre_ids`` (work centre,); ``returns`` and ``subcontract`` milli-units
    (node, month), the parts of the problem's receipts; ``subcontract_cost`` reporting currency per unit over standard
    (node, month); ``way_operations`` (alternative,) operation numbers; ``standard4`` (node, month) −1 missing; ``stock_day`` the day of the opening stock;
    ``lots`` the lots and order minimums that the plan keeps, None = any quantity.
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
    way_operations: Ints
    standard4: Ints
    stock_day: date | None
    lots: LotTerms | None = None


def load_supply_problem(plan: Plan) -> SupplyInput:
    """Read and lay out the supply problem of a plan at its present revisions.

    Units are milli-units, hours are hours, money is reporting currency. Negative consensus cells (returns) become
    receipts. An item with stock but without demand is a node that only keeps its stock.

    Raises:
        CircularBillOfMaterialsError: Later, by the calculation, when the lines in force contain a circle.
    """
    rows = read_plan_rows(plan)
    lanes = lanes_of_leaves(rows)
    rules = make_rules(rows)
    pinned = {(item, site) for _, item, site, _ in rows.pins.quantities}
    pinned |= {(item, site) for (_, item, site, _), units in rows.frozen.items() if units}
    starts = {(int(item), way[0]) for item, ways in zip(rows.leaves.item_ids, lanes, strict=True) for way in ways}
    nodes = supply_nodes(starts | set(rows.stock) | pinned, rules)
    number = {node: index for index, node in enumerate(nodes)}
    laid = _lay_out(rows, rules, nodes, numbered_lanes(rows, lanes, number))
    return replace(laid, lots=load_lots(rows, number))


def _lay_out(rows: PlanRows, rules: MakeRules, nodes: list[Node], lanes: list[tuple[Lane, ...]]) -> SupplyInput:
    node_items, node_sites = np.array(nodes, np.int64).reshape(-1, 2).T
    leaves, policy = rows.leaves, rows.policy
    grouped = _grouped(rows, policy, lanes)
    number = {node: index for index, node in enumerate(nodes)}
    operations = operation_lines(rows, rules, number)
    routing = routing_lines(operations)
    standard4 = load_standard_costs(node_items, rows.months)
    returns = returns_of(rows, lanes, len(nodes))
    subcontract, subcontract_cost = pinned_subcontract(rows, number)
    makes = np.array([rules.can_make(node) for node in nodes], bool)
    bom = component_lines(rows, number, makes)
    labour, has_parts = labour_rates(rows, routing, len(nodes)), np.isin(np.arange(len(nodes)), bom.parent)
    rates = NodeRates(steady(standard4) / RATE4, labour, has_parts)
    revenue = group_revenue(grouped, leaves.net_price4, leaves.fx6)
    costs = objective_rates(rates, grouped, unit_revenue=revenue, overtime=overtime_rates(rows), policy=policy.costs)
    problem = SupplyProblem(
        nodes=load_nodes(rows, nodes, makes, home_nodes(rows, nodes, lanes)),
        groups=grouped.groups,
        bom=bom,
        routing=routing,
        centres=load_centres(rows),
        pins=pin_rows(rows, number),
        receipts=returns + subcontract,
        ordered=ordered_before(rows, number),
        freight=grouped.freight,
        costs=without_paid_labour(costs, rows, routing),
        month_names=tuple(f"{month_date(month):%Y-%m}" for month in rows.months),
        choices=replace(load_choices(rows, number), alternatives=load_alternatives(rows, operations)),
    )
    return SupplyInput(
        problem=with_stock_terms(rows, problem, Places(node_items, node_sites, rates.standard, revenue)),
        grouped=grouped,
        leaves=leaves,
        node_items=node_items,
        node_sites=node_sites,
        centre_ids=np.array([centre.pk for centre in rows.centres], np.int64),
        returns=returns,
        subcontract=subcontract,
        subcontract_cost=subcontract_cost,
        way_operations=operations.loc[operations["is_alternative"], "operation"].to_numpy(np.int64),
        standard4=standard4,
        stock_day=rows.stock_day,
    )


def _grouped(rows: PlanRows, policy: SupplyPolicy, lanes: list[tuple[Lane, ...]]) -> GroupedDemand:
    """The demand in groups, with who is served first by the policy of allocation."""
    leaves = rows.leaves
    grouped = demand_groups(np.maximum(leaves.units, 0), leaves.item_ids, lanes, rows.items["code"].to_dict())
    cost4 = load_standard_costs(leaves.item_ids, rows.months)
    rank = load_ranks(policy, leaves.market_ids, price4=leaves.net_price4, fx6=leaves.fx6, cost4=cost4)
    return grouped if rank is None else replace(grouped, piece_rank=rank[grouped.piece_leaf])
