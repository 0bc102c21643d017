"""The answer to a planning document, whatever its kind, as a document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from supply.calc.hour_value import HourValue
from supply.calc.outside import smaller
from supply.calc.outside.document import Document, read_document
from supply.calc.outside.fields import Fields, ProblemFormError
from supply.calc.outside.solution import Solution, hours_of, solve_document
from supply.calc.outside.translation import has_price, lanes_of
from supply.calc.problem import Floats, FractionalPlan

AGGREGATE = "aggregate_plan"
DIGITS = 6

OTHER_KINDS: dict[str, Callable[[Fields], dict[str, Any]]] = {
    "rough_cut": smaller.rough_cut,
    "safety_stock": smaller.safety_stock,
    "projected_balance": smaller.balance,
    "forward_cover": smaller.cover,
    "excess": smaller.excess,
}


def answer(given: object, *, whole: bool = False) -> dict[str, Any]:
    """Solve a document of any kind; `whole` counts people and lots of an aggregate plan in whole numbers.

    Raises:
        ProblemFormError: The document states no problem.
        InfeasiblePlanError, UnsolvedPlanError, CircularBillOfMaterialsError: No plan; see ``solve_document``.
    """
    fields = Fields(given, "problem")
    kind = fields.text("kind", AGGREGATE)
    if kind == AGGREGATE:
        document = read_document(given)
        return aggregate_answer(document, solve_document(document, whole=whole), whole=whole)
    if kind not in OTHER_KINDS:
        known = ", ".join((AGGREGATE, *OTHER_KINDS))
        raise ProblemFormError("problem.kind", kind, "is unknown", f"Kinds: {known}")
    for name in ("name", "source", "note"):
        fields.has(name)
    result = OTHER_KINDS[kind](fields)
    fields.end()
    return {"kind": kind, **result}


def aggregate_answer(document: Document, solution: Solution, *, whole: bool) -> dict[str, Any]:
    """The plan as a document: totals, cost lines, and one series per item, work centre and pool of people."""
    plan, earns = solution.plan, has_price(document)
    return {
        "kind": AGGREGATE,
        "status": "optimal",
        "whole": whole,
        "gap": solution.gap,
        "currency": document.currency,
        "periods": list(document.periods),
        "cost": _plain(solution.cost),
        "revenue": _plain(solution.revenue) if earns else None,
        "profit": _plain(solution.revenue - solution.cost) if earns else None,
        "lost_revenue": _plain(solution.lost) if earns else None,
        "cost_lines": {name: _plain(cost) for name, cost in solution.lines.items()},
        "items": _items(document, plan),
        "markets": _markets(document, solution),
        "transfers": [
            {"from": way.source, "to": way.target, "units": _series(plan.quantity["transfer"][row])}
            for row, way in enumerate(document.transfers)
        ],
        "resources": _resources(document, solution),
        "workforce": [
            {
                "name": pool.name,
                "resource": pool.centre,
                "heads": _series(plan.people[row]),
                "hired": _series(plan.hired[row]),
                "released": _series(plan.released[row]),
            }
            for row, pool in enumerate(document.people)
        ],
    }


def _items(document: Document, plan: FractionalPlan) -> list[dict[str, Any]]:
    """The quantities of every item; delivered is what its own demand and the markets get."""
    is_bought = np.array([item.is_bought for item in document.items])[:, None]
    delivered = np.zeros(plan.make.shape)
    np.add.at(delivered, lanes_of(document)[1], plan.flow)
    blocks = {
        "make": plan.make,
        "subcontract": np.where(is_bought, 0.0, plan.subcontract),
        "purchase": np.where(is_bought, plan.subcontract, 0.0),
        "delivered": delivered,
        "stock": plan.inventory,
        "backlog": plan.backlog,
        "declined": plan.short,
        **({"expired": plan.quantity["expired"]} if any(item.stock.life >= 0 for item in document.items) else {}),
    }
    return [
        {
            "name": item.name,
            **{name: _series(values[row]) for name, values in blocks.items()},
            **_ways(document, plan, row),
        }
        for row, item in enumerate(document.items)
    ]


def _ways(document: Document, plan: FractionalPlan, row: int) -> dict[str, Any]:
    """Units of each way to make an item that has several: the ordinary one first."""
    first = sum(len(item.other_ways) for item in document.items[:row])
    others = plan.quantity["rerouted"][first : first + len(document.items[row].other_ways)]
    if not len(others):
        return {}
    return {"ways": [_series(plan.make[row] - others.sum(axis=0)), *(_series(units) for units in others)]}


def _markets(document: Document, solution: Solution) -> list[dict[str, Any]]:
    """What every market gets of each item that may serve it, and what was declined."""
    groups, nodes, _ = lanes_of(document)
    rows = []
    for group, market in enumerate(document.markets, start=len(document.items)):
        lanes = np.flatnonzero(groups == group)
        rows.append(
            {
                "name": market.name,
                "from": {document.items[nodes[lane]].name: _series(solution.plan.flow[lane]) for lane in lanes},
                "declined": _series(solution.plan.short[group]),
            }
        )
    return rows


def _resources(document: Document, solution: Solution) -> list[dict[str, Any]]:
    """Hours needed and available, and what one more regular hour is worth; a price only where the hours bind."""
    plan, rows = solution.plan, []
    for number, centre in enumerate(document.centres):
        used, regular = hours_of(document, plan, number)
        rows.append(
            {
                "name": centre.name,
                "hours": _series(used),
                "regular_hours": _series(regular),
                "overtime": _series(plan.overtime[number]),
                **({"shift": _series(plan.quantity["shift"][number])} if centre.shift_most.any() else {}),
                "hour_value": [_hour_value(solution.hours, number, month) for month in range(len(document.periods))],
            }
        )
    return rows


def _hour_value(value: HourValue, centre: int, month: int) -> dict[str, float | None]:
    """Worth of one hour more (`one_more`) and of the last one (`one_less`); the hours between which it holds."""
    return {
        "one_more": _plain(value.low[centre, month]),
        "one_less": _plain(value.high[centre, month]),
        "valid_from": _plain(value.least[centre, month]),
        "valid_to": _plain(value.most[centre, month]),
    }


def _series(values: Floats) -> list[float | None]:
    return [_plain(value) for value in values]


def _plain(value: float) -> float | None:
    """A number of the document: six decimals, no negative zero; infinity is null."""
    if not np.isfinite(value):
        return None
    return round(float(value), DIGITS) + 0.0
