"""Ways out of a shortage as the ledger entries that each would make: overtime, pre-build, subcontract, another site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from supply.calc.parts.limits import no_limits
from supply.calc.parts.shifts import shift_limit
from supply.calc.plan_lp import InfeasiblePlanError, SolvedPlan, UnsolvedPlanError, solve_plan
from supply.calc.problem import MILLI, Flags, Floats, Ints, PinRows, SupplyProblem
from supply.calc.shortage_causes import hours_through_all_levels

FULL = 1e-6
LEAST_UNITS = 1e-3
FIRST = 1_000.0
"""How much more a shortage of the item weighs when it is asked what could be built ahead for it."""

NOT_FULL = "No work centre of it is full: hours are not what is missing."
TOO_DEAR = "Overtime is to be had within its limit, but it costs more than the shortage loses."


class OptionKind(StrEnum):
    """What can be done about a shortage, in the order of the page."""

    OVERTIME = "overtime"
    PREBUILD = "prebuild"
    SUBCONTRACT = "subcontract"
    OTHER_SITE = "other_site"
    DECLINE = "decline"


@dataclass(frozen=True)
class Entry:
    """One entry that the supply ledger would take: ``kind`` 'make' or 'subcontract' of node ``subject``, milli-units; or
    'extra_shift' of work centre ``subject``, milli-hours on top of those it has. ``month`` is a number from 0."""

    kind: str
    subject: int
    month: int
    quantity: int


@dataclass(frozen=True)
class Way:
    """One option: its entries, or in ``reason`` why it does not exist ('' when it does)."""

    kind: OptionKind
    entries: tuple[Entry, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Subject:
    """What is short: ``groups`` (group,) of the item, ``nodes`` its other places (node,), ``short`` units (group, month)."""

    groups: Ints
    nodes: Ints
    short: Floats

    @property
    def months(self) -> list[int]:
        """Month numbers in which something is short."""
        return np.flatnonzero((self.short > LEAST_UNITS).any(axis=0)).tolist()  # type: ignore[no-any-return]


def subject_of(problem: SupplyProblem, solved: SolvedPlan, nodes: Ints) -> Subject:
    """The shortage of one item in the present plan; ``nodes`` are all its places (node,)."""
    lanes = np.isin(problem.groups.lane_node, nodes)
    groups = np.unique(problem.groups.lane_group[lanes])
    return Subject(groups, nodes, solved.plan.short[groups])


def ways_out(problem: SupplyProblem, solved: SolvedPlan, subject: Subject) -> tuple[Way, ...]:
    """Every option of a shortage with the entries it would make, in the order of ``OptionKind``.

    Overtime: extra hours on the work centres that are full in the months of the shortage, as many as the missing units
    need through all levels. Pre-build: production pinned where the programme would put it if this shortage came first
    and nobody else got less. Subcontract: the missing units come in. Another site: extra hours where else it can be
    made and shipped from. Decline: nothing changes.
    """
    home = _lane_nodes(problem, subject, is_preferred=True)
    away = _lane_nodes(problem, subject, is_preferred=False)
    return (
        _more_hours(problem, solved, subject, home, OptionKind.OVERTIME),
        _prebuild(problem, solved, subject),
        _subcontract(problem, subject, home),
        _elsewhere(problem, solved, subject, away),
        Way(OptionKind.DECLINE),
    )


def with_entries(problem: SupplyProblem, entries: Sequence[Entry]) -> SupplyProblem:
    """The problem as it is once the ledger holds the entries; a pin takes the place of one on the same node and month."""
    pins, receipts = problem.pins, problem.receipts.copy()
    limit = problem.centres.overtime_limit.copy()
    made = [entry for entry in entries if entry.kind == "make"]
    for entry in entries:
        if entry.kind == "extra_shift":
            limit[entry.subject, entry.month] += entry.quantity / MILLI
        elif entry.kind == "subcontract":
            receipts[entry.subject, entry.month] += entry.quantity
    taken = {("make", entry.subject, entry.month) for entry in made}
    places = zip(pins.kind, pins.node.tolist(), pins.month.tolist(), strict=True)
    kept = np.array([place not in taken for place in places], dtype=bool)
    return replace(
        problem,
        centres=replace(problem.centres, overtime_limit=limit),
        receipts=receipts,
        pins=PinRows(
            kind=(*(kind for kind, keep in zip(pins.kind, kept, strict=True) if keep), *("make" for _ in made)),
            node=np.concatenate([pins.node[kept], np.array([entry.subject for entry in made], np.int64)]),
            month=np.concatenate([pins.month[kept], np.array([entry.month for entry in made], np.int64)]),
            quantity=np.concatenate([pins.quantity[kept], np.array([entry.quantity for entry in made], np.int64)]),
        ),
    )


def _lane_nodes(problem: SupplyProblem, subject: Subject, *, is_preferred: bool) -> Ints:
    """The node that serves each of the subject's groups first, or next (group,); −1 where there is none."""
    groups, found = problem.groups, np.full(len(subject.groups), -1, np.int64)
    for row, group in enumerate(subject.groups.tolist()):
        lanes = np.flatnonzero(groups.lane_group == group)
        ranked = groups.lane_node[lanes[np.argsort(groups.lane_rank[lanes], kind="stable")]].tolist()
        served = ranked[:1] if is_preferred else [node for node in ranked[1:] if problem.nodes.can_make[node]]
        if served:
            found[row] = served[0]
    return found


