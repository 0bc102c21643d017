"""Reads of supply: pins in force, overloads with their decisions, shortages, the state of the supply plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from catalog.calc.months import month_date
from catalog.models import ImportBatch, Item
from cycles.models import Plan, Run
from cycles.selectors import Scope, is_approved
from cycles.services.runs import is_stale, latest_result
from supply.approved import approved_values
from supply.models import (
    OverloadDecision,
    Pin,
    Shortage,
    ShortageCause,
    ShortageDecision,
    WorkCentre,
    WorkCentreLoad,
)

KIND = "supply.plan"
STRUCTURE = (
    "work_centres",
    "capacity_calendar",
    "workforce",
    "routings",
    "bom",
    "suppliers",
    "purchase_terms",
    "sourcing",
    "supply_policy",
    "market_priorities",
    "subcontracting",
    "production_lots",
    "stock_rules",
    "storage_limits",
    "inventory",
    "products",
)
LEAST_OVERTIME_MILLI = 100
GROWTH = Decimal("1.01")


def pins_in_force(plan: Plan) -> list[Pin]:
    """The latest entry per key that was not released, by month."""
    latest = {
        (pin.kind, pin.item_id, pin.work_centre_id, pin.site_id, pin.month): pin
        for pin in Pin.objects.filter(plan=plan)
        .select_related("item", "site", "work_centre", "author", "effect")
        .order_by("id")
    }
    return sorted((pin for pin in latest.values() if pin.quantity is not None), key=lambda pin: (pin.month, pin.pk))


def is_seen(pin: Pin, scope: Scope) -> bool:
    """Whether a pin lies in somebody's scope: an item whose family is theirs in all markets, or an extra shift."""
    return pin.item is None or scope.allows(pin.item.family_id, None)


def structure_version() -> int:
    """Key of the last applied file that the supply plan reads besides the ledgers; a newer one makes it stale."""
    applied = ImportBatch.objects.filter(dataset__in=STRUCTURE, status=ImportBatch.Status.APPLIED)
    return int(applied.order_by("-id").values_list("id", flat=True).first() or 0)


@dataclass(frozen=True, slots=True)
class SupplyState:
    """The last published supply plan of a plan, if any, and whether it is behind."""

    run: Run | None
    is_current: bool


def supply_state(plan: Plan) -> SupplyState:
    """Whether the plan is solved at its present demand and supply revisions and structure files.

    A file loaded after the approval leaves the approved plan as current as it was: it is for the cycles to come.
    """
    run = latest_result(plan, KIND)
    if run is None:
        return SupplyState(None, is_current=False)
    current = not is_stale(run, plan) and (run.parameters.get("structure") == structure_version() or is_approved(plan))
    return SupplyState(run, is_current=current)


@dataclass(frozen=True, slots=True)
class Overload:
    """A work centre and month whose demand cannot be met within regular hours.

    Hours are milli-hours; ``premium_cents`` of overtime, ``lost_margin_cents`` and ``short_milli`` of the demand it
    holds up; ``price_low``/``price_high`` cents per hour. ``decision`` is the last one if it still holds, ``outgrown``
    the last one if it does not: the overload is larger now than what was decided.
    """

    work_centre: WorkCentre
    month: date
    needed: int
    planned: int
    available: int
    overtime: int
    premium_cents: int
    short_milli: int
    lost_margin_cents: int
    price_low: int
    price_high: int
    decision: OverloadDecision | None
    outgrown: OverloadDecision | None = None

    @property
    def cost_cents(self) -> int:
        """What the overload costs: overtime premium and lost margin."""
        return self.premium_cents + max(self.lost_margin_cents, 0)

    @property
    def needed_fraction(self) -> float:
        """Lot-for-lot load as a fraction of the regular hours."""
        return self.needed / self.available if self.available else 0.0

    @property
    def key(self) -> str:
        """Its key as a subject of a conversation."""
        return f"{self.work_centre.pk}-{self.month:%Y-%m}"

    @property
    def subject(self) -> str:
        """Stable name of the overload."""
        return f"{self.work_centre.code} {self.month:%Y-%m}"


def overloads_of(plan: Plan) -> list[Overload]:
    """Every work centre and month that works overtime or extra shifts, or holds up demand, most expensive first. A handful
    of queries.

    The premium of an approved plan is the one it was approved with.
    """
    shortages = _held_up(plan)
    decisions = _last_decisions(plan)
    frozen = approved_values(plan, "load", "premium_cents") or {}
    found = []
    for load in WorkCentreLoad.objects.filter(plan=plan).select_related("work_centre"):
        for position in range(plan.horizon):
            month = month_date(plan.first_month_index + position)
            short, margin = shortages.get((load.work_centre_id, month), (0, 0))
            if load.beyond_regular(position) < LEAST_OVERTIME_MILLI and not short:
                continue
            overload = _overload(load, position, month, (short, margin))
            if (load.work_centre.code,) in frozen:
                overload = replace(overload, premium_cents=frozen[load.work_centre.code,][position])
            found.append(_with_decision(overload, decisions.get((load.work_centre_id, month))))
    return sorted(found, key=lambda overload: (-overload.cost_cents, overload.subject))


