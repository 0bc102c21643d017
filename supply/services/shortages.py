"""Decisions about shortages: one of the priced options, recorded with its money, and the ledger entries it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from catalog.calc.months import month_date
from cycles.errors import DomainError, NotAllowedNow, ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from supply.models import PinKind, ShortageChoice, ShortageDecision
from supply.selectors import LostItem, lost_items, pins_in_force
from supply.services.ledger import PinEntry, record_pins
from supply.services.options import Option, priced_plan

CENTS = 100
MILLI = 1000


class NoSuchOption(DomainError):
    """The shortage is not there any more, or the option does not exist; the message says which."""

    code = "no_such_option"


class CostMissing(DomainError):
    """Subcontracting needs what a unit costs over its standard: a missing cost is never 0."""

    code = "subcontract_cost_missing"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person chose for one item: the option, why, and for subcontracting the cost per unit over the standard in
    reporting currency."""

    item_id: int
    choice: ShortageChoice
    reason: str
    unit_cost: Decimal | None = None


def choose_option(*, plan_id: int, chosen: Chosen, actor: User) -> ShortageDecision:
    """Record the choice with its price, put its entries into the ledger of pins, and queue a new supply plan.

    All of it in one transaction. Declining makes no entry. Extra hours and subcontracted units come on top of those in
    force. Supply planners, while the supply stage is open, for items inside their families; extra hours serve every
    family and are for planners of all of them. A second call finds the plan moved and is refused.

    Raises:
        ReasonMissing, NoSuchOption, CostMissing: As named.
        NotAllowedNow: The options were priced for an earlier plan. NotAllowedToYou, PinInvalid: See `record_pins`.
    """
    if not chosen.reason.strip():
        raise ReasonMissing("A decision needs a reason.")
    with transaction.atomic():
        plan = lock_plan(plan_id)
        authorise(actor=actor, action=Action.PIN_SUPPLY, plan=plan)
        lost, option = _found(plan, chosen, actor)
        cost = _cost_of(chosen, option)
        entries = _entries(plan, option, chosen)
        if entries:
            wish = {"reason": chosen.reason, "base_revision": plan.revision, "actor": actor}
            record_pins(plan_id=plan.pk, entries=entries, **wish)  # type: ignore[arg-type]
            plan.refresh_from_db()
        return _record(plan, lost, option, chosen, extra_cents=cost, actor=actor)


def _found(plan: Plan, chosen: Chosen, actor: User) -> tuple[LostItem, Option]:
    """The shortage and its priced option.

    Raises:
        NotAllowedNow: Nothing is priced for the plan as it stands.
        NoSuchOption: No such shortage in the person's families, or no such way.
    """
    priced = priced_plan(plan)
    if priced is None:
        raise NotAllowedNow("The plan has moved since its shortages were priced; price them again.")
    scope = scope_of(actor)
    lost = [row for row in lost_items(plan) if row.item.pk == chosen.item_id and scope.allows(row.item.family_id, None)]
    options = [row for row in priced.options.get(chosen.item_id, ()) if row.kind == chosen.choice.value]
    if not lost or not options:
        raise NoSuchOption("This item is not short, or its shortage is not priced.")
    if options[0].reason:
        raise NoSuchOption(options[0].reason)
    return lost[0], options[0]


def _cost_of(chosen: Chosen, option: Option) -> int:
    """What subcontracting costs over the standard, cents; 0 for the other ways."""
    if chosen.choice != ShortageChoice.SUBCONTRACT:
        return 0
    if chosen.unit_cost is None:
        raise CostMissing("What does a subcontracted unit cost over its standard? Without it the option has no price.")
    units = Decimal(sum(entry[5] for entry in option.entries)) / MILLI
    return int((units * chosen.unit_cost * CENTS).to_integral_value())


def _entries(plan: Plan, option: Option, chosen: Chosen) -> Sequence[PinEntry]:
    """The option's entries for the ledger; hours and subcontracted units on top of those in force."""
    held: dict[tuple[str, int | None, int | None, int | None, date], int] = {
        (pin.kind, pin.item_id, pin.site_id, pin.work_centre_id, pin.month): pin.quantity or 0
        for pin in pins_in_force(plan)
    }
    entries = []
    for kind, item, site, centre, month, quantity in option.entries:
        day = month_date(plan.first_month_index + month)
        before = 0 if kind == PinKind.MAKE else held.get((kind, item, site, centre, day), 0)
        cost = (chosen.unit_cost or Decimal(0)) if kind == PinKind.SUBCONTRACT else Decimal(0)
        entries.append(PinEntry(PinKind(kind), day, before + quantity, item, site, centre, cost))
    return entries


def _record(
    plan: Plan, lost: LostItem, option: Option, chosen: Chosen, *, extra_cents: int, actor: User
) -> ShortageDecision:
    decision = ShortageDecision.objects.create(
        plan=plan,
        item=lost.item,
        choice=chosen.choice.value,
        reason=chosen.reason.strip(),
        supply_revision=plan.supply_revision,
        short_milli=lost.short_milli,
        lost_margin_cents=lost.margin_cents,
        revenue_cents=option.revenue_cents or 0,
        margin_cents=(option.margin_cents or 0) - extra_cents,
        inventory_cents=option.inventory_cents or 0,
        cash_cents=(option.cash_cents or 0) - extra_cents,
        service_points=option.service_points or 0,
        author=actor,
    )
    money = {name: getattr(decision, name) for name in ("revenue_cents", "margin_cents", "cash_cents")}
    record_audit(
        actor=actor,
        code="supply.shortage.decided",
        plan=plan,
        subject=lost.item.code,
        after={"choice": chosen.choice.value, "short_milli": lost.short_milli, **money},
        reason=decision.reason,
    )
    return decision
