"""The people of a plan: written with it, and read for its page, its gate and its books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catalog.calc.months import month_date
from catalog.frames.series_rows import write_series
from cycles.models import Plan
from cycles.registry import Problem, SectionRow
from supply.calc.published_plan import PublishedPlan
from supply.frames import SupplyInput
from supply.frames.workforce import COLUMNS, HeadsBlock, load_heads
from supply.models import PlannedHeads, WorkCentre

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PoolMonth:
    """Heads of one work centre in a month, and how many were hired and released in it."""

    heads: int
    hired: int
    released: int


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """The people of one work centre over the plan; ``cents`` wages, hiring and releasing together."""

    code: str
    name: str
    opening: int
    months: tuple[PoolMonth, ...]
    cents: int


@dataclass(frozen=True, slots=True)
class Workforce:
    """The people of a plan. Cents over its months: ``wages``, ``hire``, ``release``, and ``absorbed``, what standard costs
    count for the hours worked; the rest is in no statement of finance."""

    months: tuple[date, ...]
    pools: tuple[PoolPlan, ...]
    wages: int
    hire: int
    release: int
    absorbed: int

    @property
    def outside_books(self) -> int:
        """Cents that the people cost beyond what the standard costs count; negative where less is paid."""
        return self.wages + self.hire + self.release - self.absorbed


def write_heads(plan: Plan, supply: SupplyInput, result: PublishedPlan) -> None:
    """Replace the people of a plan, in the caller's transaction; none where no people are modelled."""
    PlannedHeads.objects.filter(plan=plan).delete()
    people, staff, cost = supply.problem.choices.people, result.staff, result.staff_cost
    if people is None:
        return
    blocks = (staff.heads, staff.hired, staff.released, cost.wages, cost.hire, cost.release, cost.absorbed)
    keys: list[ArrayLike] = [
        np.int64(plan.pk),
        supply.centre_ids[people.centre],
        np.rint(people.opening).astype(np.int64),
    ]
    write_series(PlannedHeads._meta.db_table, ["plan_id", "work_centre_id", "opening"], COLUMNS, keys, blocks)


def workforce_of(plan: Plan) -> Workforce | None:
    """The people of the published plan, by work centre; None where none are modelled. Two queries."""
    block = load_heads(plan)
    if not len(block.centre_ids):
        return None
    centres = WorkCentre.objects.in_bulk(block.centre_ids.tolist())
    pools = [_pool(block, row, centres[key]) for row, key in enumerate(block.centre_ids.tolist())]
    return Workforce(
        months=tuple(month_date(plan.first_month_index + offset) for offset in range(plan.horizon)),
        pools=tuple(sorted(pools, key=lambda pool: pool.code)),
        wages=int(block.wages_cents.sum()),
        hire=int(block.hire_cents.sum()),
        release=int(block.release_cents.sum()),
        absorbed=int(block.absorbed_cents.sum()),
    )


def _pool(block: HeadsBlock, row: int, centre: WorkCentre) -> PoolPlan:
    parts = (block.heads[row].tolist(), block.hired[row].tolist(), block.released[row].tolist())
    paid = block.wages_cents[row] + block.hire_cents[row] + block.release_cents[row]
    return PoolPlan(
        centre.code,
        centre.name,
        int(block.opening[row]),
        tuple(PoolMonth(*month) for month in zip(*parts, strict=True)),
        int(paid.sum()),
    )


def people_rows(plan: Plan) -> list[SectionRow]:
    """Opening heads, heads and cents per month of every work centre with people, for the snapshot."""
    people = load_heads(plan)
    codes = dict(WorkCentre.objects.filter(pk__in=people.centre_ids.tolist()).values_list("id", "code"))
    return [
        SectionRow(
            ("people", codes[centre]),
            {"opening": int(people.opening[row]), **{name: getattr(people, name)[row].tolist() for name in COLUMNS}},
        )
        for row, centre in enumerate(people.centre_ids.tolist())
    ]


def people_problems(plan: Plan) -> Iterator[Problem]:
    """Work centres whose heads are not heads before + hired − released, or fall below 0."""
    people = load_heads(plan)
    rolled = people.opening[:, None] + np.cumsum(people.hired - people.released, axis=1)
    for row, month in np.argwhere((rolled != people.heads) | (people.heads < 0)).tolist():
        where = f"supply_plannedheads plan {plan.number} work centre {people.centre_ids[row]}"
        yield Problem(where, f"heads do not roll forward in month {month + 1}")