def _full(problem: SupplyProblem, solved: SolvedPlan) -> Flags:
    """Whether a work centre works all the overtime and extra shifts it may (work centre, month)."""
    limit = problem.centres.overtime_limit + shift_limit(problem)
    return np.asarray(solved.plan.overtime + solved.plan.quantity["shift"] >= limit - FULL * np.maximum(1.0, limit))


def _more_hours(problem: SupplyProblem, solved: SolvedPlan, subject: Subject, nodes: Ints, kind: OptionKind) -> Way:
    """Extra hours where the work centres of ``nodes`` (group,) are full, whole hours rounded up."""
    full, entries, is_dear = _full(problem, solved), [], False
    for month in subject.months:
        hours = hours_through_all_levels(problem, month)
        used = hours[nodes[nodes >= 0]].sum(axis=0) > FULL
        is_dear |= bool((used & ~full[:, month] & (solved.plan.price[:, month] > FULL)).any())
        needed = (
            sum(subject.short[row, month] * hours[node] for row, node in enumerate(nodes.tolist()) if node >= 0)
            * full[:, month]
        )
        for centre in np.flatnonzero(needed > FULL).tolist():
            entries.append(Entry("extra_shift", centre, month, int(np.ceil(needed[centre])) * int(MILLI)))
    if entries:
        return Way(kind, tuple(entries))
    return Way(kind, reason=TOO_DEAR if is_dear else NOT_FULL)


def _prebuild(problem: SupplyProblem, solved: SolvedPlan, subject: Subject) -> Way:
    """Production of the item pinned as it would be if its shortage came first and nobody else got less."""
    plan, last = solved.plan, max(subject.months, default=0)
    most = plan.short + LEAST_UNITS
    most[subject.groups] = np.inf
    first = problem.costs.shortage.copy()
    first[subject.groups] *= FIRST
    given = problem.choices.limits or no_limits(problem)
    asked = replace(
        problem,
        costs=replace(problem.costs, shortage=first),
        choices=replace(problem.choices, limits=replace(given, short_most=np.minimum(given.short_most, most))),
    )
    try:
        ahead = solve_plan(asked, basis=solved.solver.getBasis()).plan
    except (InfeasiblePlanError, UnsolvedPlanError):
        return Way(OptionKind.PREBUILD, reason="The hours of every month before are taken, overtime included.")
    if subject.short.sum() - ahead.short[subject.groups].sum() < LEAST_UNITS * len(subject.groups) + 1:
        return Way(OptionKind.PREBUILD, reason="The hours of every month before are taken, overtime included.")
    entries = []
    for node in subject.nodes[problem.nodes.can_make[subject.nodes]].tolist():
        moved = np.abs(ahead.make[node] - plan.make[node]) > LEAST_UNITS
        for month in np.flatnonzero(moved[: last + 1]).tolist():
            entries.append(Entry("make", node, month, _down(ahead.make[node, month], problem.nodes.quantum[node])))
    return Way(OptionKind.PREBUILD, tuple(entries), "" if entries else "It would not be made otherwise.")


def _subcontract(problem: SupplyProblem, subject: Subject, home: Ints) -> Way:
    """The missing units come in at the place that serves them, in the months in which they are missing."""
    wanted: dict[tuple[int, int], float] = {}
    for row, node in enumerate(home.tolist()):
        for month in subject.months:
            if node >= 0 and subject.short[row, month] > LEAST_UNITS:
                wanted[node, month] = wanted.get((node, month), 0.0) + float(subject.short[row, month])
    entries = [
        Entry("subcontract", node, month, _up(units, problem.nodes.quantum[node]))
        for (node, month), units in sorted(wanted.items())
    ]
    return Way(OptionKind.SUBCONTRACT, tuple(entries))


def _elsewhere(problem: SupplyProblem, solved: SolvedPlan, subject: Subject, away: Ints) -> Way:
    """Extra hours at the next site that can make it and has a lane."""
    if (away >= 0).any():
        return _more_hours(problem, solved, subject, away, OptionKind.OTHER_SITE)
    served = problem.groups.lane_node[np.isin(problem.groups.lane_group, subject.groups)]
    others = subject.nodes[problem.nodes.can_make[subject.nodes] & ~np.isin(subject.nodes, served)]
    if len(others):
        return Way(OptionKind.OTHER_SITE, reason="It can be made elsewhere, but no lane leads from there (sourcing).")
    return Way(OptionKind.OTHER_SITE, reason="No other site can make it and ship it (routings, sourcing).")


def _down(units: float, quantum: np.int64) -> int:
    return int(np.floor(units * MILLI / quantum + LEAST_UNITS)) * int(quantum)


def _up(units: float, quantum: np.int64) -> int:
    return int(np.ceil(units * MILLI / quantum - LEAST_UNITS)) * int(quantum)
