"""What is said to a difference: agreed with a reason, made an adjustment, proposed as an edit, given to an owner."""

from __future__ import annotations

from datetime import date

import numpy as np
from django.db import transaction
from django.urls import reverse

from catalog.calc.months import month_date, month_index
from catalog.models import Item, Market
from cycles.errors import NotAllowedNow, ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from demand.services.proposals import ProposalUnfit, ProposedChange, propose_edit
from finance.frames.shadow import load_plan_side
from finance.models import AdjustmentKind, Measure, ShadowAnswer, ShadowDelta, ShadowState
from finance.services.adjustments import AdjustmentRefused, Scope, Wording, name_adjustment

MILLI_PER_UNIT = 1000


def agree_delta(*, delta_id: int, reason: str, actor: User) -> ShadowAnswer:
    """Keep that a difference is right as it is, and why; audited. A second time on an answered one is refused.

    Raises:
        ShadowDelta.DoesNotExist: no such difference.
        ReasonMissing: no reason.
        NotAllowedNow, NotAllowedToYou: it was answered already, or by the rights table.
    """
    with transaction.atomic():
        delta, plan = _open(delta_id, actor)
        return _answer(delta, plan, ShadowState.AGREED, reason, actor)


def reopen_delta(*, delta_id: int, reason: str, actor: User) -> ShadowAnswer:
    """Open a difference again, with a reason; an adjustment or a proposal made of it stays where it is. Audited.

    Raises:
        ShadowDelta.DoesNotExist: no such difference.
        ReasonMissing: no reason.
        NotAllowedNow, NotAllowedToYou: it is open, or by the rights table.
    """
    with transaction.atomic():
        delta, plan = _locked(delta_id, actor)
        if state_of(delta) == ShadowState.OPEN:
            raise NotAllowedNow("This difference is open already.")
        return _answer(delta, plan, ShadowState.OPEN, reason, actor)


def assign_delta(*, delta_id: int, owner: User, reason: str, actor: User) -> ShadowAnswer:
    """Give a difference to the person who answers for it; its state stays. Audited.

    Raises:
        ShadowDelta.DoesNotExist: no such difference.
        ReasonMissing: no reason.
        NotAllowedNow, NotAllowedToYou: a later file replaced the check, or by the rights table.
    """
    with transaction.atomic():
        delta, plan = _locked(delta_id, actor)
        last = _last(delta)
        made = {} if last is None else {"adjustment_id": last.adjustment_id, "proposal_id": last.proposal_id}
        state = ShadowState(last.state) if last else ShadowState.OPEN
        return _answer(delta, plan, state, reason, actor, owner=owner, **made)


def adjust_delta(*, delta_id: int, title: str, reason: str, expires_on: date, actor: User) -> ShadowAnswer:
    """Name an adjustment of revenue with the difference's dollars of the open months; audited in both ledgers.

    It stands on the family and market of the row; a timing where the dollars net to zero, else unmodelled.

    Raises:
        ShadowDelta.DoesNotExist: no such difference.
        AdjustmentRefused: no dollars in an open month (closed months hold actuals), or the ledger does not take it.
        ReasonMissing, NotAllowedNow, NotAllowedToYou: as the finance ledger says.
    """
    with transaction.atomic():
        delta, plan = _open(delta_id, actor)
        first, cents = open_cents(delta, plan)
        if not any(cents):
            span = f"{delta.first_month:%Y-%m} to {delta.last_month:%Y-%m}"
            reason = "no dollars lie in open months, and actuals are not adjusted."
            raise AdjustmentRefused("months", span, reason, "Agree with a reason, or load the right actuals.")
        category = delta.what_id if delta.what == "category" else None
        check = delta.check_run
        adjustment = name_adjustment(
            plan=plan,
            wording=Wording(
                kind=AdjustmentKind.TIMING if sum(cents) == 0 else AdjustmentKind.UNMODELLED,
                measure=Measure.REVENUE,
                title=title,
                reason=reason,
                first_month=first,
                cents=cents,
                expires_on=expires_on,
                scope=Scope(category, delta.family_id, delta.market_id),
                evidence=f"Shadow model {check.model_name}, {check.file_name}: {delta.label}",
            ),
            actor=actor,
        )
        return _answer(delta, plan, ShadowState.ADJUSTED, reason, actor, adjustment=adjustment)


def propose_delta(*, delta_id: int, reason: str, actor: User) -> ShadowAnswer:
    """Put the difference before the demand planners as a change of units in its open months; audited.

    Dollars become units at the plan's net price of the row; steps are those in which the items are planned.

    Raises:
        ShadowDelta.DoesNotExist: no such difference.
        ProposalUnfit: the row is no item or family, or nothing lies in an open month or has a price.
        ReasonMissing, NotAllowedNow, NotAllowedToYou: no reason, answered already, or by the rights table.
    """
    with transaction.atomic():
        delta, plan = _open(delta_id, actor)
        if delta.what not in ("item", "family"):
            raise ProposalUnfit("Only an item or a family can be edited; agree, or make it an adjustment.")
        first, units = open_units(delta, plan)
        _, cents = open_cents(delta, plan)
        check = delta.check_run
        proposal = propose_edit(
            plan=plan,
            change=ProposedChange(
                label=delta.label,
                first_month=first,
                units=units,
                money_cents=sum(cents),
                reason=reason,
                origin=f"Shadow model {check.model_name}, {check.file_name}"[:200],
                path=f"{reverse('finance:shadow', args=[plan.number])}?check={check.pk}",
                item_id=delta.what_id if delta.what == "item" else None,
                family_id=delta.what_id if delta.what == "family" else None,
                market_ids=_market_ids(delta),
            ),
            actor=actor,
        )
        return _answer(delta, plan, ShadowState.PROPOSED, reason, actor, proposal=proposal)


