"""Making, buying and keeping: the balance of every item at every site."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part, Piece, Rows, ones
from supply.calc.problem import MILLI, Flags, Floats, FractionalPlan, PinRows, SupplyProblem
from supply.calc.requirement import safety_targets


def timely_purchase(problem: SupplyProblem, beyond: float) -> Floats:
    """Units (node, month) that can be bought without expediting: what was ordered in time for months inside the lead
    time, ``beyond`` for later ones."""
    late = np.arange(problem.months)[None, :] < problem.nodes.buy_from[:, None]
    return np.where(late, problem.ordered / MILLI, beyond)


def _columns(ground: Ground) -> dict[str, Flags]:
    """Made nodes, bought nodes, purchases inside the lead time, two layers of stock (up to the safety stock and above it)
    of what can be stocked. Without a column of stock a balance reads: what comes in goes out in the same month."""
    problem, scope = ground.problem, ground.scope
    nodes, every = problem.nodes, np.ones(problem.months, dtype=bool)
    late = np.arange(problem.months)[None, :] < nodes.buy_from[:, None]
    kept = scope & nodes.stocked
    return {
        "make": (scope & nodes.can_make)[:, None] & every,
        "buy": (scope & nodes.can_buy)[:, None] & (~late | (problem.ordered > 0)),
        "expedite": (scope & nodes.can_buy)[:, None] & late,
        "stock_low": kept[:, None] & (safety_targets(problem) > 0),
        "stock_high": kept[:, None] & every,
    }


def _rows(ground: Ground) -> dict[str, Rows]:
    """Balance (node, month): stock before + made + bought + expedited + receipts − Σ flow − Σ quantity · made(parent)
    − stock = 0; opening stock and receipts stand on the right."""
    problem, nodes = ground.problem, ground.problem.nodes
    given = -problem.receipts / MILLI
    given[:, 0] -= nodes.opening / MILLI
    given = np.where(ground.scope[:, None], given, 0.0)
    labels = tuple(
        f"{'stock' if stocked else 'delivery'} of {label}"
        for label, stocked in zip(nodes.labels, nodes.stocked.tolist(), strict=True)
    )
    return {"balance": Rows(labels, given, given)}


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    problem, rates, nodes = ground.problem, ground.problem.costs, ground.problem.nodes
    for name, rate in (
        ("make", rates.make),
        ("buy", rates.buy),
        ("expedite", rates.expedite),
        ("stock_high", rates.holding),
    ):
        block = layout.columns[name]
        bounds.cost[block.numbers] = rate[block.row, block.month]
    low, buy, late = layout.columns["stock_low"], layout.columns["buy"], layout.columns["expedite"]
    bounds.cost[low.numbers] = rates.holding[low.row, low.month] - rates.safety_penalty[low.row, low.month]
    bounds.upper[low.numbers] = safety_targets(problem)[low.row, low.month] / MILLI
    in_time = timely_purchase(problem, np.inf)
    bounds.upper[buy.numbers] = np.minimum(nodes.buy_limit[buy.row], in_time[buy.row, buy.month])
    bounds.upper[late.numbers] = nodes.buy_limit[late.row]
    fix_quantities(problem, problem.pins, layout, bounds)


def fix_quantities(problem: SupplyProblem, pins: PinRows, layout: Layout, bounds: Bounds) -> None:
    """Set both bounds of the columns of given quantities, in place; a purchase uses what was ordered in time before it is
    expedited."""
    in_time = timely_purchase(problem, np.inf)[pins.node, pins.month]
    quantity = pins.quantity / MILLI
    for kind, name, part in (
        ("make", "make", quantity),
        ("buy", "buy", np.minimum(quantity, in_time)),
        ("buy", "expedite", np.maximum(quantity - in_time, 0.0)),
        ("subcontract", "subcontract", quantity),
    ):
        column = layout.columns[name].numbered()[pins.node, pins.month]
        fixed = (column >= 0) & np.array([pinned == kind for pinned in pins.kind], dtype=bool)
        bounds.lower[column[fixed]] = bounds.upper[column[fixed]] = part[fixed]


def _coefficients(ground: Ground, layout: Layout) -> Iterator[Piece]:
    problem, balance = ground.problem, layout.rows["balance"].numbered()
    for name in ("make", "buy", "expedite"):
        block = layout.columns[name]
        yield balance[block.row, block.month], block.numbers, ones(block.row)
    for name in ("stock_low", "stock_high"):
        block = layout.columns[name]
        yield balance[block.row, block.month], block.numbers, ones(block.row, -1.0)
        kept = block.month < problem.months - 1
        yield balance[block.row[kept], block.month[kept] + 1], block.numbers[kept], ones(block.row[kept])
    bom, make = problem.bom, layout.columns["make"].numbered()
    line, month = np.nonzero(bom.valid & (make[bom.parent] >= 0))
    yield balance[bom.component[line], month], make[bom.parent[line], month], -bom.quantity[line]


def _cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, Floats]:
    rates, target = problem.costs, safety_targets(problem) / MILLI
    missing = np.maximum(target - np.minimum(plan.inventory, target), 0.0)
    return {
        "make": plan.make * rates.make,
        "buy": plan.buy * rates.buy,
        "expedite": plan.expedite * rates.expedite,
        "holding": plan.inventory * rates.holding,
        "below_safety": missing * rates.safety_penalty,
    }


GOODS = Part(columns=_columns, rows=_rows, bounds=_bounds, coefficients=_coefficients, cost_lines=_cost_lines)
