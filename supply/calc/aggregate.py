"""Aggregate planning of one product family with a workforce that can be hired and released."""

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
KINDS = ("workforce", "hired", "released", "overtime_hours", "made", "subcontracted", "inventory", "backlog")


class AggregatePlanError(ValueError):
    """The terms allow no plan; the message is the solver's status."""


@dataclass(frozen=True)
class AggregateTerms:
    """Rates in reporting currency: material, subcontract per unit; holding and backlog per unit and month; hire and
    release per worker; wage per worker and month; overtime per hour. Hours: per unit, regular and overtime limit per
    worker and month. Stocks in units; ``opening_workers`` in workers."""

    material: float
    subcontract: float
    holding: float
    backlog: float
    hire: float
    release: float
    wage: float
    overtime: float
    hours_per_unit: float
    regular_hours: float
    overtime_hours: float
    opening_workers: float
    opening_inventory: float
    closing_inventory: float


@dataclass(frozen=True)
class AggregatePlan:
    """Optimum: cost in reporting currency and one array (month,) per name in ``KINDS``."""

    cost: float
    series: dict[str, Floats]


def aggregate_plan(demand: Floats, terms: AggregateTerms, *, whole_workers: bool = False) -> AggregatePlan:
    """Cheapest plan that meets demand late at most until the last month.

    cost = Σ wage·workforce + hire·hired + release·released + overtime·overtime hours + material·made +
    subcontract·subcontracted + holding·inventory + backlog·backlog, with
    workforce = before + hired − released; made · hours ≤ regular · workforce + overtime hours;
    overtime hours ≤ limit · workforce; inventory − backlog = before + made + subcontracted − demand;
    last month: backlog 0, inventory ≥ closing.

    Source: Chopra & Meindl, Supply Chain Management, chapter "Aggregate Planning" (Red Tomato Tools).

    Args:
        demand: Units (month,).
        terms: Rates, hours and opening positions.
        whole_workers: Workforce, hired and released in whole people.

    Raises:
        AggregatePlanError: No plan meets the terms.
    """
    months = len(demand)
    lower, upper = np.zeros(len(KINDS) * months), np.full(len(KINDS) * months, np.inf)
    lower[_column("inventory", months - 1, months)] = terms.closing_inventory
    upper[_column("backlog", months - 1, months)] = 0.0
    matrix, row_lower, row_upper = _rows(demand, terms)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_rel_gap", 0.0)
    columns, index = np.nonzero(matrix.T)
    starts = np.searchsorted(columns, np.arange(matrix.shape[1] + 1)).astype(np.int32)
    whole = np.repeat([whole_workers and kind in KINDS[:3] for kind in KINDS], months).astype(np.int32)
    solver.passModel(
        matrix.shape[1],
        matrix.shape[0],
        len(index),
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        np.repeat(_rates(terms), months),
        lower,
        upper,
        row_lower,
        row_upper,
        starts,
        index.astype(np.int32),
        matrix.T[columns, index],
        whole,
    )
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise AggregatePlanError(solver.modelStatusToString(status))
    values = np.array(solver.getSolution().col_value).reshape(len(KINDS), months)
    return AggregatePlan(solver.getInfo().objective_function_value, dict(zip(KINDS, values, strict=True)))


def _column(kind: str, month: int, months: int) -> int:
    return KINDS.index(kind) * months + month


def _rates(terms: AggregateTerms) -> Floats:
    """Cost of one unit of each kind, in the order of ``KINDS``."""
    return np.array(
        [
            terms.wage,
            terms.hire,
            terms.release,
            terms.overtime,
            terms.material,
            terms.subcontract,
            terms.holding,
            terms.backlog,
        ]
    )


def _rows(demand: Floats, terms: AggregateTerms) -> tuple[Floats, Floats, Floats]:
    """Dense rows (4 per month): workforce, capacity, overtime, stock; with their bounds."""
    months = len(demand)
    matrix = np.zeros((4 * months, len(KINDS) * months))
    low, high = np.zeros(4 * months), np.zeros(4 * months)
    for month in range(months):
        rows = {
            0: {"workforce": 1.0, "hired": -1.0, "released": 1.0},
            1: {"made": terms.hours_per_unit, "workforce": -terms.regular_hours, "overtime_hours": -1.0},
            2: {"overtime_hours": 1.0, "workforce": -terms.overtime_hours},
            3: {"made": 1.0, "subcontracted": 1.0, "inventory": -1.0, "backlog": 1.0},
        }
        for offset, coefficients in rows.items():
            for kind, value in coefficients.items():
                matrix[4 * month + offset, _column(kind, month, months)] = value
        low[4 * month + 1 : 4 * month + 3] = -np.inf
        low[4 * month + 3] = high[4 * month + 3] = demand[month]
        if month:
            matrix[4 * month, _column("workforce", month - 1, months)] = -1.0
            matrix[4 * month + 3, _column("inventory", month - 1, months)] = 1.0
            matrix[4 * month + 3, _column("backlog", month - 1, months)] = -1.0
    low[0] = high[0] = terms.opening_workers
    low[3] = high[3] = demand[0] - terms.opening_inventory
    return matrix, low, high
