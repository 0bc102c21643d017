"""The smaller kinds of planning documents: rough-cut capacity, safety stock, projected balance, cover, excess."""

from __future__ import annotations

from typing import Any

import numpy as np

from supply.calc.capacity import RoutingLines, available_hours, load_percent, required_hours, split_load, units_to_start
from supply.calc.outside.fields import Fields, ProblemFormError
from supply.calc.problem import Floats
from supply.calc.stock_policy import (
    StockPolicy,
    excess_and_obsolete,
    for_reorder_point,
    for_service,
    forward_cover,
    lead_time_deviation,
    projected_balance,
)


def rough_cut(fields: Fields) -> dict[str, Any]:
    """Hours that a production plan needs of every resource, against what it has.

    Items: `units` (good ones), `scrap` share, `hours` per unit of each resource, or one number that the resources'
    `share` splits. Resources: `hours`, or `machines` × `hours_per_machine` × `efficiency`.
    """
    resources = list(fields.objects("resources"))
    names = [each.text("name") for each in resources]
    shares = np.array([each.number("share", 0.0) for each in resources])
    lines: list[tuple[int, int, float]] = []
    units = []
    for node, item in enumerate(fields.objects("items")):
        item.text("name")
        started = units_to_start(np.array([item.number("units")]), item.share("scrap"))
        units.append(started)
        per_unit = item.raw("hours")
        if isinstance(per_unit, dict):
            inner = Fields(per_unit, f"{item.place}.hours")
            lines += [(node, _place(names, name, inner), inner.number(name)) for name in per_unit]
        else:
            split = split_load(item.number("hours"), _shares(item, shares, names))
            lines += [(node, place, float(hours)) for place, hours in enumerate(split)]
        item.end()
    routing = RoutingLines(
        np.array([line[0] for line in lines], np.int64),
        np.array([line[1] for line in lines], np.int64),
        np.array([line[2] for line in lines], np.float64),
    )
    needed = required_hours(np.array(units).reshape(-1, 1), routing, len(names))
    has = np.array([_available(each) for each in resources]).reshape(-1, 1)
    percent = load_percent(needed, has)
    return {
        "hours": float(needed.sum()),
        "resources": [
            {"name": name, "hours": float(need), "available": float(there) or None, "load_percent": _or_none(load)}
            for name, need, there, load in zip(names, needed[:, 0], has[:, 0], percent[:, 0], strict=True)
        ],
    }


def _available(resource: Fields) -> float:
    """Hours of a resource, 0 where none are given."""
    if resource.has("machines"):
        per_machine = np.array([resource.number("machines") * resource.number("hours_per_machine")])
        efficiency = np.array([resource.number("efficiency", 1.0)])
        hours = float(available_hours(per_machine, np.ones(1, np.int64), efficiency)[0, 0])
    else:
        hours = resource.number("hours", 0.0)
    resource.end()
    return hours


def _shares(item: Fields, shares: Floats, names: list[str]) -> Floats:
    if len(names) == 1:
        return np.ones(1)
    if not np.isclose(shares.sum(), 1.0):
        reason = f"is one number, and the shares of the resources add to {shares.sum():g}"
        raise ProblemFormError(f"{item.place}.hours", item.raw("hours"), reason, "Give shares that add to 1")
    return shares


def _place(names: list[str], name: str, fields: Fields) -> int:
    if name not in names:
        raise ProblemFormError(fields.place, name, "is no resource", f"Resources: {', '.join(names) or 'none'}")
    return names.index(name)


def safety_stock(fields: Fields) -> dict[str, Any]:
    """Safety stock, reorder point, cycle service and fill rate of items with normal demand."""
    return {"items": [{"name": name, **vars(policy)} for name, policy in map(_policy, fields.objects("items"))]}


def _policy(item: Fields) -> tuple[str, StockPolicy]:
    name, demand, lead_time = item.text("name"), item.number("demand"), item.number("lead_time")
    deviation = lead_time_deviation(
        demand, item.number("demand_deviation"), lead_time, item.number("lead_time_deviation", 0.0)
    )
    lot = item.number("lot") if item.has("lot") else None
    if item.has("service"):
        service = item.number("service")
        if not 0 < service < 1:
            place = f"{item.place}.service"
            raise ProblemFormError(place, service, "is no service level", "Give a share between 0 and 1, as 0.95")
        policy = for_service(demand * lead_time, deviation, service, lot)
    else:
        policy = for_reorder_point(demand * lead_time, deviation, item.number("reorder_point"), lot)
    item.end()
    return name, policy


def balance(fields: Fields) -> dict[str, Any]:
    """Projected balance of one item, with the demand that was counted."""
    months = _length(fields, "forecast")
    left, demand = projected_balance(
        fields.number("opening", 0.0),
        fields.series("forecast", months),
        fields.series("orders", months, 0.0),
        fields.series("receipts", months, 0.0),
        fence=int(fields.number("time_fence", 0.0)),
    )
    return {"demand": demand.tolist(), "balance": left.tolist()}


def cover(fields: Fields) -> dict[str, Any]:
    """Periods that the stock on hand lasts; null and a note where no demand is coming."""
    demand = fields.series("demand", _length(fields, "demand"))
    periods = forward_cover(fields.number("on_hand"), demand)
    return {"periods": periods, "note": "no demand" if periods is None else ""}


def excess(fields: Fields) -> dict[str, Any]:
    """Excess and obsolete units of stock, and their value at standard cost where that is given."""
    demand = fields.series("demand", _length(fields, "demand"))
    window = int(fields.number("window", float(len(demand))))
    beyond, dead = excess_and_obsolete(fields.number("on_hand"), demand, window)
    cost = fields.number("standard_cost") if fields.has("standard_cost") else None
    value = {} if cost is None else {"excess_value": beyond * cost, "obsolete_value": dead * cost}
    return {"excess": beyond, "obsolete": dead, **value}


def _length(fields: Fields, name: str) -> int:
    given = fields.raw(name)
    if not isinstance(given, list) or not given:
        raise ProblemFormError(f"{fields.place}.{name}", given, "is no list of numbers", "Give one number per period")
    return len(given)


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
