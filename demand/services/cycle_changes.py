"""What a plan says otherwise than the last cycle's: per series the months, old and new, units and dollars, and by whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cycles.models import Plan, User
from cycles.selectors import scope_of
from demand.frames import load_ledger
from demand.models import EditKind
from demand.services.exception_inputs import Inputs, load_inputs

Ints = NDArray[np.int64]
SHOWN = 200
#: Streams that repeat what another cycle or the baseline said; nobody's own word in this one.
NOT_OWN = [place for place, kind in enumerate(EditKind) if kind in (EditKind.CARRIED, EditKind.SYSTEM)]


@dataclass(frozen=True)
class CycleChange:
    """One item in one market over the months that differ, first to last. `old`, `new` milli-units of these months.

    `cents` the difference at this plan's net prices, without `unpriced_milli`. `people`: names with the milli-units that
    their own edits of this cycle moved there, the largest first; `rest` is what baseline and carried edits moved.
    """

    item_id: int
    market_id: int
    family: str
    item: str
    name: str
    market: str
    months: tuple[int, int]
    count: int
    old: int
    new: int
    cents: int
    unpriced_milli: int
    people: tuple[tuple[str, int], ...]

    @property
    def milli(self) -> int:
        """New − old, milli-units."""
        return self.new - self.old

    @property
    def rest(self) -> int:
        """Milli-units that no edit of this cycle moved."""
        return self.milli - sum(milli for _, milli in self.people)


@dataclass(frozen=True)
class CycleChanges:
    """The largest changes by dollars; totals are of all `count` of them, shown or not. Dollars without sign add up in
    `gross_cents`."""

    previous: str
    rows: list[CycleChange]
    count: int
    milli: int
    cents: int
    gross_cents: int
    unpriced_milli: int
    families: list[tuple[int, str]]
    markets: list[tuple[int, str]]


def cycle_changes(
    plan: Plan, *, user: User, family_id: int | None = None, market_id: int | None = None
) -> CycleChanges | None:
    """Compare a plan with the last cycle's over the next twelve months, inside what the person sees.

    None without a last cycle, or where its plan did not reach these months.
    """
    inputs = load_inputs(plan)
    if inputs.before is None or plan.previous is None:
        return None
    places = inputs.segments[inputs.segment]
    kept = scope_of(user).mask(places[:, 0], places[:, 1])
    kept &= (inputs.plan != inputs.before).any(axis=1)
    choices = places[kept]
    for column, wanted in enumerate((family_id, market_id)):
        if wanted is not None:
            kept &= places[:, column] == wanted
    cents = (inputs.cents(inputs.plan) - inputs.cents(inputs.before)).sum(axis=1)
    unpriced = inputs.unpriced(inputs.plan - inputs.before)
    rows = np.flatnonzero(kept)
    rows = rows[np.lexsort((rows, -np.abs(cents[rows]), unpriced[rows] == 0))]
    people = _people(plan, inputs, rows[:SHOWN])
    return CycleChanges(
        previous=plan.previous.number,
        rows=[_row(inputs, row, int(cents[row]), int(unpriced[row]), people[row]) for row in rows[:SHOWN].tolist()],
        count=len(rows),
        milli=int((inputs.plan - inputs.before)[rows].sum()),
        cents=int(cents[rows].sum()),
        gross_cents=int(np.abs(cents[rows]).sum()),
        unpriced_milli=int(unpriced[rows].sum()),
        families=_named(choices[:, 0], {int(pk): str(code) for pk, code in _families(inputs)}),
        markets=_named(choices[:, 1], inputs.markets),
    )


def _row(inputs: Inputs, row: int, cents: int, unpriced: int, people: tuple[tuple[str, int], ...]) -> CycleChange:
    before = inputs.before if inputs.before is not None else inputs.plan
    moved = inputs.plan[row] != before[row]
    months = inputs.months[moved]
    item, market = int(inputs.item_ids[row]), int(inputs.market_ids[row])
    return CycleChange(
        item_id=item,
        market_id=market,
        family=str(inputs.items.at[item, "family"]),
        item=str(inputs.items.at[item, "code"]),
        name=str(inputs.items.at[item, "name"]),
        market=inputs.markets[market],
        months=(int(months[0]), int(months[-1])),
        count=len(months),
        old=int(before[row, moved].sum()),
        new=int(inputs.plan[row, moved].sum()),
        cents=cents,
        unpriced_milli=unpriced,
        people=people,
    )


def _people(plan: Plan, inputs: Inputs, rows: Ints) -> dict[int, tuple[tuple[str, int], ...]]:
    """Per row who moved its changed months by an own edit of this plan, and by how many milli-units net."""
    order = np.sort(rows)
    lines = load_ledger(plan, inputs.item_ids[order], inputs.market_ids[order])
    own = ~np.isin(lines.streams, NOT_OWN)
    before = inputs.before if inputs.before is not None else inputs.plan
    moved = (inputs.plan != before)[order]
    deltas = np.where(moved[lines.series], lines.deltas[:, : len(inputs.months)], 0).sum(axis=1)
    totals: dict[tuple[int, int], int] = {}
    for series, person, delta in zip(
        lines.series[own].tolist(), lines.people[own].tolist(), deltas[own].tolist(), strict=True
    ):
        key = (int(order[series]), person)
        totals[key] = totals.get(key, 0) + delta
    names = {person.pk: str(person) for person in User.objects.filter(pk__in={person for _, person in totals})}
    found: dict[int, list[tuple[str, int]]] = {int(row): [] for row in rows.tolist()}
    for (row, person), milli in totals.items():
        if milli:
            found[row].append((names[person], milli))
    return {row: tuple(sorted(told, key=lambda pair: -abs(pair[1]))) for row, told in found.items()}


def _families(inputs: Inputs) -> list[tuple[int, str]]:
    known = inputs.items.drop_duplicates("family_id")
    return list(zip(known["family_id"].tolist(), known["family"].tolist(), strict=True))


def _named(ids: Ints, names: dict[int, str]) -> list[tuple[int, str]]:
    return sorted(((int(key), str(names[key])) for key in np.unique(ids).tolist()), key=lambda pair: pair[1])
