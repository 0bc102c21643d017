"""Events of price and units: which there are, which a plan names, and one gesture that puts an event into a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from catalog.calc.months import month_index
from catalog.models import PriceAction
from cycles.models import Plan, User
from cycles.selectors import scope_of
from cycles.services.plans import lock_plan
from demand.frames import active_events
from demand.models import Edit, EditKind
from demand.services.ledger import EditInvalid, EditResult, Gesture, Instruction, Mode, Node, record_whole_edit
from demand.services.replay import undone_edits

SHOWN = 3


@dataclass(frozen=True)
class PromotionEvent:
    """One event in one plan. `lift_milli` of the plan's open months; `edit` the gesture that names it, None = not planned.

    `is_in_force` says whether its prices hold in this plan; an event without lift always does.
    """

    code: str
    name: str
    actions: tuple[PriceAction, ...]
    lift_milli: int
    edit: Edit | None
    is_in_force: bool

    @property
    def first_month(self) -> date:
        """The month in which it begins."""
        return min(action.first_month for action in self.actions)

    @property
    def last_month(self) -> date:
        """The month in which it ends."""
        return max(action.last_month for action in self.actions)

    @property
    def is_carried_alone(self) -> bool:
        """Whether it was carried into this plan by an edit of its own, which any planner may take back."""
        return self.edit is not None and self.edit.kind == EditKind.CARRIED.value and "source" in self.edit.gesture

    @property
    def is_entered(self) -> bool:
        """Whether a planner entered it here; else it came with a file."""
        return self.actions[0].is_entered

    @property
    def discount(self) -> str:
        """What comes off the net price, from least to most; a price rise is negative."""
        shares = [_percent(share) for share in sorted({a.fraction for a in self.actions if a.fraction})]
        if not shares:
            return "–"
        return shares[0] if len(shares) == 1 else f"{shares[0]} – {shares[-1]}"

    @property
    def places(self) -> str:
        """Items or families and markets, the first few."""
        names = list(dict.fromkeys(f"{action.item or action.family} · {action.market}" for action in self.actions))
        return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")


def events_of(plan: Plan, user: User) -> list[PromotionEvent]:
    """Every event with a month in the plan, by its first month; only those that lie wholly in what the person sees."""
    actions: dict[str, list[PriceAction]] = {}
    for action in PriceAction.objects.select_related("market", "family", "item"):
        if _months(plan, action):
            actions.setdefault(action.event, []).append(action)
    named, active, scope = _naming_edits(plan), active_events(plan), scope_of(user)
    found = [
        PromotionEvent(
            code=code,
            name=rows[0].name,
            actions=tuple(rows),
            lift_milli=sum(row.lift_milli * len(_months(plan, row)) for row in rows),
            edit=named.get(code),
            is_in_force=code in active or not any(row.lift_milli for row in rows),
        )
        for code, rows in actions.items()
        if all(scope.allows(_family_of(row), row.market_id) for row in rows)
    ]
    return sorted(found, key=lambda event: (event.first_month, event.code))


def plan_event(
    *,
    plan_id: int,
    event: str,
    base_revision: int,
    session: str,
    actor: User,
    about: Mapping[str, object] | None = None,
) -> EditResult:
    """Put an event into a plan: one promotion edit that adds its units and brings its prices with it.

    Before → after: the event is not named → it is, whole or not at all: where somebody else has written one of its cells
    since `base_revision`, the refusals come back and nothing is written. Undoing the edit takes units and prices back.
    `about` is kept with the edit.

    Raises:
        EditInvalid: no such event in the plan's months, no units to add, or it is in the plan already.
        NotAllowedToYou, NotAllowedNow, SeriesUnknown: as for every edit.
    """
    with transaction.atomic():
        plan = lock_plan(plan_id)
        found = _plannable(plan, event, actor)
        gesture = Gesture(
            mode=Mode.CHANGE,
            instructions=tuple(_instructions(plan, found)),
            reason=f"{found.name} ({event})",
            base_revision=base_revision,
            session=session,
            kind=EditKind.PROMOTION,
            event=event,
            about=about or {},
        )
        return record_whole_edit(plan_id=plan.pk, gesture=gesture, actor=actor)


def _percent(fraction: Decimal) -> str:
    """A fraction as people write it: 8%, −2.5%."""
    return f"{fraction * 100:f}".rstrip("0").rstrip(".").replace("-", "−") + "%"


def _family_of(action: PriceAction) -> int | None:
    return action.family_id if action.item is None else action.item.family_id


def _plannable(plan: Plan, code: str, actor: User) -> PromotionEvent:
    found = {row.code: row for row in events_of(plan, actor)}.get(code)
    if found is None:
        raise EditInvalid(f"There is no event {code} in the months of plan {plan.number}.")
    if not any(action.lift_milli for action in found.actions):
        raise EditInvalid(f"Event {code} adds no units: its prices are in force without an edit.")
    if found.is_in_force:
        raise EditInvalid(f"Event {code} is in plan {plan.number} already.")
    return found


def _instructions(plan: Plan, event: PromotionEvent) -> Iterator[Instruction]:
    """One instruction per line and month, so that every month gets the line's whole lift."""
    for action in event.actions:
        node = Node(family_id=action.family_id, item_id=action.item_id, market_id=action.market_id)
        for month in _months(plan, action) if action.lift_milli else ():
            yield Instruction((node,), (month,), action.lift_milli)


def _months(plan: Plan, action: PriceAction) -> range:
    first, end = plan.first_month_index, plan.first_month_index + plan.horizon
    return range(max(month_index(action.first_month), first), min(month_index(action.last_month) + 1, end))


def _naming_edits(plan: Plan) -> dict[str, Edit]:
    """The latest gesture that holds and names each event."""
    edits = Edit.objects.filter(plan=plan, gesture__has_key="events").select_related("author").order_by("id")
    gone = undone_edits(plan)
    return {code: edit for edit in edits if edit.pk not in gone for code in edit.gesture["events"]}
