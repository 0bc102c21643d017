"""Who moved the plan: actuals, baseline, each stream of the ledger, constraint, adjustments, the number. In dollars."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from cycles.models import Plan, User
from demand.calc.stream_steps import LedgerLines, line_steps
from demand.frames import load_baseline, load_ledger
from demand.models import EditKind
from finance.frames.results import load_money
from finance.selectors.bridges import BridgeStep
from finance.selectors.position import Position
from finance.selectors.ties import window_of

Ints = NDArray[np.int64]

PAIR = 2**31
FX6_ONE = 1_000_000


@dataclass(frozen=True)
class Moved:
    """What one person moved in one stream of the ledger: cents of upside, milli-units, and by how many edits.

    `person` is a username, `name` what people read.
    """

    stream: EditKind
    person: str
    name: str
    edits: int
    units: int
    cents: int


@dataclass(frozen=True)
class WhoBridge:
    """From actuals and baseline to the finance landing, by who moved the plan; cents of the fiscal year.

    actuals + baseline + Σ `moved` + `since` (edited after the landing was computed) + constraint + adjustments =
    landing, to the cent, by stream and by person alike.
    """

    actuals: int
    baseline: int
    moved: tuple[Moved, ...]
    since: int
    constraint: int
    adjustments: int
    landing: int

    @property
    def by_stream(self) -> list[BridgeStep]:
        """The steps with one per stream of the ledger, in its order; `key` is the stream."""
        sums = {kind: sum(row.cents for row in self.moved if row.stream is kind) for kind in EditKind}
        return self._steps([BridgeStep(kind.label, cents, key=kind.value) for kind, cents in sums.items()])

    @property
    def by_person(self) -> list[BridgeStep]:
        """The steps with one per person, largest first; `key` is the username."""
        names = {row.person: row.name for row in self.moved}
        sums = {person: sum(row.cents for row in self.moved if row.person == person) for person in names}
        ranked = sorted(sums.items(), key=lambda entry: (-abs(entry[1]), entry[0]))
        return self._steps([BridgeStep(names[person], cents, key=person) for person, cents in ranked])

    def _steps(self, moved: list[BridgeStep]) -> list[BridgeStep]:
        found = [
            BridgeStep("Actuals to date", self.actuals, True),
            BridgeStep("Baseline", self.baseline),
            *moved,
            BridgeStep("Edited since the landing", self.since),
            BridgeStep("Supply constraint", self.constraint),
            BridgeStep("Adjustments", self.adjustments),
        ]
        kept = [step for step in found if step.is_total or step.cents]
        return [*kept, BridgeStep("Landing", self.landing, True)]


def who_bridge(plan: Plan, position: Position) -> WhoBridge:
    """Who moved the plan in its fiscal year, from the stored landing's prices and the ledger's lines."""
    window = window_of(plan)
    names = ("upside_cents", "revenue_cents", "net_price4", "fx6")
    items, markets, (upside, revenue, price, fx) = load_money(plan, *names)
    months = slice(0, window.open)
    usable, rate = np.where(fx > 0, np.maximum(price, 0), 0)[:, months], np.where(fx > 0, fx, FX6_ONE)[:, months]
    lines = load_ledger(plan, items, markets)
    lines = replace(lines, deltas=lines.deltas[:, months])
    baseline = _baseline(plan, items, markets)[:, months]
    steps = line_steps(baseline, lines, lambda units, rows: to_cents(units, usable[rows], rate[rows])).sum(axis=1)
    started = int(to_cents(baseline, usable, rate).sum())
    wanted, shipped = int(upside[:, months].sum()), int(revenue[:, months].sum())
    return WhoBridge(
        actuals=position.actuals_to_date,
        baseline=started,
        moved=_moved(lines, steps),
        since=wanted - started - int(steps.sum()),
        constraint=shipped - wanted,
        adjustments=position.adjustments,
        landing=position.finance_landing,
    )


def stream_bridge(plan: Plan, position: Position) -> list[BridgeStep]:
    """The steps of the fiscal year from actuals and baseline to the finance landing; they add up to the cent.

    What was edited after the landing was computed shows as a step of its own and is gone with the next landing.
    """
    return who_bridge(plan, position).by_stream


def _moved(lines: LedgerLines, cents: Ints) -> tuple[Moved, ...]:
    """One row per stream and person, in the order of the streams, then by size."""
    pairs, group = np.unique(np.stack([lines.streams, lines.people]), axis=1, return_inverse=True)
    people = {user.pk: user for user in User.objects.filter(pk__in=np.unique(lines.people).tolist())}
    kinds = list(EditKind)
    rows = []
    for position, (stream, person) in enumerate(pairs.T.tolist()):
        own = group.ravel() == position
        rows.append(
            Moved(
                stream=kinds[stream],
                person=people[person].username,
                name=str(people[person]),
                edits=len(np.unique(lines.edits[own])),
                units=int(lines.deltas[own].sum()),
                cents=int(cents[own].sum()),
            )
        )
    return tuple(sorted(rows, key=lambda row: (kinds.index(row.stream), -abs(row.cents), row.person)))


def _baseline(plan: Plan, items: Ints, markets: Ints) -> Ints:
    """Baseline of the given series, milli-units (series, horizon)."""
    block = load_baseline(plan)
    here = np.zeros((len(items), plan.horizon), dtype=np.int64)
    series = items * PAIR + markets
    line = block.item_ids.astype(np.int64) * PAIR + block.market_ids
    known = np.isin(line, series)
    here[np.searchsorted(series, line[known])] = block.units[known]
    return here
