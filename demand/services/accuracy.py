"""How good earlier plans were: by family, by stream, by person and where they were worst, at lags 1 to 3."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan, User
from cycles.selectors import Scope
from demand.calc.accuracy import (
    Added,
    Errors,
    LagBlock,
    PersonAdded,
    Yardsticks,
    added,
    by_person,
    by_stream,
    errors_of,
    on_rows,
)
from demand.models import EditKind
from demand.services.judged import KINDS, Judged, Level, judge

Ints = NDArray[np.int64]
OFFENDERS = 20


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Errors of one group of segments at one lag: of the plan, of its baseline and of the seasonal naive.

    `months` closed months judged; `actual` Σ units in milli.
    """

    lag: int
    months: int
    plan: Errors
    baseline: Errors
    naive: Errors

    @property
    def actual(self) -> int:
        """Σ|A|, milli-units."""
        return self.plan.actual

    @property
    def wmape(self) -> float | None:
        """Of the plan."""
        return self.plan.wmape

    @property
    def bias(self) -> float | None:
        """Of the plan; positive is too high."""
        return self.plan.bias

    @property
    def naive_wmape(self) -> float | None:
        """Of the same month a year before."""
        return self.naive.wmape

    @property
    def naive_bias(self) -> float | None:
        """Of the same month a year before."""
        return self.naive.bias

    @property
    def edits(self) -> Added:
        """What the edits took off the error of the baseline."""
        return added(self.baseline, self.plan)


@dataclass(frozen=True, slots=True)
class FamilyAccuracy:
    """Errors of one family, '' for all families together; one `Accuracy` per lag."""

    family: str
    lags: tuple[Accuracy, ...]


@dataclass(frozen=True, slots=True)
class StreamAccuracy:
    """One step from the naive to the plan: its name, the error after it, and what it added; None for the first."""

    name: str
    errors: Errors
    added: Added | None
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class PersonAccuracy:
    """One person's edits at one lag."""

    person: User
    row: PersonAdded

    @property
    def better(self) -> float | None:
        """Share of the moved cells that came nearer to what was sold."""
        return self.row.better / self.row.cells if self.row.cells else None

    @property
    def wmape(self) -> float | None:
        """Σ|A−F| ÷ Σ|A| over the cells they moved."""
        return self.row.missed / self.row.sold if self.row.sold else None

    @property
    def wmape_without(self) -> float | None:
        """The same without their edits."""
        return self.row.before / self.row.sold if self.row.sold else None

    @property
    def bias(self) -> float | None:
        """Σ(F−A) ÷ Σ|A| over the cells they moved."""
        return self.row.too_high / self.row.sold if self.row.sold else None


@dataclass(frozen=True, slots=True)
class Offender:
    """A segment whose plan missed most, in money; `family_id` and `market_id` lead to it."""

    name: str
    market: str
    family_id: int
    item_id: int | None
    market_id: int
    errors: Errors
    added: Added


def accuracy_by_family(plan: Plan) -> list[FamilyAccuracy]:
    """Judge the plans of earlier cycles by the months closed since, over the last twelve closed months of `plan`.

    Errors are taken per family × market × month and added up, so markets do not cancel each other. All families
    together come first, then the families by units sold. The seasonal naive is the same month a year before, 0 where
    nothing was sold then. Without earlier plans: empty.
    """
    judged = judge(plan)
    return families_of(judged) if judged is not None else []


def families_of(judged: Judged) -> list[FamilyAccuracy]:
    """All families together, then each by units sold."""
    names = load_hierarchy().items.drop_duplicates("family_id").set_index("family_id")["family"]
    volume = {int(key): int(judged.sold[judged.families == key].sum()) for key in np.unique(judged.families)}
    everything = FamilyAccuracy("", tuple(_accuracy(block, judged.sticks) for block in judged.blocks))
    return [everything] + [
        FamilyAccuracy(str(names[key]), accuracy_on(judged, judged.families == key))
        for key in sorted(volume, key=lambda key: -volume[key])
    ]


