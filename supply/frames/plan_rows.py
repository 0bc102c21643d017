"""Everything that the supply problem of a plan is laid out from, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan
from demand.frames import load_consensus, load_rates
from supply.calc.demand_groups import Lane
from supply.calc.network import MakeRules, Node
from supply.calc.supply_policy import SupplyPolicy
from supply.frames.frozen import Quantities, load_frozen
from supply.frames.policy import load_policy
from supply.frames.sources import (
    Lines,
    Pins,
    load_bom_lines,
    load_lanes,
    load_opening_stock,
    load_operations,
    load_pins,
    load_work_centres,
    main_site,
)
from supply.models import WorkCentre, WorkforceTerm

Ints = NDArray[np.int64]

#: Site, share, priority and freight of one way to serve a leaf.
Way = tuple[int, float | None, int, float]


@dataclass(frozen=True)
class Leaves:
    """The consensus: keys (leaf,), milli-units (leaf, month) and rates (leaf, month); −1 = missing rate."""

    item_ids: Ints
    market_ids: Ints
    units: Ints
    net_price4: Ints
    fx6: Ints


@dataclass(frozen=True)
class PlanRows:
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
    pools: Mapping[int, WorkforceTerm]
    months: range
    policy: SupplyPolicy
    frozen: Quantities


def read_plan_rows(plan: Plan) -> PlanRows:
    """Consensus, structure, stock and pins of a plan at its present revisions."""
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
    policy = load_policy()
    return PlanRows(
        plan=plan,
        leaves=leaves,
        items=load_hierarchy().items.set_index("item_id"),
        bom=load_bom_lines(months.start, plan.horizon),
        operations=load_operations(),
        centres=load_work_centres(),
        stock_day=stock_day,
        stock=stock,
        pins=load_pins(plan),
        pools={pool.work_centre_id: pool for pool in WorkforceTerm.objects.all()},
        months=months,
        policy=policy,
        frozen=load_frozen(plan, policy.frozen_months),
    )


def lanes_of_leaves(rows: PlanRows) -> list[list[Way]]:
    """Lanes of every leaf: those of its item, else its family, else of everything, else MAIN free of freight."""
    given = load_lanes()
    home: list[Way] = [(main_site(), None, 1, 0.0)]
    families = rows.items["family_id"].to_dict()
    found = []
    for item, market in zip(rows.leaves.item_ids.tolist(), rows.leaves.market_ids.tolist(), strict=True):
        own = given.get((item, 0, market)) or given.get((0, max(families[item], 0), market))
        found.append(own or given.get((0, 0, market)) or home)
    return found


def numbered_lanes(rows: PlanRows, lanes: list[list[Way]], number: dict[Node, int]) -> list[tuple[Lane, ...]]:
    """Lanes with node numbers; ranks count from 0 within a leaf."""
    return [
        tuple(
            Lane(node=number[int(item), site], share=share, rank=priority - ways[0][2], freight=freight)
            for site, share, priority, freight in ways
        )
        for item, ways in zip(rows.leaves.item_ids, lanes, strict=True)
    ]


def make_rules(rows: PlanRows) -> MakeRules:
    """What can be made where, from make or buy, operations and bills of materials."""
    sites: dict[int, set[int]] = {}
    for item, site in zip(rows.operations["item_id"].tolist(), rows.operations["site_id"].tolist(), strict=True):
        sites.setdefault(item, set()).add(site)
    components: dict[int, set[int]] = {}
    for parent, component in zip(rows.bom.parent.tolist(), rows.bom.component.tolist(), strict=True):
        components.setdefault(parent, set()).add(component)
    made = set(rows.items.index[rows.items["make_or_buy"] == "make"].tolist())
    return MakeRules(made=made, sites_of=sites, components=components)
