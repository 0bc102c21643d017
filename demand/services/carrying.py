"""Edits of the approved plan in the next one: shifted by a month; what has no place there is dropped and listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.frames.hierarchy import Hierarchy, load_hierarchy
from cycles.models import Plan, User
from cycles.registry import Carried
from cycles.services.audit import record_audit
from cycles.services.carrying import month_fault
from cycles.services.plans import bump_revision
from demand.calc.carrying import net_lines, shifted
from demand.calc.split import Lives
from demand.frames import active_events
from demand.models import Edit, EditKind, Intent
from demand.services.replay import load_lines, undone_edits, write_lines
from demand.services.series_store import PAIR, add_series, move_consensus

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
LISTED = 50


def carry_edits(*, plan: Plan, previous: Plan, actor: User) -> Carried:
    """Append the edits of `previous` to `plan` as carried edits; runs inside the opening of the cycle.

    Typed values are carried as typed values, changes as changes, what was reset to the baseline not at all. Months that
    have closed since, lie beyond the new horizon, or in which the item is not on the market are dropped and told.
    Without edits: nothing. Counts series, one per intent.
    """
    series, lines = load_lines(previous)
    if not len(lines.row):
        return Carried()
    typed, is_typed, change = net_lines(lines, len(series))
    ledger = _Ledger(previous, series, load_hierarchy())
    kept = 0
    dropped: list[str] = []
    for intent, values, touched in ((Intent.SET, typed, is_typed), (Intent.CHANGE, change, change != 0)):
        alive = touched & ledger.alive()
        lost = list(ledger.told(plan, touched, alive))
        part = _part(plan, previous, intent, series, np.where(alive, values, 0), alive)
        if len(part.series):
            _append(plan, previous, part, lost, actor)
        kept, dropped = kept + len(part.series), dropped + lost
    return Carried(kept, tuple(dropped))


@dataclass(frozen=True)
class _Part:
    """Lines of one intent in the months of the new plan: keys (m,), `values` and `touched` (m, H)."""

    intent: Intent
    series: Ints
    values: Ints
    touched: Ints


@dataclass(frozen=True)
class _Ledger:
    """The edited series of the plan before, (n,) keys, and the items and markets behind them."""

    plan: Plan
    series: Ints
    hierarchy: Hierarchy

    @property
    def months(self) -> Ints:
        """Month numbers of the plan before, (H,)."""
        return self.plan.first_month_index + np.arange(self.plan.horizon, dtype=np.int64)

    def _items(self) -> pd.DataFrame:
        return self.hierarchy.items.set_index("item_id").loc[self.series // PAIR]

    def alive(self) -> Flags:
        """Whether the item is on the market (n, H)."""
        items = self._items()
        return Lives(items["launch_month"].to_numpy(np.int64), items["end_month"].to_numpy(np.int64)).alive(self.months)

    def told(self, plan: Plan, touched: Flags, alive: Flags) -> Iterator[str]:
        """One sentence per series and reason about the touched months (n, H) that have no place in `plan`."""
        codes = self._items()["code"].tolist()
        markets = self.hierarchy.markets.set_index("market_id")["code"].to_dict()
        for row in range(len(self.series)):
            faults: dict[str, list[int]] = {}
            for place in np.flatnonzero(touched[row]).tolist():
                month = int(self.months[place])
                fault = month_fault(plan, month) or ("" if alive[row, place] else "the item is not on the market")
                faults.setdefault(fault, []).append(month)
            for fault, months in faults.items():
                if fault:
                    where = f"{codes[row]} in {markets[int(self.series[row] % PAIR)]}"
                    yield f"{where}, {_span(months)}: {fault}"


def _span(months: list[int]) -> str:
    first, last = month_date(months[0]), month_date(months[-1])
    if len(months) == 1:
        return f"{first:%Y-%m}"
    return f"{len(months)} months from {first:%Y-%m} to {last:%Y-%m}"


def _part(plan: Plan, previous: Plan, intent: Intent, series: Ints, values: Ints, touched: Flags) -> _Part:
    shift = plan.first_month_index - previous.first_month_index
    kept = shifted(touched.astype(np.int64), shift, plan.horizon)
    rows = np.flatnonzero(kept.any(axis=1))
    return _Part(intent, series[rows], shifted(values, shift, plan.horizon)[rows], kept[rows])


def _append(plan: Plan, previous: Plan, part: _Part, dropped: list[str], actor: User) -> None:
    edit = Edit.objects.create(
        plan=plan,
        revision=bump_revision(plan, ledger="demand", actor=actor),
        kind=EditKind.CARRIED.value,
        reason=f"Carried over from plan {previous.number}.",
        gesture={
            "what": "carried",
            "from": previous.number,
            "edits": _sources(previous),
            "events": sorted(active_events(previous)),
            "dropped": dropped[:LISTED],
            "dropped_count": len(dropped),
        },
        session="system",
        author=actor,
    )
    add_series(plan, part.series)
    typed = part.values if part.intent == Intent.SET else np.zeros_like(part.values)
    write_lines(edit, part.series, intent=part.intent, arrays=(part.values, part.touched, typed))
    move_consensus(plan, part.series, part.values)
    record_audit(
        actor=actor,
        code="demand.edit.carried",
        plan=plan,
        subject=f"r{edit.revision}",
        after={"series": len(part.series), "dropped": len(dropped)},
        reason=edit.reason,
    )


def _sources(previous: Plan) -> list[str]:
    """The gestures behind what is carried, without those taken back, the oldest first."""
    edits = Edit.objects.filter(plan=previous, undoes__isnull=True).exclude(kind=EditKind.SYSTEM.value)
    edits = edits.exclude(pk__in=undone_edits(previous)).select_related("author")
    return [f"r{edit.revision} {edit.author.get_username()}: {edit.reason}" for edit in edits[:LISTED]]
