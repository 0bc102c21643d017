"""Edits of the approved plan in the next one: shifted by a month; what has no place there is dropped and listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
from demand.calc.carrying import net_lines, shifted, standing
from demand.calc.replay import LineBlock
from demand.calc.split import Lives
from demand.frames import active_events
from demand.models import Edit, EditKind, EditLine, Intent
from demand.services.replay import load_lines, write_lines
from demand.services.series_store import PAIR, add_series, move_consensus

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
LISTED = 50
#: So many gestures are carried one by one, the latest; older ones together.
OFFERED = 300
#: What a gesture says of itself that goes with it.
KEPT = ("promotion", "opportunity", "launch", "launch_of", "taken4")


def carry_edits(*, plan: Plan, previous: Plan, actor: User) -> Carried:
    """Append the edits of `previous` to `plan` as carried edits, one per gesture; runs inside the opening of the cycle.

    Each stands in the new plan as an offer: a planner accepts or declines it (`demand.services.carried_offers`). Typed
    values are carried as typed values, changes as changes, what was overwritten or reset to the baseline not at all. Months
    that have closed since, lie beyond the new horizon, or in which the item is not on the market are dropped and told. Of
    more than OFFERED gestures the oldest are carried together. Without edits: nothing. Counts series per gesture.
    """
    series, lines = load_lines(previous)
    if not len(lines.row):
        return Carried()
    carrier = _Carrier(plan, previous, actor, load_hierarchy())
    gestures = list(_gestures(previous, series, lines))
    carrier.leave_no_event_behind({code for source, _ in gestures for code in source.events})
    for source, part in gestures:
        carrier.carry(source, part)
    return Carried(carrier.kept, tuple(dict.fromkeys(carrier.dropped)))


@dataclass(frozen=True)
class _Source:
    """Where a carried edit comes from: its gestures, the oldest first; several are carried together."""

    edits: list[Edit]

    @property
    def events(self) -> list[str]:
        """Codes of the events that they name."""
        return sorted({code for edit in self.edits for code in edit.gesture.get("events", [])})

    @property
    def reason_code(self) -> str:
        """The code that all of them name, "" when they differ."""
        codes = {edit.reason_code for edit in self.edits}
        return codes.pop() if len(codes) == 1 else ""

    def told(self) -> dict[str, Any]:
        """Who meant what, in plain values; a gesture that was carried before keeps its first origin."""
        sentences = [f"r{e.revision} {e.author.get_username()}: {e.reason}" for e in self.edits[:LISTED]]
        if len(self.edits) != 1:
            return {"edits": sentences}
        edit = self.edits[0]
        origin = edit.gesture.get("source") or {
            "plan": edit.plan.number, "revision": edit.revision, "kind": edit.kind, "author": str(edit.author),
            "reason": edit.reason,
        }  # fmt: skip
        kept = {name: edit.gesture[name] for name in KEPT if name in edit.gesture}
        return {"edits": sentences, "source": origin, **kept}


def _gestures(previous: Plan, series: Ints, lines: LineBlock) -> Iterator[tuple[_Source, _Part]]:
    """Every gesture of which something still stands, with that, in the order of the ledger; the oldest ones together."""
    of_line = np.array(
        EditLine.objects.filter(plan=previous)
        .order_by("edit_id", "item_id", "market_id")
        .values_list("edit_id", flat=True)
    )
    stands = standing(lines, len(series))
    ids = np.unique(of_line[stands.any(axis=1)])
    edits = Edit.objects.select_related("author", "plan").in_bulk(ids.tolist())
    old, new = ids[: max(len(ids) - OFFERED, 0)], ids[max(len(ids) - OFFERED, 0) :]
    if len(old):
        own = np.isin(of_line, old)
        touched = np.where(stands, 1, 0)[own]
        block = LineBlock(
            lines.row[own], lines.intent[own], lines.delta[own] * touched, touched, lines.typed[own] * touched
        )
        typed, is_typed, change = net_lines(block, len(series))
        source = _Source([edits[key] for key in old.tolist()])
        yield source, _Part(Intent.SET, series, typed, is_typed)
        yield source, _Part(Intent.CHANGE, series, change, change != 0)
    for key in new.tolist():
        own = (of_line == key) & stands.any(axis=1)
        intent = Intent(int(lines.intent[own][0]))
        values = lines.typed[own] if intent == Intent.SET else lines.delta[own]
        yield (
            _Source([edits[key]]),
            _Part(intent, series[lines.row[own]], np.where(stands[own], values, 0), stands[own]),
        )


class _Carrier:
    """Writes carried edits one by one and keeps what was kept and dropped."""

    def __init__(self, plan: Plan, previous: Plan, actor: User, hierarchy: Hierarchy) -> None:
        """Carry from `previous` to `plan`."""
        self.kept = 0
        self.dropped: list[str] = []
        self._plan, self._previous, self._actor, self._hierarchy = plan, previous, actor, hierarchy
        self._active = active_events(previous)
        self._untold: list[str] = []
        self._revisions: dict[int, int] = {}
        self._loose: set[str] = set()

    def leave_no_event_behind(self, told: set[str]) -> None:
        """Events in force whose units somebody typed over keep their prices: the first carried edit names them."""
        self._loose = self._active - told

    def carry(self, source: _Source, said: _Part) -> None:
        """Append what has a place in the new plan; what has none is told with this or the next carried edit."""
        ledger = _Ledger(self._previous, said.series, self._hierarchy)
        alive = said.touched & ledger.alive()
        lost = list(ledger.told(self._plan, said.touched, alive))
        self.dropped += lost
        self._untold += lost
        part = _part(self._plan, self._previous, said, alive)
        if not len(part.series):
            return
        edit = self._append(source, part)
        self._revisions |= {each.revision: edit.revision for each in source.edits}
        self.kept += len(part.series)
        self._untold = []

    def _append(self, source: _Source, part: _Part) -> Edit:
        told = source.told()
        if "launch_of" in told:
            told["launch_of"] = self._revisions.get(told["launch_of"], 0)
        origin = told.get("source", {}).get("reason", "")
        edit = Edit.objects.create(
            plan=self._plan,
            revision=bump_revision(self._plan, ledger="demand", actor=self._actor),
            kind=EditKind.CARRIED.value,
            reason=f"Carried over from plan {self._previous.number}{': ' if origin else '.'}{origin}",
            reason_code=source.reason_code,
            gesture={
                "what": "carried",
                "from": self._previous.number,
                **told,
                "events": sorted(self._loose | (self._active & set(source.events))),
                "change_milli": int(part.values.sum()),
                "dropped": self._untold[:LISTED],
                "dropped_count": len(self._untold),
            },
            session="system",
            author=self._actor,
        )
        self._loose = set()
        add_series(self._plan, part.series)
        typed = part.values if part.intent == Intent.SET else np.zeros_like(part.values)
        write_lines(edit, part.series, intent=part.intent, arrays=(part.values, part.touched.astype(np.int64), typed))
        move_consensus(self._plan, part.series, part.values)
        record_audit(
            actor=self._actor,
            code="demand.edit.carried",
            plan=self._plan,
            subject=f"r{edit.revision}",
            after={"series": len(part.series), "dropped": len(self._untold)},
            reason=edit.reason,
        )
        return edit


@dataclass(frozen=True)
class _Part:
    """Lines of one intent: keys (m,), `values` milli-units and `touched` (m, H)."""

    intent: Intent
    series: Ints
    values: Ints
    touched: Flags


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


def _part(plan: Plan, previous: Plan, said: _Part, alive: Flags) -> _Part:
    """What has a place in the months of the new plan."""
    shift = plan.first_month_index - previous.first_month_index
    kept = shifted(alive.astype(np.int64), shift, plan.horizon)
    rows = np.flatnonzero(kept.any(axis=1))
    values = shifted(np.where(alive, said.values, 0), shift, plan.horizon)
    return _Part(said.intent, said.series[rows], values[rows], kept[rows] != 0)
