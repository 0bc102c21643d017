"""Baseline → each stream of the ledger → consensus over a period's open months, in units and dollars, closing exactly."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cycles.models import User
from cycles.selectors import Scope
from demand.calc.stream_steps import LedgerLines, line_steps
from demand.frames import SeriesBlock, load_baseline, load_ledger
from demand.models import Edit, EditKind
from demand.services.series_store import PAIR
from demand.services.upside.priced import Priced

Ints = NDArray[np.int64]
KINDS = tuple(EditKind)
SHOWN_EDITS = 100


class BridgeDoesNotClose(ArithmeticError):
    """Baseline and the steps of the ledger miss the consensus: a stored line is lost, or counted twice."""


@dataclass(frozen=True, slots=True)
class WalkStep:
    """One bar: milli-units and cents. A total stands by itself, a step on what lies before it. `key` is its stream or
    username, '' for what leads nowhere; `edits` how many gestures made it."""

    label: str
    units: int
    cents: int
    key: str = ""
    edits: int = 0
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class EditEffect:
    """One gesture inside the period: what it moved there, on how many series, in which families."""

    edit: Edit
    units: int
    cents: int
    series: int
    families: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Walk:
    """Every line of the ledger inside a period and a person's limits, with what it is worth.

    `lines` with deltas cut to the open months, `cents` (l, T) of each. baseline + Σ lines = consensus, in both.
    """

    priced: Priced
    baseline: tuple[int, int]
    consensus: tuple[int, int]
    lines: LedgerLines
    cents: Ints
    families: Ints

    def by_stream(self) -> list[WalkStep]:
        """Baseline, every stream of the ledger in its order, consensus."""
        return self._steps([(kind.label, kind.value, self.lines.streams == at) for at, kind in enumerate(KINDS)])

    def by_person(self) -> list[WalkStep]:
        """Baseline, every person by the size of what they moved, consensus."""
        people = User.objects.in_bulk(np.unique(self.lines.people).tolist())
        parts = [(str(person), person.username, self.lines.people == key) for key, person in people.items()]
        return self._steps(sorted(parts, key=lambda part: (-abs(int(self.cents[part[2]].sum())), part[1])))

    def _steps(self, parts: list[tuple[str, str, NDArray[np.bool_]]]) -> list[WalkStep]:
        steps = [WalkStep("Baseline", *self.baseline, is_total=True)]
        for label, key, own in parts:
            units, cents = int(self.lines.deltas[own].sum()), int(self.cents[own].sum())
            edits = len(np.unique(self.lines.edits[own & self.lines.deltas.any(axis=1)]))
            if edits:
                steps.append(WalkStep(label, units, cents, key, edits))
        _check(steps, self.consensus)
        return [*steps, WalkStep("Consensus", *self.consensus, is_total=True)]

    def edits(self, *, stream: str = "", person: str = "") -> list[EditEffect]:
        """The gestures behind a step, the largest money first, at most `SHOWN_EDITS`."""
        moved = self.lines.deltas.any(axis=1)
        found = Edit.objects.filter(pk__in=np.unique(self.lines.edits[moved]).tolist()).select_related("author")
        if stream:
            found = found.filter(kind=stream)
        if person:
            found = found.filter(author__username=person)
        rows = self.priced.hierarchy.items.drop_duplicates("family_id")[["family_id", "family"]]
        names = {int(key): str(code) for key, code in rows.itertuples(index=False, name=None)}
        effects = [self._effect(edit, (self.lines.edits == edit.pk) & moved, names) for edit in found]
        return sorted(effects, key=lambda row: (-abs(row.cents), -abs(row.units), row.edit.pk))[:SHOWN_EDITS]

    def _effect(self, edit: Edit, own: NDArray[np.bool_], names: dict[int, str]) -> EditEffect:
        series = np.unique(self.lines.series[own])
        families = tuple((int(key), names[key]) for key in np.unique(self.families[series]).tolist())
        return EditEffect(
            edit, int(self.lines.deltas[own].sum()), int(self.cents[own].sum()), len(series), families
        )  # fmt: skip


def walk_of(priced: Priced, scope: Scope) -> Walk:
    """Who moved the plan off its baseline over the open months of a period, at the plan's present rates.

    Rounding stays inside each cell: the lines of a cell follow each other by stream and edit, so that they add to
    dollars(consensus) − dollars(baseline) to the cent. Cells without a price move units and no dollars.
    """
    seen = np.flatnonzero(scope.mask(priced.families, priced.markets))
    items, markets = priced.items[seen], priced.markets[seen]
    wanted = priced.units[seen]
    started = _on(items * PAIR + markets, load_baseline(priced.plan))[:, priced.columns]
    lines = load_ledger(priced.plan, items, markets)
    lines = replace(lines, deltas=lines.deltas[:, priced.columns])
    cents = line_steps(started, lines, lambda units, rows: priced.cents(units, seen[rows]))
    return Walk(
        priced=priced,
        baseline=(int(started.sum()), int(priced.cents(started, seen).sum())),
        consensus=(int(wanted.sum()), int(priced.cents(wanted, seen).sum())),
        lines=lines,
        cents=cents,
        families=priced.families[seen],
    )


def _on(keys: Ints, block: SeriesBlock) -> Ints:
    """The block's units on the given series, (n, H); 0 where it has none."""
    here = np.zeros((len(keys), block.units.shape[1]), np.int64)
    line = block.item_ids.astype(np.int64) * PAIR + block.market_ids
    known = np.isin(line, keys)
    here[np.searchsorted(keys, line[known])] = block.units[known]
    return here


def _check(steps: list[WalkStep], consensus: tuple[int, int]) -> None:
    reached = (sum(step.units for step in steps), sum(step.cents for step in steps))
    if reached != consensus:
        raise BridgeDoesNotClose(f"the steps lead to {reached}, the consensus is {consensus} (milli-units, cents)")
