"""The supply ledger: pinned quantities, append-only, with conflicts told per entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from catalog.calc.months import month_index
from catalog.models import Item
from cycles.errors import DomainError, NotAllowedToYou, ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.registry import Carried
from cycles.selectors import Scope, scope_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.carrying import carry_rows, month_fault
from cycles.services.plans import bump_revision, lock_plan
from supply.calc.pins import PinTarget, pin_fault
from supply.models import Pin, PinKind, Routing
from supply.selectors import pins_in_force
from supply.services.plan import request_supply_plan

CARRIED_FIELDS = ("kind", "item_id", "site_id", "work_centre_id", "month", "quantity", "unit_cost", "reason")


class PinInvalid(DomainError):
    """The pin cannot be recorded; the message says which and why."""

    code = "pin_invalid"


@dataclass(frozen=True, slots=True)
class PinEntry:
    """One wish: item and site, or a work centre for an extra shift; milli-units or milli-hours, None = release.

    ``unit_cost`` is the reporting currency per subcontracted unit over the standard cost.
    """

    kind: PinKind
    month: date
    quantity: int | None
    item_id: int | None = None
    site_id: int | None = None
    work_centre_id: int | None = None
    unit_cost: Decimal = Decimal(0)

    @property
    def key(self) -> tuple[str, int, int, date]:
        """What the pin is about."""
        return self.kind.value, self.item_id or self.work_centre_id or 0, self.site_id or 0, self.month


@dataclass(frozen=True, slots=True)
class RefusedPin:
    """A wish that lost against a later entry of somebody else: the winner."""

    entry: PinEntry
    winner: Pin


@dataclass(frozen=True, slots=True)
class PinResult:
    """What became of a gesture: recorded pins and refused wishes."""

    saved: tuple[Pin, ...]
    refused: tuple[RefusedPin, ...]


def record_pins(
    *, plan_id: int, entries: Sequence[PinEntry], reason: str, base_revision: int, actor: User
) -> PinResult:
    """Append pins in one gesture and queue a new supply plan.

    A wish is refused when somebody else's entry on the same key has a revision above ``base_revision``. One revision
    of the supply ledger for the gesture, one audit row; nothing is written when all are refused. Releasing is an entry
    too. Supply planners, while the supply stage is open.

    Raises:
        ReasonMissing: No reason given.
        PinInvalid: A wish that cannot be fixed at all, or an item outside the actor's families; nothing is recorded.
        NotAllowedToYou, NotAllowedNow: By the rights table; an extra shift by somebody who sees a part only.
    """
    if not reason.strip():
        raise ReasonMissing("A pin needs a reason.")
    with transaction.atomic():
        plan = lock_plan(plan_id)
        authorise(actor=actor, action=Action.PIN_SUPPLY, plan=plan)
        _validate(plan, entries, scope_of(actor))
        wanted, refused = _judge(plan, entries, base_revision, actor)
        if not wanted:
            return PinResult((), tuple(refused))
        revision = bump_revision(plan, ledger="supply", actor=actor)
        saved = [
            Pin.objects.create(
                plan=plan,
                revision=revision,
                kind=entry.kind.value,
                item_id=entry.item_id,
                site_id=entry.site_id,
                work_centre_id=entry.work_centre_id,
                month=entry.month,
                quantity=entry.quantity,
                unit_cost=entry.unit_cost,
                reason=reason.strip(),
                author=actor,
            )
            for entry in wanted
        ]
        record_audit(
            actor=actor,
            code="supply.pin.recorded",
            plan=plan,
            subject=", ".join(str(pin) for pin in saved)[:200],
            after={
                "pins": [{"key": [*entry.key[:3], str(entry.month)], "quantity": entry.quantity} for entry in wanted]
            },
            reason=reason.strip(),
        )
        request_supply_plan(plan=plan, actor=actor)
        return PinResult(tuple(saved), tuple(refused))


def _judge(
    plan: Plan, entries: Sequence[PinEntry], base_revision: int, actor: User
) -> tuple[list[PinEntry], list[RefusedPin]]:
    """Split the wishes into those to record and those somebody else was faster with."""
    winners = {
        (pin.kind, pin.item_id or pin.work_centre_id or 0, pin.site_id or 0, pin.month): pin
        for pin in Pin.objects.filter(plan=plan, revision__gt=base_revision).exclude(author=actor).order_by("id")
    }
    wanted = [entry for entry in entries if entry.key not in winners]
    return wanted, [RefusedPin(entry, winners[entry.key]) for entry in entries if entry.key in winners]


def _validate(plan: Plan, entries: Sequence[PinEntry], scope: Scope) -> None:
    if not scope.is_everything and any(entry.kind == PinKind.EXTRA_SHIFT for entry in entries):
        raise NotAllowedToYou("An extra shift serves every family; this is for a supply planner of all of them.")
    items = Item.objects.in_bulk([entry.item_id for entry in entries if entry.item_id])
    places = set(Routing.objects.filter(item__in=items).values_list("item_id", "work_centre__site_id"))
    routed = {item for item, _ in places}
    for entry in entries:
        item = items.get(entry.item_id or 0)
        if item is not None and not scope.allows(item.family_id, None):
            item = None
        if item is None and entry.kind != PinKind.EXTRA_SHIFT:
            raise PinInvalid("A pin names an item that exists.")
        made = item is not None and item.make_or_buy == Item.Source.MAKE
        target = PinTarget(
            made=made and (entry.item_id not in routed or (entry.item_id, entry.site_id) in places),
            bought=item is not None and item.make_or_buy == Item.Source.BUY,
            month=month_index(entry.month) - plan.first_month_index,
            horizon=plan.horizon,
            quantity=entry.quantity,
            quantum=1 if item is None else 10 ** (3 - item.plan_decimals),
        )
        if fault := pin_fault(entry.kind.value, target):
            raise PinInvalid(f"{item or 'Work centre'} in {entry.month:%Y-%m}: {fault}.")


def carry_pins(*, plan: Plan, previous: Plan, actor: User) -> Carried:
    """Take the pins in force of the approved plan into the next one, in its months; the others are told with reasons.

    Dropped are closed months, months beyond the plan, and months after an item's end. Called while the next plan is
    opened, in that transaction. Carried pins are marked as such and are nobody's own entry.
    """
    faults = {pin: _carry_fault(plan, pin) for pin in pins_in_force(previous)}
    kept = [pin for pin, fault in faults.items() if not fault]
    if kept:
        revision = bump_revision(plan, ledger="supply", actor=actor)
        carry_rows(kept, plan=plan, names=CARRIED_FIELDS, revision=revision, author=actor)
    return Carried(len(kept), tuple(f"{_words(pin)}: {fault}" for pin, fault in faults.items() if fault))


def _carry_fault(plan: Plan, pin: Pin) -> str:
    if fault := month_fault(plan, month_index(pin.month)):
        return fault
    ended = pin.item is not None and pin.item.end_date is not None and pin.item.end_date < pin.month
    return "the item has ended by then" if ended else ""


def _words(pin: Pin) -> str:
    subject = pin.item.code if pin.item else str(pin.work_centre)
    amount = (pin.quantity or 0) / 1000
    return f"{pin.get_kind_display()} of {amount:g} for {subject} in {pin.month:%Y-%m}"
