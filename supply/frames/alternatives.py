"""Alternative work centres of operations, and where a published plan sent its units."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.frames.series_rows import read_series
from cycles.models import Plan
from supply.calc.parts.alternatives import Alternatives
from supply.frames.plan_rows import PlanRows
from supply.models import Routing, WorkCentre

Keys = NDArray[np.int32]
Ints = NDArray[np.int64]


def load_alternatives(rows: PlanRows, operations: pd.DataFrame) -> Alternatives | None:
    """Operations that may be done elsewhere, from ``operation_lines``; None where no row is an alternative.

    Each alternative row is one alternative, in the order of the file. A unit that goes there costs the hours there at the
    rate of the centre, less the hours and rates of the ordinary rows of its operation; an hour of people who are paid by
    the month costs nothing more.
    """
    others = operations[operations["is_alternative"]]
    if others.empty:
        return None
    wages = np.array([0.0 if centre.pk in rows.pools else float(centre.cost_rate) for centre in rows.centres])
    groups = others[["node", "operation"]].drop_duplicates().reset_index(drop=True)
    groups["group"] = np.arange(len(groups))
    ordinary = operations[~operations["is_alternative"]].reset_index(drop=True)
    ordinary["line"] = np.arange(len(ordinary))
    lines = ordinary.merge(groups, on=["node", "operation"])
    group = others.merge(groups, on=["node", "operation"], how="left")["group"].to_numpy(np.int64)
    usual = np.zeros(len(groups))
    np.add.at(usual, lines["group"].to_numpy(), lines["hours"].to_numpy() * wages[lines["centre"].to_numpy()])
    centre, hours = others["centre"].to_numpy(), others["hours"].to_numpy()
    dearer = hours * wages[centre] - usual[group]
    return Alternatives(
        node=groups["node"].to_numpy(np.int64),
        line=lines["line"].to_numpy(np.int64),
        line_operation=lines["group"].to_numpy(np.int64),
        operation=group,
        cost=np.repeat(dearer[:, None], len(rows.months), axis=1),
        way=np.arange(len(others)),
        centre=centre,
        hours=hours,
    )


def load_rerouted(plan: Plan) -> tuple[Keys, Keys, Keys, Ints]:
    """What the published plan sends to alternative work centres: item, operation, work centre (row,), milli-units
    (row, month). One query."""
    (items, operations, centres), (units,) = read_series(
        "SELECT item_id::int4, operation::int4, work_centre_id::int4, units FROM supply_reroutedseries"
        " WHERE plan_id = %s ORDER BY item_id, operation, work_centre_id",
        keys=3,
        columns=1,
        months=plan.horizon,
        parameters=[plan.pk],
    )
    return items, operations, centres, units


def load_moves(plan: Plan, centre: WorkCentre, month: int) -> dict[int, tuple[int, float]]:
    """What alternatives change for one work centre in a month of the published plan, by item. At most two queries.

    Returns:
        Milli-units and milli-hours, positive where the centre is the alternative, negative where units that would go
        through it go elsewhere; empty where the plan sends nothing another way.
    """
    items, operations, centres, units = load_rerouted(plan)
    moved = np.flatnonzero(units[:, month])
    names = (
        "item_id",
        "operation",
        "work_centre_id",
        "work_centre__site_id",
        "hours_per_unit",
        "recent_hours_per_unit",
    )
    rows = list(Routing.objects.filter(item__in=items[moved].tolist()).values_list(*names, "is_alternative"))
    site_of = {row[:3]: row[3] for row in rows}
    hours = {row[:3]: float(row[4] if row[5] is None else row[5]) for row in rows}
    ordinary = {row[:2] for row in rows if row[2] == centre.pk and not row[6]}
    moves: dict[int, tuple[int, float]] = {}
    for item, operation, other, milli in zip(
        items[moved].tolist(),
        operations[moved].tolist(),
        centres[moved].tolist(),
        units[moved, month].tolist(),
        strict=True,
    ):
        key = (item, operation, other)
        leaves = (item, operation) in ordinary and site_of.get(key) == centre.site_id
        step = milli if other == centre.pk else -milli if leaves else 0
        if step:
            before = moves.get(item, (0, 0.0))
            moves[item] = (before[0] + step, before[1] + step * hours.get((item, operation, centre.pk), 0.0))
    return moves
