"""Work centres with their hours, and the operations that load them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import days_in_month, month_date
from supply.calc.capacity import RoutingLines, available_hours
from supply.calc.network import MakeRules, Node
from supply.calc.problem import Centres
from supply.frames.plan_rows import PlanRows
from supply.frames.sources import load_calendar


def load_centres(rows: PlanRows) -> Centres:
    """Hours (work centre, month): calendar days × hours a day, or what the calendar states; overtime with extra shifts."""
    days = np.array([days_in_month(month) for month in rows.months], np.int64)
    per_day = np.array([float(centre.hours_per_day) for centre in rows.centres])
    regular = available_hours(per_day, days)
    calendar = load_calendar()
    first_days = [month_date(month) for month in rows.months]
    stated = [[calendar.get((centre.pk, day), np.nan) for day in first_days] for centre in rows.centres]
    given = np.array(stated, np.float64).reshape(regular.shape)
    regular = np.where(np.isnan(given), regular, given)
    limit = regular * np.array([float(centre.overtime_limit) for centre in rows.centres])[:, None]
    number = {centre.pk: index for index, centre in enumerate(rows.centres)}
    for (centre, month), hours in rows.pins.hours.items():
        if centre in number:
            limit[number[centre], month] += hours
    return Centres(tuple(centre.code for centre in rows.centres), regular, limit)


def routing_lines(rows: PlanRows, rules: MakeRules, number: dict[Node, int]) -> RoutingLines:
    """Operations at work centres that constrain, on the node of their item at the work centre's site."""
    centres = {centre.pk: index for index, centre in enumerate(rows.centres)}
    lines = [
        (number[item, site], centres[centre], hours)
        for item, centre, site, hours in rows.operations.itertuples(index=False)
        if centre in centres and (item, site) in number and rules.can_make((item, site))
    ]
    return RoutingLines(
        node=np.array([line[0] for line in lines], np.int64),
        centre=np.array([line[1] for line in lines], np.int64),
        hours=np.array([line[2] for line in lines], np.float64),
    )


def labour_rates(rows: PlanRows, routing: RoutingLines, nodes: int) -> NDArray[np.float64]:
    """Reporting currency per unit made at regular rates (node,)."""
    labour = np.zeros(nodes)
    wages = np.array([float(centre.cost_rate) for centre in rows.centres])
    np.add.at(labour, routing.node, routing.hours * wages[routing.centre])
    return labour