def _overload(load: WorkCentreLoad, position: int, month: date, held_up: tuple[int, int]) -> Overload:
    centre = load.work_centre
    premium = Decimal(load.overtime[position]) / 1000 * centre.cost_rate * centre.overtime_premium * 100
    shift = load.beyond_regular(position) - load.overtime[position]
    premium += Decimal(shift) / 1000 * centre.cost_rate * centre.shift_premium * 100
    return Overload(
        work_centre=centre,
        month=month,
        needed=load.needed[position],
        planned=load.planned[position],
        available=load.available[position],
        overtime=load.beyond_regular(position),
        premium_cents=int(premium.to_integral_value()),
        short_milli=held_up[0],
        lost_margin_cents=held_up[1],
        price_low=load.price_low[position],
        price_high=load.price_high[position],
        decision=None,
    )


def _with_decision(overload: Overload, decision: OverloadDecision | None) -> Overload:
    """The overload with its decision; when it has grown since, it is to be decided again."""
    if decision is None or _still_holds(overload, decision):
        return replace(overload, decision=decision)
    return replace(overload, outgrown=decision)


def _still_holds(overload: Overload, decision: OverloadDecision) -> bool:
    hours = decision.overtime_milli * GROWTH + LEAST_OVERTIME_MILLI
    return overload.overtime <= hours and overload.cost_cents <= decision.cost_cents * GROWTH + 100


def _held_up(plan: Plan) -> Mapping[tuple[int, date], tuple[int, int]]:
    held: dict[tuple[int, date], tuple[int, int]] = defaultdict(lambda: (0, 0))
    rows = Shortage.objects.filter(plan=plan, cause=ShortageCause.CAPACITY, work_centre__isnull=False)
    for centre, month, units, margin in rows.values_list("work_centre_id", "month", "quantity", "lost_margin_cents"):
        held[centre, month] = (held[centre, month][0] + units, held[centre, month][1] + margin)
    return held


def _last_decisions(plan: Plan) -> dict[tuple[int, date], OverloadDecision]:
    rows = OverloadDecision.objects.filter(plan=plan).select_related("author").order_by("id")
    return {(decision.work_centre_id, decision.month): decision for decision in rows}


def shortages_of(plan: Plan) -> QuerySet[Shortage]:
    """Shortages of the plan, largest lost margin first."""
    rows = Shortage.objects.filter(plan=plan).select_related("item__family", "work_centre")
    return rows.order_by("-lost_margin_cents", "-lost_revenue_cents", "month", "item_id")


@dataclass(frozen=True, slots=True)
class LostItem:
    """What one item is short of over the plan, with its rows by month (largest lost margin first); cents, milli-units.

    ``decision`` is the last choice, if the shortage has not grown since.
    """

    item: Item
    rows: tuple[Shortage, ...]
    decision: ShortageDecision | None

    @property
    def short_milli(self) -> int:
        """Units that cannot be delivered."""
        return sum(row.quantity for row in self.rows)

    @property
    def revenue_cents(self) -> int:
        """Their revenue."""
        return sum(row.lost_revenue_cents for row in self.rows)

    @property
    def margin_cents(self) -> int:
        """Their margin."""
        return sum(row.lost_margin_cents for row in self.rows)

    @property
    def worst(self) -> Shortage:
        """The month that loses most; its cause stands for the item."""
        return self.rows[0]

    @property
    def months(self) -> tuple[date, ...]:
        """The months, in order."""
        return tuple(sorted(row.month for row in self.rows))


def lost_items(plan: Plan) -> list[LostItem]:
    """The shortages of a plan by item, largest lost margin first, with the decisions that hold. Two queries."""
    rows: dict[int, list[Shortage]] = defaultdict(list)
    for row in shortages_of(plan):
        rows[row.item_id].append(row)
    taken = ShortageDecision.objects.filter(plan=plan).select_related("author").order_by("id")
    last = {decision.item_id: decision for decision in taken}
    found = [_lost_item(tuple(months), last.get(item)) for item, months in rows.items()]
    return sorted(found, key=lambda lost: (-lost.margin_cents, -lost.revenue_cents, lost.item.code))


def _lost_item(rows: tuple[Shortage, ...], decision: ShortageDecision | None) -> LostItem:
    """The shortage with its decision, unless it has grown since: then it is to be decided again."""
    lost = LostItem(rows[0].item, rows, None)
    if decision is None or lost.short_milli > decision.short_milli * GROWTH:
        return lost
    return LostItem(rows[0].item, rows, decision)


def shortage_decisions(plan: Plan) -> QuerySet[ShortageDecision]:
    """Every choice about a shortage of the plan, the latest first."""
    return ShortageDecision.objects.filter(plan=plan).select_related("item", "author").order_by("-id")


@dataclass(frozen=True, slots=True)
class BindingHour:
    """A work centre that holds the plan back in a month: what one regular hour is worth, cents low to high, and for how
    many hours more and fewer the price holds, milli-hours (``more`` None = without end)."""

    centre: WorkCentre
    month: date
    low: int
    high: int
    more: int | None
    fewer: int


def binding_hours(plan: Plan) -> list[BindingHour]:
    """The hours that bind, dearest first; those of plans that were solved before ranges were kept are left out."""
    found = []
    for load in WorkCentreLoad.objects.filter(plan=plan).select_related("work_centre"):
        for at in range(len(load.price_to)):
            if load.price_high[at] > 0:
                hours, least, most = load.available[at], load.price_from[at], load.price_to[at]
                more, day = None if most < 0 else max(most - hours, 0), month_date(plan.first_month_index + at)
                prices = load.price_low[at], load.price_high[at]
                found.append(BindingHour(load.work_centre, day, *prices, more, max(hours - least, 0)))
    return sorted(found, key=lambda row: (-row.high, row.month))
