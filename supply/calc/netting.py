"""Requirements net of stock, level by level: what must be made or bought for the whole demand, lot for lot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supply.calc.explosion import BomLines, low_level_codes
from supply.calc.problem import Floats, Ints, SupplyProblem
from supply.calc.requirement import preferred_demand


@dataclass(frozen=True)
class Netted:
    """Units (node, month): ``own`` demand on preferred lanes, ``gross`` with what the parents take, ``net`` of it what
    neither opening stock nor receipts cover: to be made or bought in the month."""

    own: Floats
    gross: Floats
    net: Floats


def netted_requirement(problem: SupplyProblem) -> Netted:
    """Net the whole demand against stock and receipts through the bills of materials; nothing is moved in time.

    net[t] = growth of max(0, Σ gross − opening − Σ receipts) up to t; components are taken by the netted units of their
    parents. Safety stocks are not built. No solver: the least that any plan on the preferred lanes makes up to a month.

    Raises:
        CircularBillOfMaterialsError: See ``low_level_codes``.
    """
    own = preferred_demand(problem)
    gross, net = own.copy(), np.zeros_like(own)
    codes = low_level_codes(problem.bom.parent, problem.bom.component, problem.nodes.labels)
    line_level = codes[problem.bom.parent] if len(problem.bom.parent) else np.zeros(0, np.int64)
    for level in range(int(codes.max(initial=0)) + 1):
        members = np.flatnonzero(codes == level)
        net[members] = _net(problem, members, gross[members])
        lines = np.flatnonzero((line_level == level) & problem.nodes.can_make[problem.bom.parent])
        taken = net[problem.bom.parent[lines]] * problem.bom.quantity[lines, None] * problem.bom.valid[lines]
        np.add.at(gross, problem.bom.component[lines], taken)
    return Netted(own, gross, net)


def _net(problem: SupplyProblem, members: Ints, gross: Floats) -> Floats:
    """What stock and receipts of the members leave open (member, month); what is not stocked nets month by month."""
    receipts = problem.receipts[members] / 1000.0
    there = problem.nodes.opening[members, None] / 1000.0 + np.cumsum(receipts, axis=1)
    lacking = np.maximum.accumulate(np.maximum(np.cumsum(gross, axis=1) - there, 0.0), axis=1)
    stocked = problem.nodes.stocked[members, None]
    return np.asarray(np.where(stocked, np.diff(lacking, axis=1, prepend=0.0), np.maximum(gross - receipts, 0.0)))


def contained_in(bom: BomLines, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Whether a node is, or goes through any level into, another one, (node, node it goes into); valid in some month.

    Raises:
        CircularBillOfMaterialsError: See ``low_level_codes``.
    """
    reach = np.eye(len(names), dtype=bool)
    codes = low_level_codes(bom.parent, bom.component, names)
    for line in np.argsort(codes[bom.parent], kind="stable").tolist() if len(bom.parent) else ():
        if bom.valid[line].any():
            reach[bom.component[line]] |= reach[bom.parent[line]]
    return reach