def open_cents(delta: ShadowDelta, plan: Plan) -> tuple[date, tuple[int, ...]]:
    """The dollars of a difference in the open months, from the first of them; cells without a price are 0."""
    first = month_index(delta.first_month)
    skip = max(plan.first_month_index - first, 0)
    return month_date(first + skip), tuple(cents or 0 for cents in delta.cents[skip:])


def open_units(delta: ShadowDelta, plan: Plan) -> tuple[date, tuple[int, ...]]:
    """The milli-units of a difference in the open months, in steps of the items' planning quantum."""
    first = month_index(delta.first_month)
    skip = max(plan.first_month_index - first, 0)
    moved = np.array(delta.theirs[skip:], np.float64) - np.array(delta.figures[skip:], np.float64)
    if delta.check_run.is_money:
        moved = moved * _units_per_cent(delta, plan, first + skip)
    step = _quantum(delta)
    units = (np.sign(moved) * np.floor(np.abs(moved) / step + 0.5) * step).astype(np.int64)
    return month_date(first + skip), tuple(units.tolist())


def state_of(delta: ShadowDelta) -> ShadowState:
    """Where a difference stands now."""
    last = _last(delta)
    return ShadowState(last.state) if last else ShadowState.OPEN


def _units_per_cent(delta: ShadowDelta, plan: Plan, first: int) -> np.ndarray:
    """(months,) milli-units per cent of the plan's row in the open months, else over all of them; 0 without a price."""
    side = load_plan_side(plan)
    own = np.ones(len(side.item_ids), bool)
    if delta.what == "item":
        own &= side.item_ids == delta.what_id
    else:
        own &= np.isin(side.item_ids, list(Item.objects.filter(family=delta.what_id).values_list("id", flat=True)))
    if _market_ids(delta):
        own &= np.isin(side.market_ids, _market_ids(delta))
    units, cents = side.units[own].sum(axis=0), side.cents[own].sum(axis=0)
    usual = units.sum() / cents.sum() if cents.sum() > 0 else 0.0
    per_cent = np.divide(units, cents, out=np.full(len(units), float(usual)), where=(cents > 0) & (units > 0))
    start = first - side.first_month
    return np.asarray(per_cent[start : start + len(delta.theirs)])[
        : len(delta.theirs) - (first - month_index(delta.first_month))
    ]


def _market_ids(delta: ShadowDelta) -> tuple[int, ...]:
    """The markets of a row, () for all."""
    if not delta.place:
        return ()
    column = {"market": "pk", "region": "region_id", "channel": "channel_id"}[delta.place]
    return tuple(Market.objects.filter(**{column: delta.place_id}).order_by("id").values_list("id", flat=True))


def _quantum(delta: ShadowDelta) -> int:
    """The planning step of the row in milli-units, the coarsest of its items."""
    items = Item.objects.filter(pk=delta.what_id) if delta.what == "item" else Item.objects.filter(family=delta.what_id)
    decimals = min(items.values_list("plan_decimals", flat=True), default=0)
    return int(MILLI_PER_UNIT // 10**decimals)


def _locked(delta_id: int, actor: User) -> tuple[ShadowDelta, Plan]:
    delta = ShadowDelta.objects.select_related("check_run").get(pk=delta_id)
    plan = lock_plan(delta.check_run.plan_id)
    authorise(actor=actor, action=Action.CHECK_MODEL, plan=plan)
    if hasattr(delta.check_run, "replaced_by"):
        raise NotAllowedNow("A later file replaced this check; answer there.")
    return delta, plan


def _open(delta_id: int, actor: User) -> tuple[ShadowDelta, Plan]:
    delta, plan = _locked(delta_id, actor)
    if state_of(delta) != ShadowState.OPEN:
        raise NotAllowedNow("This difference was answered already; open it again first.")
    return delta, plan


def _last(delta: ShadowDelta) -> ShadowAnswer | None:
    return delta.answers.order_by("-id").first()


def _answer(
    delta: ShadowDelta, plan: Plan, state: ShadowState, reason: str, actor: User, **columns: object
) -> ShadowAnswer:
    if not reason.strip():
        raise ReasonMissing("Give a reason.")
    last = _last(delta)
    owner = {"owner_id": last.owner_id} if last is not None and "owner" not in columns else {}
    answer = ShadowAnswer.objects.create(
        delta=delta, state=state.value, reason=reason.strip(), author=actor, **owner, **columns
    )
    record_audit(
        actor=actor,
        code="finance.shadow.answered",
        plan=plan,
        subject=delta.label,
        reason=answer.reason,
        before={"state": last.state if last else ShadowState.OPEN.value},
        after={"delta": delta.pk, "state": answer.state, "owner": answer.owner_id},
    )
    return answer
