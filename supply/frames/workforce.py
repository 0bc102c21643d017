"""The people of the work centres as pools of the supply problem, and the people of the published plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from catalog.frames.series_rows import read_series
from cycles.models import Plan
from supply.calc.capacity import RoutingLines
from supply.calc.parts.people import People
from supply.calc.problem import Costs
from supply.frames.plan_rows import PlanRows
from supply.models import WorkforceTerm

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
COLUMNS = ("heads", "hired", "released", "wages_cents", "hire_cents", "release_cents", "absorbed_cents")


def load_people(rows: PlanRows) -> People | None:
    """Pools in the order of their work centres, None when no work centre has people."""
    pools = [rows.pools[centre.pk] for centre in rows.centres if centre.pk in rows.pools]
    if not pools:
        return None
    months, number = len(rows.months), {centre.pk: row for row, centre in enumerate(rows.centres)}

    def steady(value: Callable[[WorkforceTerm], float]) -> Floats:
        return np.repeat(np.array([value(pool) for pool in pools])[:, None], months, axis=1)

    centre = np.array([number[pool.work_centre_id] for pool in pools], np.int64)
    return People(
        labels=tuple(rows.centres[row].code for row in centre.tolist()),
        centre=centre,
        opening=np.array([float(pool.opening_heads) for pool in pools]),
        hours=steady(lambda pool: float(pool.hours_per_head)),
        overtime_hours=steady(lambda pool: float(pool.overtime_hours_per_head)),
        wage=steady(lambda pool: float(pool.wage)),
        hire=steady(lambda pool: float(pool.hire_cost)),
        release=steady(lambda pool: float(pool.release_cost)),
        least=steady(lambda pool: float(pool.least_heads)),
        most=steady(lambda pool: np.inf if pool.most_heads is None else float(pool.most_heads)),
        labour=np.array([float(rows.centres[row].cost_rate) for row in centre.tolist()]),
    )


def without_paid_labour(costs: Costs, rows: PlanRows, routing: RoutingLines) -> Costs:
    """The rates with what making a unit costs less the labour of work centres whose people are paid by the month."""
    wages = np.array([float(centre.cost_rate) if centre.pk in rows.pools else 0.0 for centre in rows.centres])
    labour = np.zeros(len(costs.make))
    np.add.at(labour, routing.node, routing.hours * wages[routing.centre])
    return replace(costs, make=np.maximum(costs.make - labour[:, None], 0.0)) if labour.any() else costs


@dataclass(frozen=True)
class HeadsBlock:
    """People of the published plan: work-centre keys and opening heads (pool,), heads and cents (pool, month)."""

    centre_ids: Ints
    opening: Ints
    heads: Ints
    hired: Ints
    released: Ints
    wages_cents: Ints
    hire_cents: Ints
    release_cents: Ints
    absorbed_cents: Ints


def load_heads(plan: Plan) -> HeadsBlock:
    """People of the last published supply run, by work centre; empty where none are modelled. One query."""
    (centres, opening), blocks = read_series(
        f"SELECT work_centre_id::int4, opening::int4, {', '.join(COLUMNS)} FROM supply_plannedheads"
        " WHERE plan_id = %s ORDER BY work_centre_id",
        keys=2,
        columns=len(COLUMNS),
        months=plan.horizon,
        parameters=[plan.pk],
    )
    return HeadsBlock(centres.astype(np.int64), opening.astype(np.int64), *blocks)
