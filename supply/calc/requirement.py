"""What the whole demand asks of every node, lot for lot, and how long safety stock is worth keeping."""

import numpy as np

from supply.calc.cover_target import cover_targets
from supply.calc.explosion import explode
from supply.calc.problem import MILLI, DemandGroups, Floats, Ints, SupplyProblem

RECENT = 3


def preferred_nodes(groups: DemandGroups) -> Ints:
    """The node that serves each group first (group,): that of its lane of the lowest rank, the first one of equals."""
    first = np.full(len(groups.labels), -1, np.int64)
    order = np.lexsort((np.arange(len(groups.lane_group)), groups.lane_rank))[::-1]
    first[groups.lane_group[order]] = groups.lane_node[order]
    return first


def preferred_demand(problem: SupplyProblem) -> Floats:
    """Units (node, month) that the markets ask for, each on its preferred lane."""
    independent = np.zeros(problem.receipts.shape)
    np.add.at(independent, preferred_nodes(problem.groups), problem.groups.quantity / 1000.0)
    return independent


def gross_requirement(problem: SupplyProblem) -> Floats:
    """Units (node, month) that the whole demand needs on its preferred lanes through the bills of materials.

    Stock is not netted and nothing is moved in time.

    Raises:
        CircularBillOfMaterialsError: See ``explode``.
    """
    return explode(preferred_demand(problem), problem.bom, problem.nodes.labels)


def safety_targets(problem: SupplyProblem) -> Ints:
    """Stock to keep at the end of each month, milli-units (node, month): the larger of the safety stock and the days of
    coming demand that a rule asks for, in whole planning steps; in the last month the end stock as well. What is not
    stocked has none.

    An item whose requirement ends before the last ``RECENT`` months of the plan needs none from its last month on; one
    that is never required needs none at all.
    """
    nodes, months = problem.nodes, problem.months
    axis = np.arange(months)[None, :]
    gross = gross_requirement(problem)
    required = gross > 0
    last = np.where(required.any(axis=1), months - 1 - np.argmax(required[:, ::-1], axis=1), -1)
    until = np.where(last >= months - RECENT, months, last)
    target = np.where(axis == months - 1, np.maximum(nodes.safety, nodes.end_stock)[:, None], nodes.safety[:, None])
    target = np.where(axis < until[:, None], target, 0)
    if problem.choices.cover is None:
        return target
    step = np.maximum(nodes.quantum, 1)[:, None]
    days = np.rint(cover_targets(gross, problem.choices.cover) * MILLI).astype(np.int64) // step * step
    return np.where(nodes.stocked[:, None], np.maximum(target, days), target)
