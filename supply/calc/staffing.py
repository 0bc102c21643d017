"""People of the plan in whole heads, and the work centres with the hours that these people bring."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from catalog.calc.rounding import round_half_away
from supply.calc.parts.people import People
from supply.calc.problem import Floats, FractionalPlan, Ints, SupplyProblem
from supply.calc.whole_plan import WholePlan

NEARLY = 1e-6
NOBODY = np.zeros((0, 0), np.int64)


@dataclass(frozen=True)
class Staff:
    """Whole heads (pool, month): ``heads`` = heads before + ``hired`` − ``released``."""

    heads: Ints
    hired: Ints
    released: Ints


@dataclass(frozen=True)
class StaffCost:
    """Cents (pool, month), ≥ 0: ``wages``, ``hire``, ``release``; ``absorbed`` what standard costs count for the regular
    hours that are worked. wages + hire + release − absorbed is what the people cost beyond the standard."""

    wages: Ints
    hire: Ints
    release: Ints
    absorbed: Ints

    @property
    def beyond_standard(self) -> int:
        """Cents over all pools and months; negative where standards count more than is paid."""
        return int(self.wages.sum() + self.hire.sum() + self.release.sum() - self.absorbed.sum())


def whole_heads(problem: SupplyProblem, plan: FractionalPlan) -> Staff:
    """Heads of a plan rounded up to whole people, at most as many as there may be; nobody where no people are modelled.

    Up, so that the hours of the fractional plan are there; hiring and releasing follow from the whole heads.
    """
    people = problem.choices.people
    if people is None:
        return Staff(NOBODY, NOBODY, NOBODY)
    most = np.where(np.isfinite(people.most), np.floor(np.where(np.isfinite(people.most), people.most, 0.0)), np.inf)
    heads = np.minimum(np.ceil(plan.people - NEARLY), most).astype(np.int64)
    change = np.diff(heads, axis=1, prepend=np.rint(people.opening).astype(np.int64)[:, None])
    return Staff(heads, np.maximum(change, 0), np.maximum(-change, 0))


def people_hours(people: People, heads: Floats | Ints, centres: int) -> tuple[Floats, Floats]:
    """Regular and overtime hours that heads (pool, month) bring to every work centre, (work centre, month) each."""
    regular, overtime = np.zeros((centres, heads.shape[1])), np.zeros((centres, heads.shape[1]))
    np.add.at(regular, people.centre, people.hours * heads)
    np.add.at(overtime, people.centre, people.overtime_hours * heads)
    return regular, overtime


def staffed(problem: SupplyProblem, plan: FractionalPlan) -> SupplyProblem:
    """The problem with the hours of the plan's whole heads on their work centres; itself where no people are modelled."""
    people = problem.choices.people
    if people is None:
        return problem
    regular, overtime = people_hours(people, whole_heads(problem, plan).heads, len(problem.centres.labels))
    centres = problem.centres
    return replace(
        problem,
        centres=replace(centres, regular=centres.regular + regular, overtime_limit=centres.overtime_limit + overtime),
    )


def staff_cost(problem: SupplyProblem, staff: Staff, whole: WholePlan) -> StaffCost:
    """What the whole heads cost, and what standard costs absorb of it: regular hours worked × standard labour rate."""
    people = problem.choices.people
    if people is None:
        return StaffCost(NOBODY, NOBODY, NOBODY, NOBODY)
    worked = (whole.load - whole.overtime - whole.shift)[people.centre]
    labour = np.zeros(len(people.labels)) if people.labour is None else people.labour
    return StaffCost(
        wages=round_half_away(people.wage * staff.heads * 100.0),
        hire=round_half_away(people.hire * staff.hired * 100.0),
        release=round_half_away(people.release * staff.released * 100.0),
        absorbed=round_half_away(worked * labour[:, None] * 100.0),
    )
