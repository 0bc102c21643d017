"""The supply plan: asked for, computed outside any lock, published in one short transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import FX6_ONE, to_cents
from catalog.calc.months import month_date
from catalog.calc.rounding import round_half_away
from catalog.frames.series_rows import write_series
from cycles.errors import DomainError, LeaseLost
from cycles.failpoints import failpoint
from cycles.models import Plan, Run, User
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.services.runs import RunLease, request_run
from supply.calc.explosion import CircularBillOfMaterialsError
from supply.calc.late_delivery import Deliveries, deliveries_to_leaves
from supply.calc.lp_solver import SolvingStopped
from supply.calc.overtime_split import unit_premium_cents
from supply.calc.plan_lp import InfeasiblePlanError
from supply.calc.published_plan import PublishedPlan, published_plan
from supply.calc.requirement import safety_targets
from supply.frames import SupplyInput, load_policy, load_supply_problem
from supply.models import ReroutedSeries, ShipSeries, Shortage, SupplySeries, WorkCentreLoad
from supply.selectors import KIND, structure_version
from supply.services.lots import lots_told
from supply.services.solving import Watch, entries_of_pins, keep_basis_of, keep_effects, kept_basis
from supply.services.stock_terms import terms_told
from supply.services.storage import keep_storage
from supply.services.workforce import write_heads

Ints = NDArray[np.int64]
VERSION = "2"
MILLI = 1000
RATE4 = 10_000.0
NOISE_DIGITS = 6
"""Digits of a milli-hour that floating point can be trusted with: units and hours per unit have fewer."""

STEPS = 4


class SupplyPlanRefused(DomainError):
    """No plan can be computed from what was given; the message names the rows in conflict."""

    code = "supply_plan_refused"


def request_supply_plan(*, plan: Plan, actor: User) -> Run:
    """Queue the supply plan at the plan's present revisions, inside the caller's transaction.

    Asking again at the same revisions and structure files gives the same run. Does not judge rights.
    """
    return request_run(kind=KIND, plan=plan, actor=actor, parameters={"structure": structure_version()})


def request_supply_plan_by_hand(*, plan: Plan, actor: User) -> Run:
    """Queue the supply plan because a supply planner asked for it, while the supply stage is open.

    Raises:
        NotAllowedToYou, NotAllowedNow: By the rights table.
    """
    authorise(actor=actor, action=Action.RUN_SUPPLY, plan=plan)
    return request_supply_plan(plan=plan, actor=actor)


def compute_supply_plan(lease: RunLease) -> dict[str, Any]:
    """Execute a `supply.plan` run: read, solve, explain, publish.

    Reads without the plan's lock; the published rows replace the earlier ones as a whole, so a second execution
    leaves the same rows. The run's inputs say which revisions it read; a page shows when they are behind.

    Returns:
        Totals for the run's result: shortage milli-units, overtime hours, rows, objective.

    Raises:
        SupplyPlanRefused: Pins, stock or bills of materials contradict each other; names them.
    """
    lease.report(0, STEPS, "Reading consensus, structure and stock")
    plan = Plan.objects.get(runs=lease.run)
    supply = load_supply_problem(plan)
    pins = entries_of_pins(plan, supply)
    lease.report(1, STEPS, "Solving the supply plan")
    try:
        with Watch(lease) as watch:
            result = published_plan(
                supply.problem,
                basis=kept_basis(plan),
                entries=list(pins.values()),
                lots=supply.lots,
                is_stopped=watch.is_lost,
            )
    except (InfeasiblePlanError, CircularBillOfMaterialsError) as error:
        raise SupplyPlanRefused(str(error)) from error
    except SolvingStopped as error:
        raise LeaseLost(f"Run {lease.run.pk} was stopped or taken over.") from error
    lease.report(2, STEPS, "Sharing shipments over markets")
    sent = _deliveries(supply, result)
    lease.report(3, STEPS, "Writing the plan")
    with lease.publish() as plan:
        _write_series(plan, supply, result, sent)
        failpoint("supply.half_written")
        _write_loads(plan, supply, result)
        write_heads(plan, supply, result)
        _write_shortages(plan, supply, result, sent.lost)
        keep_storage(plan, supply.problem, result)
        keep_effects(plan, tuple(pins), result.pin_effects)
        keep_basis_of(plan, result.basis)
    is_frozen = supply.problem.choices.frozen is not None
    return {**_totals(supply, result), "terms": terms_told(plan, load_policy(), is_frozen=is_frozen)}


def _deliveries(supply: SupplyInput, result: PublishedPlan) -> Deliveries:
    """What every leaf gets, waits for and loses; a negative consensus (returns) ships as it is."""
    units = supply.leaves.units
    sent = deliveries_to_leaves(supply.grouped, result.whole.deliveries, len(units))
    return replace(sent, ship=np.where(units < 0, units, sent.ship))


def _write_series(plan: Plan, supply: SupplyInput, result: PublishedPlan, sent: Deliveries) -> None:
    """Replace the supply and shipment rows of the plan."""
    whole = result.whole
    subcontract = whole.subcontract + supply.subcontract
    units = {
        "make": whole.made - result.overtime,
        "overtime": result.overtime,
        "buy": whole.buy + subcontract,
        "expedite": whole.expedite,
        "subcontract": subcontract,
        "consumed": whole.consumed,
        "shipped": whole.shipped - supply.returns,
        "inventory": whole.inventory,
        "overtime_cents": result.overtime_cents,
        "expedite_cents": result.expedite_cents,
        "subcontract_cents": _subcontract_cents(supply, result),
        "freight_cents": result.freight_cents,
        "target": safety_targets(supply.problem),
        "expired": whole.expired,
    }
    columns = list(units)
    SupplySeries.objects.filter(plan=plan).delete()
    write_series(
        SupplySeries._meta.db_table,
        ["plan_id", "item_id", "site_id", "opening"],
        columns,
        [np.int64(plan.pk), supply.node_items, supply.node_sites, supply.problem.nodes.opening],
        [units[column] for column in columns],
    )
    _write_rerouted(plan, supply, result)
    ShipSeries.objects.filter(plan=plan).delete()
    write_series(
        ShipSeries._meta.db_table,
        ["plan_id", "item_id", "market_id"],
        ["ship", "short", "late"],
        [np.int64(plan.pk), supply.leaves.item_ids, supply.leaves.market_ids],
        [sent.ship, supply.leaves.units - sent.ship, sent.late],
    )


def _write_rerouted(plan: Plan, supply: SupplyInput, result: PublishedPlan) -> None:
    """Replace what goes another way than the ordinary one."""
    ways = supply.problem.choices.alternatives
    ReroutedSeries.objects.filter(plan=plan).delete()
    if ways is None:
        return
    used = result.whole.rerouted.any(axis=1)
    items, centres = supply.node_items[ways.node[ways.operation]], supply.centre_ids[ways.centre]
    write_series(
        ReroutedSeries._meta.db_table,
        ["plan_id", "item_id", "operation", "work_centre_id"],
        ["units"],
        [np.int64(plan.pk), items[used], supply.way_operations[used], centres[used]],
        [result.whole.rerouted[used]],
    )


def _subcontract_cents(supply: SupplyInput, result: PublishedPlan) -> Ints:
    """Cents (node, month) over the standard cost: of pinned units as their pin says, of the others by their terms."""
    cents = unit_premium_cents(supply.subcontract, supply.subcontract_cost)
    terms = supply.problem.choices.subcontract
    if terms is not None:
        standard = np.maximum(supply.standard4, 0) / RATE4
        cents = cents + unit_premium_cents(result.whole.subcontract, terms.cost - standard)
    return cents


def _write_loads(plan: Plan, supply: SupplyInput, result: PublishedPlan) -> None:
    """Replace the work-centre loads of the plan: milli-hours, and cents per hour."""
    centres = result.centres
    hours = {
        "needed": result.needed,
        "planned": result.whole.load,
        "available": centres.regular,
        "overtime": result.whole.overtime,
        "overtime_limit": centres.overtime_limit,
        "shift": result.whole.shift,
    }
    blocks = {name: round_half_away(np.round(values * MILLI, NOISE_DIGITS)) for name, values in hours.items()}
    blocks["price_from"] = round_half_away(result.hours.least * MILLI)
    blocks["price_to"] = round_half_away(np.where(np.isinf(result.hours.most), -1.0 / MILLI, result.hours.most) * MILLI)
    blocks["price_low"] = round_half_away(result.hours.low * 100)
    blocks["price_high"] = round_half_away(result.hours.high * 100)
    WorkCentreLoad.objects.filter(plan=plan).delete()
    table, names = WorkCentreLoad._meta.db_table, list(blocks)
    write_series(
        table,
        ["plan_id", "work_centre_id"],
        names,
        [np.int64(plan.pk), supply.centre_ids],
        [blocks[name] for name in names],
    )


def _write_shortages(plan: Plan, supply: SupplyInput, result: PublishedPlan, short: Ints) -> None:
    """Replace the shortage rows of the plan: one per item and month, with cause, revenue and margin lost.

    Args:
        short: Milli-units that are never delivered, by the month in which they are given up (leaf, month).
    """
    leaves = supply.leaves
    known = (leaves.net_price4 >= 0) & (leaves.fx6 > 0)
    revenue = to_cents(short, np.where(known, leaves.net_price4, 0), np.where(known, leaves.fx6, FX6_ONE))
    standard = dict(zip(supply.node_items.tolist(), np.maximum(supply.standard4, 0), strict=True))
    cost4 = np.array([standard[item] for item in leaves.item_ids.tolist()], np.int64).reshape(short.shape)
    margin = revenue - to_cents(short, cost4)
    sums: dict[tuple[int, int], Ints] = {}
    for leaf, month in np.argwhere(short > 0).tolist():
        amounts = np.array([short[leaf, month], revenue[leaf, month], margin[leaf, month]], np.int64)
        key = (int(leaves.item_ids[leaf]), month)
        sums[key] = sums.get(key, np.zeros(3, np.int64)) + amounts
    causes = _causes_by_item(supply, result)
    Shortage.objects.filter(plan=plan).delete()
    Shortage.objects.bulk_create(
        Shortage(
            plan=plan,
            item_id=item,
            month=month_date(plan.first_month_index + month),
            quantity=int(amounts[0]),
            lost_revenue_cents=int(amounts[1]),
            lost_margin_cents=int(amounts[2]),
            **causes[item, month],
        )
        for (item, month), amounts in sorted(sums.items())
    )


def _causes_by_item(supply: SupplyInput, result: PublishedPlan) -> dict[tuple[int, int], dict[str, Any]]:
    """Cause per item and month: that of the item's largest short group."""
    nodes = supply.problem.groups.lane_node
    item_of = dict(zip(supply.problem.groups.lane_group.tolist(), supply.node_items[nodes].tolist(), strict=True))
    causes: dict[tuple[int, int], dict[str, Any]] = {}
    largest = sorted(result.causes, key=lambda cell: int(result.whole.short[cell]))
    for group, month in largest:
        cause = result.causes[group, month]
        causes[item_of[group], month] = {
            "cause": cause.kind,
            "work_centre_id": int(supply.centre_ids[cause.centre]) if cause.centre >= 0 else None,
            "detail": cause.detail,
        }
    return causes


def _totals(supply: SupplyInput, result: PublishedPlan) -> dict[str, Any]:
    return {
        "shortage_milli": int(result.whole.short.sum()),
        "late_milli_months": int(result.whole.late.sum()),
        "expired_milli": int(result.whole.expired.sum()),
        "overtime_hours": round(float(result.whole.overtime.sum()), 3),
        "shift_hours": round(float(result.whole.shift.sum()), 3),
        "expedite_milli": int(result.whole.expedite.sum()),
        "objective": round(result.cost, 2),
        "cost_lines": {name: round(cost, 2) for name, cost in result.cost_lines.items()},
        "lots": lots_told(supply, result),
        "rows": len(supply.node_items),
        "opening_stock_day": supply.stock_day.isoformat() if supply.stock_day else None,
    }
