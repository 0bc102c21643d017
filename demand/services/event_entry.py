"""A promotion that a planner enters: worked out over months and markets, looked at, and put into the plan as one gesture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Market, PriceAction
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from demand.calc.event_shape import (
    Shape,
    days_in_months,
    discount_of_month,
    lift_total,
    over_markets,
    over_months,
    shape_weights,
)
from demand.models import Edit
from demand.services.ledger import EditInvalid, EditResult, SeriesUnknown
from demand.services.promotions import plan_event
from demand.services.replay import undone_edits
from demand.services.review import dollars_of
from demand.services.series_store import SeriesValues, load_values

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class EventWords:
    """An event as a person says it. Exactly one of item and family; `market_ids` () = every market in which it is planned.

    `first_day`, `last_day` inclusive. `lift4` ten-thousandths of the baseline of its days, else `units_milli` in all.
    `discount4` comes off the net price while it lasts. `dip4` of its units are missing in the `dip_months` after it.
    """

    name: str
    first_day: date
    last_day: date
    shape: Shape
    item_id: int | None = None
    family_id: int | None = None
    market_ids: tuple[int, ...] = ()
    lift4: int = 0
    units_milli: int = 0
    discount4: int = 0
    dip4: int = 0
    dip_months: int = 1


@dataclass(frozen=True)
class EventLines:
    """An event worked out: (K markets, M months) milli-units `units` on top of `baseline`, and what comes off the price of
    each month (M,) in ten-thousandths. Months of the dip are the last `dip_months`, with negative units."""

    market_ids: tuple[int, ...]
    months: list[int]
    units: Ints
    baseline: Ints
    discount4: tuple[int, ...]


@dataclass(frozen=True)
class EventPreview:
    """What an event would do now: its lines, cents that the plan moves by, cells without a price, and who stands in the way."""

    lines: EventLines
    markets: tuple[str, ...]
    cents: int
    unpriced: int
    result: EditResult

    @property
    def rows(self) -> list[tuple[int, int, int, float]]:
        """Month, baseline and added milli-units over all markets, and the fraction that comes off the month's price."""
        sums = self.lines.baseline.sum(axis=0).tolist(), self.lines.units.sum(axis=0).tolist()
        return list(zip(self.lines.months, *sums, [off / 10_000 for off in self.lines.discount4], strict=True))

    @property
    def units(self) -> int:
        """Milli-units in all, after the dip."""
        return int(self.lines.units.sum())


