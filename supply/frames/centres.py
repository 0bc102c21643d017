"""Work centres with their hours, and the operations that load them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.months import days_in_month, month_date
from supply.calc.capacity import RoutingLines, available_hours
from supply.calc.network import MakeRules, Node
from supply.calc.parts.shifts import Shifts
from supply.calc.problem import Centres
from supply.frames.plan_rows import PlanRows
from supply.frames.sources import load_calendar


def load_centres(rows: PlanRows) -> Centres:
    """Hours (work centre, month): calendar days × hours a day, or what the calendar states; overtime with extra shifts.
    Where people are modelled there are none: they bring their own."""
    days = np.array([days_in_month(month) for month in rows.months], np.int64)
    per_day = np.array([float(centre.hours_per_day) for centre in rows.centres])
    regular = available_hours(per_day, days)
    calendar = load_calendar()
    first_days = [month_date(month) for month in rows.months]
    stated = [[calendar.get((centre.pk, day), np.nan) for day in first_days] for centre in rows.centres]
    given = np.array(stated, np.float64).reshape(regular.shape)
    regular = np.where(np.isnan(given), regular, given)
    regular[[centre.pk in rows.pools for centre in rows.centres]] = 0.0
    limit = regular * np.array([float(centre.overtime_limit) for centre in rows.centres])[:, None]
    number = {centre.pk: index for index, centre in enumerate(rows.centres)}
    for (centre, month), hours in rows.pins.hours.items():
        if centre in number:
            limit[number[centre], month] += hours
    return Centres(tuple(centre.code for centre in rows.centres), regular, limit)


def operation_lines(rows: PlanRows, rules: MakeRules, number: dict[Node, int]) -> pd.DataFrame:
    """Operations at work centres that constrain, on the node of their item at the work centre's site.

    Returns:
        node, centre (their numbers), hours per unit, operation, is_alternative, in the order of the file.
    """
    centres = {centre.pk: index for index, centre in enumerate(rows.centres)}
    lines = [
        (number[row.item_id, row.site_id], centres[row.work_centre_id], row.hours, row.operation, row.is_alternative)
        for row in rows.operations.itertuples(index=False)
        if row.work_centre_id in centres
        and (row.item_id, row.site_id) in number
        and rules.can_make((row.item_id, row.site_id))
    ]
    columns = {"node": np.int64, "centre": np.int64, "hours": np.float64, "operation": np.int64, "is_alternative": bool}
    return pd.DataFrame(lines, columns=list(columns)).astype(columns)


def routing_lines(operations: pd.DataFrame) -> RoutingLines:
    """The ordinary ones of ``operation_lines``: all of an item's are needed."""
    lines = operations[~operations["is_alternative"]]
    return RoutingLines(lines["node"].to_numpy(), lines["centre"].to_numpy(), lines["hours"].to_numpy())


def labour_rates(rows: PlanRows, routing: RoutingLines, nodes: int) -> NDArray[np.float64]:
    """Reporting currency per unit made at regular rates (node,)."""
    labour = np.zeros(nodes)
    wages = np.array([float(centre.cost_rate) for centre in rows.centres])
    np.add.at(labour, routing.node, routing.hours * wages[routing.centre])
    return labour


def overtime_rates(rows: PlanRows) -> NDArray[np.float64]:
    """Premium of an hour of overtime (work centre, month), reporting currency."""
    hourly = np.array([float(centre.cost_rate * centre.overtime_premium) for centre in rows.centres], np.float64)
    return np.repeat(hourly[:, None], len(rows.months), axis=1)


def load_shifts(rows: PlanRows) -> Shifts | None:
    """Extra shifts of the work centres, the same every month; None where no work centre has any. Where people are paid by
    the month, an hour beyond theirs costs its labour too."""
    if not any(centre.shift_hours for centre in rows.centres):
        return None
    hours = np.array([float(centre.shift_hours) for centre in rows.centres])
    rates = [float(centre.shift_premium) + (centre.pk in rows.pools) for centre in rows.centres]
    premium = np.array([float(centre.cost_rate) * rate for centre, rate in zip(rows.centres, rates, strict=True)])
    return Shifts(*(np.repeat(each[:, None], len(rows.months), axis=1) for each in (hours, premium)))
