"""The run `finance.landing`: dollars, inventory, cash and bridge of a plan, computed and replaced as one result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cycles.services.runs import RunLease
from finance.calc.bridge import BridgeBlock
from finance.calc.landing import PlanDollars, bridge_leaves, plan_amounts, plan_dollars
from finance.calc.leaves import LeafTable, with_families, year_leaves
from finance.frames.landing_inputs import LandingInputs, load_landing, load_leaf_fx, load_revenue_at_budget
from finance.services.budget_placing import place_budget
from finance.services.landing_store import replace_results

Ints = NDArray[np.int64]

VERSION = "1"


@dataclass(frozen=True)
class Landing:
    """One computed landing: the inputs it came from, the plan's dollars, and the bridged leaves with their rates."""

    inputs: LandingInputs
    dollars: PlanDollars
    leaves: LeafTable
    block: BridgeBlock
    budget_fx6: Ints
    plan_fx6: Ints
    revenue_at_budget: list[int | None]


def run_landing(lease: RunLease) -> dict[str, Any]:
    """Execute `finance.landing`: read, compute, publish in one transaction; the run's result says what stood in.

    Before → after: any stored landing of the plan is replaced. Asking twice changes nothing.

    Raises:
        InventoryDoesNotTie, CashDoesNotTie, BridgeDoesNotClose: nothing is stored.
        LeaseLost, Superseded: another run was faster; nothing is stored.
    """
    if lease.run.plan is None:
        raise ValueError("A landing belongs to a plan.")
    plan = lease.run.plan
    lease.report(0, 3, "Reading demand, supply and rates")
    inputs = load_landing(plan)
    lease.report(1, 3, "Dollars, inventory, cash and bridge")
    landing = compute_landing(inputs)
    lease.report(2, 3, "Storing")
    with lease.publish() as locked:
        lease.result.update(landing_result(landing))
        replace_results(locked, landing)
    return lease.result


def compute_landing(inputs: LandingInputs) -> Landing:
    """Everything a landing is, from its inputs; reads only exchange rates.

    Raises:
        InventoryDoesNotTie, CashDoesNotTie, BridgeDoesNotClose: an identity does not hold.
    """
    dollars = plan_dollars(inputs.units, inputs.rates, inputs.supply)
    leaves = leaves_of(inputs, dollars)
    budget_fx6, plan_fx6 = load_leaf_fx(leaves.markets, inputs.window)
    block = bridge_leaves(leaves, mix_groups(inputs, leaves), budget_fx6, plan_fx6)
    at_budget = load_revenue_at_budget(inputs, dollars.money.revenue)
    return Landing(inputs, dollars, leaves, block, budget_fx6, plan_fx6, at_budget)


def leaves_of(inputs: LandingInputs, dollars: PlanDollars) -> LeafTable:
    """The leaves of the fiscal year with the budget brought to them at the company's mix level."""
    table = year_leaves(inputs.closed.series, plan_amounts(inputs.units, dollars.money), inputs.window)
    table = with_families(table, inputs.family_of)
    return table if inputs.budget is None else place_budget(inputs, inputs.budget, table)


def mix_groups(inputs: LandingInputs, leaves: LeafTable) -> Ints:
    """Mix group of each leaf: family × market × unit of measure."""
    uom_of = dict(zip(inputs.hierarchy.items["item_id"], inputs.hierarchy.items["uom"], strict=True))
    uoms = [uom_of.get(int(item), "") for item in leaves.items]
    keys = pd.MultiIndex.from_arrays([leaves.families, leaves.markets, uoms])
    return keys.factorize()[0].astype(np.int64)


def landing_result(landing: Landing) -> dict[str, Any]:
    """Small facts that stay with the run: fiscal year, what stood in for missing things, totals in cents."""
    inputs = landing.inputs
    return {
        "fiscal_year": inputs.window.fiscal_year,
        "mix_level": inputs.company.mix_level,
        "is_constrained": inputs.supply is not None,
        "has_budget": inputs.budget is not None,
        "notes": list(inputs.notes),
        "series": len(inputs.units.items),
        "leaves": len(landing.leaves.items),
        "drivers": {driver.value: cents for driver, cents in landing.block.totals().items()},
    }
