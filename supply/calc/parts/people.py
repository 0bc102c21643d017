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
    """Pools of people, each working on one work centre; several may work on the same.

    ``centre`` and ``opening`` heads are (pool,); the rest (pool, month): regular ``hours`` and ``overtime_hours`` of one
    head, ``wage`` per head, ``hire`` and ``release`` per head in reporting currency, ``least`` and ``most`` heads,
    ``hire_most`` and ``release_most`` heads a month (None = no limit). ``busy`` (pool,): the work centre of the pool
    works every regular hour it has (None = hours may stand idle). ``labour`` (pool,) reporting currency: what an hour of
    overtime or an extra shift there costs besides its premium, because making a unit carries no labour where people are paid (None = 0).
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
    hire_most: Floats | None = None
    release_most: Floats | None = None
    busy: Flags | None = None
    labour: Floats | None = None
    is_whole: bool = False

    @property
    def places(self) -> Ints:
        """Work centres with people (place,), ascending."""
        return np.unique(self.centre)

    @property
    def busy_places(self) -> Ints:
        """Work centres whose regular hours may not stand idle (place,), ascending."""
        return np.unique(self.centre[self.busy]) if self.busy is not None else np.zeros(0, np.int64)


def _columns(ground: Ground) -> dict[str, Flags]:
    people = ground.problem.choices.people
    pools = np.ones(people.hours.shape if people else (0, ground.problem.months), dtype=bool)
    return {"people": pools, "hired": pools, "released": pools}


def _rows(ground: Ground) -> dict[str, Rows]:
    """Heads (pool, month): heads − heads before − hired + released = 0 (the opening heads in the first month).

    Overtime (place, month): overtime hours − overtime hours of all heads there ≤ limit of the work centre. Busy (place,
    month): Σ hours · made − overtime − hours of all heads there ≥ regular hours of the work centre.
    """
    people, centres = ground.problem.choices.people, ground.problem.centres
    if people is None:
        none = np.zeros((0, ground.problem.months))
        return {name: Rows((), none, none) for name in ("heads", "people_overtime", "busy")}
    heads = np.zeros(people.hours.shape)
    heads[:, 0] = people.opening
    limit, least = centres.overtime_limit[people.places], centres.regular[people.busy_places]
    names = centres.labels
    return {
        "heads": Rows(tuple(f"heads of {label}" for label in people.labels), heads, heads),
        "people_overtime": Rows(
            tuple(f"overtime of {names[place]}" for place in people.places), np.full(limit.shape, -np.inf), limit
        ),
        "busy": Rows(
            tuple(f"work for {names[place]}" for place in people.busy_places), least, np.full(least.shape, np.inf)
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
    for name, limit in (("hired", people.hire_most), ("released", people.release_most)):
        if limit is not None:
            bounds.upper[layout.columns[name].numbers] = limit[heads.row, heads.month]
    ours = overtime.numbers[np.isin(overtime.row, people.centre)]
    bounds.upper[ours] = np.inf
    if people.labour is not None:
        labour = _labour(ground.problem, people)
        for block in (overtime, layout.columns["shift"]):
            bounds.cost[block.numbers] += labour[block.row]


def _labour(problem: SupplyProblem, people: People) -> Floats:
    """Labour of an overtime hour (work centre,), 0 where no people are modelled."""
    labour = np.zeros(len(problem.centres.labels))
    labour[people.centre] = people.labour
    return labour


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
    limit = layout.rows["people_overtime"].numbered()
    place = np.searchsorted(people.places, centre)
    yield limit[place, month], heads.numbers, -people.overtime_hours[pool, month]
    overtime = layout.columns["overtime"]
    ours = np.isin(overtime.row, people.places)
    place = np.searchsorted(people.places, overtime.row[ours])
    yield limit[place, overtime.month[ours]], overtime.numbers[ours], ones(place)
    yield from _busy(ground, layout, people)


def _busy(ground: Ground, layout: Layout, people: People) -> Iterator[Piece]:
    """Coefficients of the hours that may not stand idle."""
    row, where = layout.rows["busy"].numbered(), people.busy_places
    routing, make = ground.problem.routing, layout.columns["make"].numbered()
    operation, month = np.nonzero(np.isin(routing.centre, where)[:, None] & (make[routing.node] >= 0))
    place = np.searchsorted(where, routing.centre[operation])
    yield row[place, month], make[routing.node[operation], month], routing.hours[operation]
    for block, centre, hours in (
        (layout.columns["overtime"], layout.columns["overtime"].row, None),
        (layout.columns["people"], people.centre[layout.columns["people"].row], people.hours),
    ):
        ours = np.isin(centre, where)
        place = np.searchsorted(where, centre[ours])
        value = ones(place) if hours is None else hours[block.row[ours], block.month[ours]]
        yield row[place, block.month[ours]], block.numbers[ours], -value


def _cost_lines(problem: SupplyProblem, plan: FractionalPlan) -> dict[str, Floats]:
    people = problem.choices.people
    if people is None:
        return {}
    labour = 0.0 if people.labour is None else _labour(problem, people)[:, None]
    return {
        "wages": plan.people * people.wage,
        "overtime_wages": (plan.overtime + plan.quantity["shift"]) * labour,
        "hire": plan.hired * people.hire,
        "release": plan.released * people.release,
    }


PEOPLE = Part(columns=_columns, rows=_rows, bounds=_bounds, coefficients=_coefficients, cost_lines=_cost_lines)