def accuracy_on(judged: Judged, rows: NDArray[np.bool_]) -> tuple[Accuracy, ...]:
    """Errors of some segments, `rows` (s,), one entry per lag."""
    sticks = _sticks_of(judged, rows)
    return tuple(_accuracy(on_rows(block, rows), sticks) for block in judged.blocks)


def streams_of(judged: Judged, block: LagBlock) -> list[StreamAccuracy]:
    """Seasonal naive, baseline, each stream that moved something at this lag, and the plan; the values added sum to
    naive − plan."""
    names = ["Seasonal naive", "Baseline", *(kind.label for kind in KINDS)]
    errors = by_stream(block, judged.sticks, len(KINDS))
    moved = {int(stream) for stream in np.unique(block.moves.stream[block.moves.delta != 0])}
    shown = [place for place in range(len(names)) if place < 2 or place - 2 in moved]
    rows = [
        StreamAccuracy(names[place], errors[place], added(errors[place - 1], errors[place]) if place else None)
        for place in shown
    ]
    plan = errors_of(block.actual, block.consensus, judged.sticks)
    return [*rows, StreamAccuracy("Plan", plan, added(errors[0], plan), is_total=True)]


def people_of(judged: Judged, block: LagBlock) -> list[PersonAccuracy]:
    """Everybody who edited a judged cell, the largest money first; what a new baseline restored is nobody's."""
    moves = block.moves
    own = moves.stream != KINDS.index(EditKind.SYSTEM)
    people = LagBlock(
        block.lag, block.months, block.actual, block.naive, block.baseline, block.consensus,
        type(moves)(moves.stream[own], moves.person[own], moves.segment[own], moves.column[own], moves.delta[own]),
    )  # fmt: skip
    rows = [row for row in by_person(people, judged.sticks) if row.cells]
    found = User.objects.in_bulk([row.person for row in rows])
    return [PersonAccuracy(found[row.person], row) for row in rows]


def offenders_of(judged: Judged, block: LagBlock) -> list[Offender]:
    """The segments with the largest Σ|A−F| in money, at most `OFFENDERS`."""
    hierarchy = load_hierarchy()
    items = hierarchy.items.set_index("item_id")
    families = hierarchy.items.drop_duplicates("family_id").set_index("family_id")["family"]
    markets = hierarchy.markets.set_index("market_id")["code"]
    price = np.maximum(judged.sticks.price4, 0)
    size = np.abs(block.consensus - block.actual).sum(axis=1).astype(np.float64) * price
    found = []
    for row in np.argsort(-size, kind="stable")[:OFFENDERS].tolist():
        if size[row] <= 0:
            break
        rows = np.zeros(len(size), bool)
        rows[row] = True
        own, sticks = on_rows(block, rows), _sticks_of(judged, rows)
        errors = errors_of(own.actual, own.consensus, sticks)
        place, market = int(judged.places[row]), int(judged.markets[row])
        by_item = judged.level is Level.ITEM
        name = " ".join(str(items.at[place, part]) for part in ("code", "name")) if by_item else str(families[place])
        better = added(errors_of(own.actual, own.baseline, sticks), errors)
        family, item = int(judged.families[row]), place if by_item else None
        found.append(Offender(name, str(markets[market]), family, item, market, errors, better))
    return found


def judged_for(plan: Plan, *, level: Level, scope: Scope) -> Judged | None:
    """What a person may see of it; None too where nothing of theirs is judged."""
    judged = judge(plan, level=level, scope=scope)
    return judged if judged is not None and judged.blocks and len(judged.keys) else None


def _accuracy(block: LagBlock, sticks: Yardsticks) -> Accuracy:
    plan, baseline, naive = (
        errors_of(block.actual, forecast, sticks) for forecast in (block.consensus, block.baseline, block.naive)
    )
    return Accuracy(block.lag, len(block.months), plan, baseline, naive)


def _sticks_of(judged: Judged, rows: NDArray[np.bool_]) -> Yardsticks:
    return Yardsticks(judged.sticks.price4[rows], judged.sticks.scale[rows])