def event_lines(plan: Plan, words: EventWords, actor: User) -> EventLines:
    """Work an event out over its months and markets on the present baseline; writes nothing.

    Total: `units_milli`, else lift × baseline × days ÷ days of the month, summed. Over the months by the shape, over the
    markets by their baseline (equal parts where there is none), in whole planning steps by largest remainder.

    Raises:
        EditInvalid: dates outside of the plan, no units to add, or a lift on no baseline.
        SeriesUnknown: an item, family or market that is not there or not in the person's limits.
    """
    months, days, lengths = days_in_months(words.first_day, words.last_day)
    after = list(range(months[-1] + 1, months[-1] + 1 + (words.dip_months if words.dip4 else 0)))
    first, end = plan.first_month_index, plan.first_month_index + plan.horizon
    if words.last_day < words.first_day or months[0] < first or (months + after)[-1] >= end:
        told = f"{month_date(first):%Y-%m} to {month_date(end - 1):%Y-%m}"
        raise EditInvalid(f"An event and its dip lie in the open months of plan {plan.number}: {told}.")
    markets, values, quantum = _places(plan, words, actor)
    span = [month - first for month in months + after]
    baseline = np.stack([values.baseline[values.market_ids == market][:, span].sum(axis=0) for market in markets])
    during = baseline[:, : len(months)]
    total = words.units_milli or lift_total(during.sum(axis=0), days / lengths, words.lift4)
    added = over_months(total, shape_weights(words.shape, days), quantum)
    if not added.any():
        raise EditInvalid("The event adds no units: name units, or a lift where there is a baseline.")
    dip = over_months(-int(added.sum()) * words.dip4 // 10_000, np.ones(len(after)), quantum)
    units = over_markets(np.concatenate([added, dip]), baseline, quantum)
    off = (*discount_of_month(words.discount4, days / lengths), *([0] * len(after)))
    return EventLines(tuple(markets), months + after, units, baseline, off)


def preview_event(plan: Plan, words: EventWords, actor: User) -> EventPreview:
    """What the event would do at this moment, in units and dollars: entered, measured and rolled back.

    Raises:
        EditInvalid, SeriesUnknown, NotAllowedToYou, NotAllowedNow: as `enter_event`.
    """
    lines = event_lines(plan, words, actor)
    with transaction.atomic():
        before = _worth(plan, words, lines)
        result = enter_event(plan_id=plan.pk, words=words, base_revision=plan.revision, session="preview", actor=actor)
        after = _worth(plan, words, lines)
        transaction.set_rollback(True)
    codes = dict(Market.objects.filter(pk__in=lines.market_ids).values_list("id", "code"))
    names = tuple(codes[key] for key in lines.market_ids)
    return EventPreview(lines, names, after[0] - before[0], after[1], result)


def enter_event(*, plan_id: int, words: EventWords, base_revision: int, session: str, actor: User) -> EditResult:
    """Enter an event and put it into the plan: its price actions and one promotion edit, whole or not at all. Audited.

    Demand planners, while the demand stage is open. A second call enters a second event. Undoing the edit takes units and
    prices back; the event stays in the list and can be planned again or removed.

    Raises:
        EditInvalid, SeriesUnknown: it cannot be worked out, or the ledger does not take it; nothing is written.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    with transaction.atomic():
        plan = lock_plan(plan_id)
        authorise(actor=actor, action=Action.EDIT_DEMAND, plan=plan)
        lines = event_lines(plan, words, actor)
        code = _next_code(plan)
        PriceAction.objects.bulk_create(_actions(code, words, lines))
        about = {"promotion": _told(words)}
        result = plan_event(
            plan_id=plan_id, event=code, base_revision=base_revision, session=session, actor=actor, about=about
        )
        if result.edit is None:
            transaction.set_rollback(True)
            return replace(result, saved=())
        record_audit(actor=actor, code="demand.event.entered", plan=plan, subject=code, after=about["promotion"])
        return result


def remove_event(*, plan: Plan, event: str, actor: User) -> None:
    """Remove an event that was entered here and that no plan names; audited. Others stay.

    Raises:
        EditInvalid: it came by a file, or an edit of some plan names it.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    with transaction.atomic():
        lock_plan(plan.pk)
        authorise(actor=actor, action=Action.EDIT_DEMAND, plan=plan)
        actions = PriceAction.objects.filter(event=event, is_entered=True)
        if not actions.exists():
            raise EditInvalid(f"Event {event} came with price_actions.csv: take it out of the file.")
        naming = Edit.objects.filter(gesture__events__contains=[event]).select_related("plan")
        if holding := [edit for edit in naming if edit.pk not in undone_edits(edit.plan)]:
            raise EditInvalid(f"Event {event} is in plan {holding[0].plan.number}: take it back there first.")
        name = actions[0].name
        actions.delete()
        record_audit(actor=actor, code="demand.event.removed", plan=plan, subject=event, before={"name": name})


def _places(plan: Plan, words: EventWords, actor: User) -> tuple[list[int], SeriesValues, int]:
    """Markets of the event, the series of its items, and the coarsest planning step among them."""
    items = load_hierarchy().items
    own = items[(items["item_id"] == words.item_id) | (items["family_id"] == words.family_id)]
    own = own[own["is_sold"]]
    if (words.item_id is None) == (words.family_id is None) or own.empty:
        raise SeriesUnknown("There is no such item or family.")
    values = load_values(plan, own["item_id"].tolist())
    family = int(own["family_id"].iloc[0])
    scope = scope_of(actor)
    planned = [market for market in np.unique(values.market_ids).tolist() if scope.allows(family, market)]
    markets = sorted(words.market_ids) or planned
    if not all(scope.allows(family, market) for market in markets):
        raise SeriesUnknown("There is no such item, family or market.")
    if not markets:
        raise EditInvalid("It is not planned in any market yet: name the markets.")
    return markets, values, int(own["quantum_milli"].max())


def _actions(code: str, words: EventWords, lines: EventLines) -> list[PriceAction]:
    return [
        PriceAction(
            event=code, name=words.name, market_id=market, item_id=words.item_id, family_id=words.family_id,
            first_month=month_date(month), last_month=month_date(month), lift_milli=int(lines.units[row, column]),
            fraction=Decimal(lines.discount4[column]).scaleb(-4), is_entered=True,
        )
        for row, market in enumerate(lines.market_ids)
        for column, month in enumerate(lines.months)
        if lines.units[row, column] or lines.discount4[column]
    ]  # fmt: skip


def _next_code(plan: Plan) -> str:
    """The first free code of an event entered in this plan: 2014-01/E3."""
    taken = set(PriceAction.objects.filter(event__startswith=f"{plan.number}/E").values_list("event", flat=True))
    named = Edit.objects.filter(plan=plan, gesture__has_key="events").values_list("gesture__events", flat=True)
    taken |= {code for codes in named for code in codes}
    return next(code for n in range(1, len(taken) + 2) if (code := f"{plan.number}/E{n}") not in taken)


def _told(words: EventWords) -> dict[str, object]:
    """The words in plain values, for the edit."""
    return {
        "name": words.name, "first_day": f"{words.first_day}", "last_day": f"{words.last_day}",
        "shape": words.shape.value, "lift4": words.lift4, "units_milli": words.units_milli,
        "discount4": words.discount4, "dip4": words.dip4, "dip_months": words.dip_months,
    }  # fmt: skip


def _worth(plan: Plan, words: EventWords, lines: EventLines) -> tuple[int, int]:
    """Cents of the event's items in its markets as the plan is now, and how many cells have units and no price."""
    items = load_hierarchy().items
    own = items[(items["item_id"] == words.item_id) | (items["family_id"] == words.family_id)]
    values = load_values(plan, own["item_id"].tolist(), lines.market_ids)
    worth = dollars_of(plan, values.item_ids, values.market_ids, values.consensus)
    return int(worth[worth >= 0].sum()), int((worth < 0).sum())
