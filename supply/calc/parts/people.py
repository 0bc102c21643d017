"""People who are hired and released, and whose hours the work centres have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from supply.calc.lp_layout import Layout
from supply.calc.lp_part import Bounds, Ground, Part, Piece, Rows, ones
from supply.calc.problem import Flags, Floats, FractionalPlan, Ints, SupplyProblem


@dataclass(frozen=True)
class People:
    """Pools of people, each working on one work centre.

    ``centre`` and ``opening`` heads are (pool,); the rest (pool, month): regular ``hours`` and ``overtime_hours`` of one
    head, ``wage`` per head, ``hire`` and ``release`` per head in reporting currency, ``least`` and ``most`` heads.
    ``is_whole``: only whole people.
    """

    labels: tuple[str, ...]
    centre: Ints
    opening: Floats
    hours: Floats
    overtime_hours: Floats
    wage: Floats
    hire: Floats
    release: Floats
    least: Floats
    most: Floats
    is_whole: bool = False


def _columns(ground: Ground) -> dict[str, Flags]:
    people = ground.problem.choices.people
    pools = np.ones(people.hours.shape if people else (0, ground.problem.months), dtype=bool)
    return {"people": pools, "hired": pools, "released": pools}


def _rows(ground: Ground) -> dict[str, Rows]:
    """Heads (pool, month): heads − heads before − hired + released = 0 (the opening heads in the first month); overtime
    (pool, month): overtime hours − overtime hours of the heads ≤ limit of the work centre."""
    people = ground.problem.choices.people
    if people is None:
        none = np.zeros((0, ground.problem.months))
        return {"heads": Rows((), none, none), "pool_overtime": Rows((), none, none)}
    heads = np.zeros(people.hours.shape)
    heads[:, 0] = people.opening
    limit = ground.problem.centres.overtime_limit[people.centre]
    return {
        "heads": Rows(tuple(f"heads of {label}" for label in people.labels), heads, heads),
        "pool_overtime": Rows(
            tuple(f"overtime of {label}" for label in people.labels), np.full(limit.shape, -np.inf), limit
        ),
    }


def _bounds(ground: Ground, layout: Layout, bounds: Bounds) -> None:
    """Heads between least and most; overtime of their work centre is bounded by a row instead of its column."""
    people = ground.problem.choices.people
    if people is None:
        return
    for name, rate in (("people", people.wage), ("hired", people.hire), ("released", people.release)):
        block = layout.columns[name]
        bounds.cost[block.numbers] = rate[block.row, block.month]
        bounds.whole[block.numbers] = people.is_whole
    heads, overtime = layout.columns["people"], layout.columns["overtime"]
    bounds.lower[heads.numbers] = people.least[heads.row, heads.month]
    bounds.upper[heads.numbers] = people.most[heads.row, heads.month]
    bounds.upper[overtime.numbers[np.isin(overtime.row, people.centre)]] = np.inf


def _coefficients(ground: Ground, layout: Layout) -> Iterator[Piece]:
    people = ground.problem.choices.people
    if people is None:
        return
    heads, row = layout.columns["people"], layout.rows["heads"].numbered()
    pool, month = heads.row, heads.month
    later = month < ground.problem.months - 1
    yield row[pool, month], heads.numbers, ones(pool)
    yield row[pool[later], month[later] + 1], heads.numbers[later], ones(pool[later], -1.0)
    yield row[pool, month], layout.columns["hired"].numbers, ones(pool, -1.0)
    yield row[pool, month], layout.columns["released"].numbers, ones(pool)
    centre = people.centre[pool]
    yield layout.rows["hours"].numbered()[centre, month], heads.numbers, -people.hours[pool, month]
    limit = layout.rows["pool_overtime"].numbered()[pool, month]
    yield limit, heads.numbers, -people.overtime_hours[pool, month]
    overtime = layout.columns["overtime"].numbered()[centre, month]
    works_over = overtime >= 0
    yield limit[works_over], overtime[works_over], ones(pool[works_over])


def _cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, Floats]:
    people = problem.choices.people
    if people is None:
        return {}
    return {
        "wages": plan.people * people.wage,
        "hire": plan.hired * people.hire,
        "release": plan.released * people.release,
    }


PEOPLE = Part(columns=_columns, rows=_rows, bounds=_bounds, coefficients=_coefficients, cost_lines=_cost_lines)
