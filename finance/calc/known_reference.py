"""One reference of a plan as a bridge takes it: leaves, company lines, adjustments on nodes, and the stored totals."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from catalog.calc.budget import NONE, BudgetLeaves, BudgetLevels, BudgetRows, bring_to_leaves
from finance.calc.bridge_pairs import Leaves, Side
from finance.calc.references import BridgeLevel, BridgeMeasure, Reference, StepKey

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class NodeAmount:
    """An amount that stands on a node and not on leaves: cents of revenue, COGS or cash in one month, costs positive.

    `nodes`: the levels that name the node and those above it, with their keys; none = the company.
    """

    month: int
    measure: BridgeMeasure
    cents: int
    nodes: dict[BridgeLevel, int]


@dataclass(frozen=True)
class KnownReference:
    """`side` on leaves; `revenue`, `cogs` (T,) its stored totals per month of `side.months`, independent of the leaves.

    `cogs` is None where it is not known. `lines` (T,): costs of the company beside COGS at standard, positive; an empty
    dict = none recorded. `notes` are what a reader could doubt.
    """

    reference: Reference
    side: Side
    revenue: Ints
    cogs: Ints | None
    lines: dict[StepKey, Ints] = field(default_factory=dict)
    adjustments: tuple[NodeAmount, ...] = ()
    notes: tuple[str, ...] = ()

    def total(self, measure: BridgeMeasure) -> Ints:
        """Stored total per month of a measure on leaves, (T,), without adjustments.

        Raises:
            ValueError: COGS is not known.
        """
        if measure is BridgeMeasure.REVENUE:
            return self.revenue
        if self.cogs is None:
            raise ValueError(f"{self.reference.label} does not know its COGS.")
        cost: Ints = self.cogs + sum(self.lines.values(), np.zeros_like(self.cogs))
        return cost if measure is BridgeMeasure.COGS else self.revenue - cost

    def adjusted(self, measure: BridgeMeasure) -> list[NodeAmount]:
        """The adjustments that move a measure, signed as the measure is: a cost lowers margin."""
        if measure is not BridgeMeasure.MARGIN:
            return [row for row in self.adjustments if row.measure is measure]
        sign = {BridgeMeasure.REVENUE: 1, BridgeMeasure.COGS: -1, BridgeMeasure.MARGIN: 1}
        moved = [row for row in self.adjustments if row.measure in sign]
        return [NodeAmount(row.month, row.measure, sign[row.measure] * row.cents, row.nodes) for row in moved]


def cost_on_leaves(rows: BudgetRows, leaves: Leaves, revenue: Ints, *, parents: dict[str, Ints]) -> tuple[Ints, Flags]:
    """Bring the COGS of reference rows to leaves that carry their revenue: in proportion to it, by largest remainder.

    Args:
        rows: rows with their COGS in `revenue`.
        leaves: where it goes, (n,).
        revenue: cents of the leaves' budget, (n, T).
        parents: `category`, `region`, `channel` of each leaf, (n,).

    Returns:
        Cents (n, T), and which rows (r,) nobody could carry; Σ leaves + Σ those rows = Σ rows.
    """
    count = len(leaves.items)
    beside = -2 - np.arange(count)
    weights = np.maximum(revenue, 0).astype(np.float64)
    placed = bring_to_leaves(
        rows,
        BudgetLeaves(
            levels=BudgetLevels(
                item=np.where(leaves.items > 0, leaves.items, beside),
                family=leaves.families,
                category=parents["category"],
                market=leaves.markets,
                region=parents["region"],
                channel=parents["channel"],
            ),
            successor=np.full(count, NONE),
            alive=np.ones(revenue.shape, np.bool_),
            prior_units=weights,
            prior_revenue=weights,
            prior_cogs=np.zeros(revenue.shape),
            plan_units=np.ones(revenue.shape),
        ),
    )
    return placed.revenue, placed.stranded
