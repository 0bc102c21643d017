"""Which frozen quantities are impossible, and how much of each could be kept."""

from __future__ import annotations

from dataclasses import replace

import highspy
import numpy as np

from supply.calc.lp_model import LpArrays
from supply.calc.lp_solver import load_solver
from supply.calc.parts.frozen import frozen_places
from supply.calc.problem import MILLI, PinRows, SupplyProblem

NEARLY = 1e-6
WORDS = {"make": "production", "buy": "purchase", "subcontract": "subcontracting"}
REMEDY = "Pin what can be done, with the reason, or lower frozen_months"


def frozen_without_way(problem: SupplyProblem, arrays: LpArrays) -> tuple[str, ...]:
    """Names of what was approved and can no longer be made, bought or given away at all; nothing when all of it can."""
    rows, column = frozen_places(problem, arrays.layout)
    homeless = np.flatnonzero((column < 0) & (rows.quantity > 0)).tolist()
    names = (_name(problem, rows, row) + ": there is no way any more" for row in homeless[:20])
    return (*names, REMEDY) if homeless else ()


def _name(problem: SupplyProblem, rows: PinRows, row: int) -> str:
    what, name = WORDS[rows.kind[row]], problem.nodes.labels[rows.node[row]]
    units = f"{rows.quantity[row] / MILLI:,g} approved"
    return f"frozen {what} of {name} in {problem.month_names[rows.month[row]]} ({units})"


def frozen_conflicts(problem: SupplyProblem, arrays: LpArrays) -> tuple[str, ...]:
    """Names of the frozen quantities that must give way, each with the most that could be kept of it.

    The programme without costs, in which as much as possible of the frozen quantities is kept.

    Returns:
        Nothing when nothing is frozen, or when it is not what is in the way.
    """
    if problem.choices.frozen is None:
        return ()
    rows, column = frozen_places(problem, arrays.layout)
    held = np.flatnonzero(column >= 0)
    lower, cost = arrays.lower.copy(), np.zeros(len(arrays.cost))
    lower[column[held]], cost[column[held]] = 0.0, -1.0
    solver = load_solver(replace(arrays, lower=lower, cost=cost))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return ()
    kept = np.array(solver.getSolution().col_value)
    names = []
    for row in held.tolist():
        asked, most = arrays.upper[column[row]], kept[column[row]]
        if most < asked - NEARLY * max(asked, 1.0):
            names.append(f"{_name(problem, rows, row)}: at most {most:,.2f} possible")
    return (*names[:20], REMEDY) if names else ()
