"""The terms that a plan was solved with beyond its costs: frozen months, late delivery, room; for the pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from catalog.calc.months import month_date
from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan
from cycles.registry import SectionRow
from cycles.selectors import Scope
from supply.calc.supply_policy import SupplyPolicy, UnmetDemand
from supply.frames import load_constrained
from supply.models import StorageLoad
from supply.selectors import supply_state

MILLI = 1000


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What the published plan was solved with. ``frozen_months`` of the plan ``frozen_as`` ('' = nothing is frozen);
    ``frozen_wanted`` what the setting asks for; where demand waits: ``late_cost`` a month as a share of the net price, at
    most ``late_months``."""

    frozen_months: int
    frozen_as: str
    frozen_wanted: int
    unmet: str
    late_cost: float
    late_months: int

    @property
    def waits(self) -> bool:
        """Whether demand may be delivered after its month."""
        return self.unmet == UnmetDemand.BACKLOG.value and self.late_months > 0


@dataclass(frozen=True, slots=True)
class LateItem:
    """An item whose demand waits: the most milli-units open at the end of a month, that month, and the months from the
    first to the last in which some is open."""

    code: str
    name: str
    units: int
    month: date
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class RoomMonth:
    """Room of a site at the end of a month, in the unit of its limit: thousandths, and cents that one unit of room more
    (``low``) and one less (``high``) is worth; ``until`` is up to how much room it holds, None = without end."""

    month: date
    room: int
    used: int
    outside: int
    low: int
    high: int
    until: int | None

    @property
    def low_rate4(self) -> int:
        """What one unit of room more is worth, ten-thousandths of the reporting currency."""
        return self.low * 100

    @property
    def high_rate4(self) -> int:
        """What the last unit of room is worth, ten-thousandths of the reporting currency."""
        return self.high * 100

    @property
    def is_full(self) -> bool:
        """Whether room is what is missing."""
        return self.outside > 0 or self.high > 0


def terms_told(plan: Plan, policy: SupplyPolicy, *, is_frozen: bool) -> dict[str, Any]:
    """The terms for the result of the run that is solved with them."""
    frozen = {"months": policy.frozen_months, "as": plan.previous.number if is_frozen and plan.previous else ""}
    late = {"cost": policy.backlog.cost, "months": policy.backlog.months}
    return {"frozen": frozen, "unmet": policy.unmet.value, "late": late}


def terms_of(plan: Plan) -> PlanTerms | None:
    """The terms of the published plan; None before the first, and for one solved before they were told."""
    run = supply_state(plan).run
    told = run.result.get("terms") if run and run.result else None
    if not told:
        return None
    frozen, late = told["frozen"], told["late"]
    months = frozen["months"] if frozen["as"] else 0
    return PlanTerms(months, frozen["as"], frozen["months"], told["unmet"], late["cost"], late["months"])


def late_items(plan: Plan, scope: Scope) -> list[LateItem]:
    """Items of which demand is delivered late inside the scope, most units first. Two queries."""
    sent = load_constrained(plan)
    rows = np.flatnonzero(sent.late.any(axis=1))
    if not len(rows):
        return []
    items = load_hierarchy().items.set_index("item_id")
    keys = sent.item_ids[rows].astype(np.int64)
    seen = scope.mask(items["family_id"].reindex(keys).to_numpy(np.int64), sent.market_ids[rows].astype(np.int64))
    found = []
    for key in np.unique(keys[seen]).tolist():
        late = sent.late[rows[seen & (keys == key)]].sum(axis=0)
        months = [month_date(plan.first_month_index + at) for at in np.flatnonzero(late).tolist()]
        worst = month_date(plan.first_month_index + int(np.argmax(late)))
        item = items.loc[key]
        found.append(LateItem(str(item["code"]), str(item["name"]), int(late.max()), worst, months[0], months[-1]))
    return sorted(found, key=lambda row: (-row.units, row.code))


def rooms_of(plan: Plan) -> list[tuple[str, list[RoomMonth]]]:
    """Room by site with a limit, in the published plan; empty where none has one. One query."""
    loads = StorageLoad.objects.filter(plan=plan).select_related("site")
    return [(str(row.site), _room_months(plan, row)) for row in loads]


def _room_months(plan: Plan, row: StorageLoad) -> list[RoomMonth]:
    return [
        RoomMonth(
            month=month_date(plan.first_month_index + at),
            room=row.room[at],
            used=row.used[at],
            outside=row.outside[at],
            low=row.price_low[at],
            high=row.price_high[at],
            until=None if row.price_to[at] < 0 else row.price_to[at],
        )
        for at in range(len(row.room))
    ]


def storage_rows(plan: Plan) -> Iterator[SectionRow]:
    """Per site with a limit the room by month, for the snapshot."""
    names = ("room", "used", "outside", "price_low", "price_high", "price_to")
    for row in StorageLoad.objects.filter(plan=plan).select_related("site"):
        yield SectionRow(("storage", row.site.code), {name: getattr(row, name) for name in names})
