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
from cycles.services.access import authorise
from cycles.services.answers import Answer, note_decision
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from supply.models import PinKind, ShortageChoice, ShortageDecision
from supply.selectors import LostItem, pins_in_force
from supply.services.ledger import PinEntry, record_pins
from supply.services.options import NoSuchOption, Option, cost_over_standard, priced_lost_item
from supply.services.shortage_questions import questions_of, refuse_decided, shortage_question

REASON_LENGTH = 500


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

    All of it in one transaction, and the choice stands on the plan's list of decisions with the options that it was
    chosen from. Declining makes no entry. Extra hours and subcontracted units come on top of those in force. Supply
    planners, while the supply stage is open, for items inside their families; extra hours serve every family and are
    for planners of all of them. A second call finds the plan moved and is refused.

    Raises:
        ReasonMissing, NoSuchOption, CostMissing: As named.
        NotAllowedNow: The options were priced for an earlier plan, or somebody else was asked or has decided.
        NotAllowedToYou, PinInvalid: See `record_pins`.
    """
    if not chosen.reason.strip():
        raise ReasonMissing("A decision needs a reason.")
    with transaction.atomic():
        plan = lock_plan(plan_id)
        authorise(actor=actor, action=Action.PIN_SUPPLY, plan=plan)
        lost, priced = priced_lost_item(plan, chosen.item_id, actor)
        refuse_decided(plan, lost.item.code, actor)
        options, best = priced.options[chosen.item_id], priced.best(chosen.item_id)
        question = shortage_question(lost, options, best, unit_cost=chosen.unit_cost)
        answer = Answer(str(chosen.choice.label), chosen.reason)
        wanted = _wanted(options, chosen)
        note_decision(plan=plan, question=question, answer=answer, actor=actor)
        return _settle(plan, (lost, wanted), chosen, actor)


def carry_out(*, plan_id: int, item_id: int, actor: User, unit_cost: Decimal | None = None) -> ShortageDecision:
    """Put into the supply ledger what somebody else has decided about a shortage, at its present price.

    The decision stays as it was taken; the entries and their revision are the supply planner's. Supply planners, while
    the supply stage is open: a stage approved meanwhile is reopened first. A second call finds nothing to do.

    Args:
        unit_cost: what a subcontracted unit costs over its standard, where the decision does not say.

    Raises:
        NotAllowedNow: Nothing waits for this item, or the options were priced for an earlier plan.
        NoSuchOption, CostMissing, NotAllowedToYou, PinInvalid: As for `choose_option`.
    """
    with transaction.atomic():
        plan = lock_plan(plan_id)
        authorise(actor=actor, action=Action.PIN_SUPPLY, plan=plan)
        lost, priced = priced_lost_item(plan, item_id, actor)
        question = questions_of(plan).get(lost.item.code)
        if question is None or question.chosen is None or not question.is_waiting:
            raise NotAllowedNow(f"Nothing was decided about {lost.item.code} that is still to be carried out.")
        stated = question.chosen.get("unit_cost")
        reason = f"{question.row.taken_by} decided: {question.row.reason}"[:REASON_LENGTH]
        chosen = Chosen(item_id, question.kind, reason, unit_cost if stated is None else Decimal(stated))
        return _settle(plan, (lost, _wanted(priced.options[item_id], chosen)), chosen, actor)


def _settle(plan: Plan, found: tuple[LostItem, Option], chosen: Chosen, actor: User) -> ShortageDecision:
    """The option's entries in the ledger, and the choice with its price."""
    lost, option = found
    cost = _cost_of(chosen, option)
    entries = _entries(plan, option, chosen)
    if entries:
        wish = {"reason": chosen.reason, "base_revision": plan.revision, "actor": actor}
        record_pins(plan_id=plan.pk, entries=entries, **wish)  # type: ignore[arg-type]
        plan.refresh_from_db()
    return _record(plan, lost, option, chosen, extra_cents=cost, actor=actor)


def _wanted(options: Sequence[Option], chosen: Chosen) -> Option:
    """The option that was chosen.

    Raises:
        NoSuchOption: There is no such way; says why.
        CostMissing: It is to subcontract, and nobody says what that costs.
    """
    found = [row for row in options if row.kind == chosen.choice.value]
    if not found or found[0].reason:
        raise NoSuchOption(found[0].reason if found else "There is no such option for this item.")
    if chosen.choice == ShortageChoice.SUBCONTRACT and chosen.unit_cost is None:
        raise CostMissing("What does a subcontracted unit cost over its standard? Without it the option has no price.")
    return found[0]


def _cost_of(chosen: Chosen, option: Option) -> int:
    """What subcontracting costs over the standard, cents; 0 for the other ways."""
    if chosen.choice != ShortageChoice.SUBCONTRACT or chosen.unit_cost is None:
        return 0
    return cost_over_standard(option, chosen.unit_cost)


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
