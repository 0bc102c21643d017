"""Units sent from one site to another: they leave one balance and arrive in another after their lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part, Piece, ones
from supply.calc.problem import Flags, Floats, FractionalPlan, Ints, SupplyProblem


@dataclass(frozen=True)
class Transfers:
    """Ways between two places of the same good: ``source`` and ``target`` nodes and ``lead`` months (transfer,);
    ``freight`` reporting currency per unit and ``limit`` units by the month in which they leave (transfer, month)."""

    source: Ints
    target: Ints
    lead: Ints
    freight: Floats
    limit: Floats


def net_transfers(problem: SupplyProblem, sent: Ints) -> Ints:
    """What transfers add to each node in each month (node, month): arrivals − departures, milli-units.

    Args:
        problem: The problem. sent: milli-units by the month in which they leave (transfer, month).
    """
    net, terms = np.zeros(problem.receipts.shape, dtype=np.int64), problem.choices.transfers
    if terms is None:
        return net
    np.subtract.at(net, terms.source, sent)
    way, month = np.nonzero(sent)
    np.add.at(net, (terms.target[way], month + terms.lead[way]), sent[way, month])
    return net


def _columns(ground: Ground) -> dict[str, Flags]:
    """Where units may leave and arrive before the plan ends."""
    terms, months = ground.problem.choices.transfers, ground.problem.months
    if terms is None:
        return {"transfer": np.zeros((0, months), dtype=bool)}
    arrives = np.arange(months)[None, :] + terms.lead[:, None] < months
    return {
        "transfer": arrives & (terms.limit > 0) & (ground.scope[terms.source] & ground.scope[terms.target])[:, None]
    }


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    terms, block = ground.problem.choices.transfers, layout.columns["transfer"]
    if terms is not None:
        bounds.cost[block.numbers] = terms.freight[block.row, block.month]
        bounds.upper[block.numbers] = terms.limit[block.row, block.month]


def _coefficients(ground: Ground, layout: Layout) -> Iterator[Piece]:
    """In the balances: − units at the source as they leave, + at the target as they arrive."""
    terms, block, balance = (
        ground.problem.choices.transfers,
        layout.columns["transfer"],
        layout.rows["balance"].numbered(),
    )
    if terms is not None:
        yield balance[terms.source[block.row], block.month], block.numbers, ones(block.row, -1.0)
        yield balance[terms.target[block.row], block.month + terms.lead[block.row]], block.numbers, ones(block.row)


def _cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, Floats]:
    terms = problem.choices.transfers
    return {} if terms is None else {"transfers": plan.quantity["transfer"] * terms.freight}


def _needs(problem: SupplyProblem) -> Flags:
    """Both ends."""
    terms, needed = problem.choices.transfers, np.zeros(len(problem.nodes.labels), dtype=bool)
    if terms is not None:
        needed[terms.source] = needed[terms.target] = True
    return needed


TRANSFERS = Part(columns=_columns, bounds=_bounds, coefficients=_coefficients, cost_lines=_cost_lines, needs=_needs)
