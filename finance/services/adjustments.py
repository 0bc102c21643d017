"""The finance ledger: name an adjustment, replace it, withdraw it. Append-only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from django.db.models import Q

from catalog.calc.months import month_date, month_index
from cycles.errors import NotAllowedNow, ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action as Act
from cycles.registry import Carried
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.carrying import month_fault
from cycles.services.plans import bump_revision, lock_plan
from finance.models import Adjustment, AdjustmentKind, Measure
from finance.services.refusals import AnswerRefused


class AdjustmentRefused(AnswerRefused):
    """The adjustment contradicts itself: a timing that does not net to zero, no amount, an expiry in the past."""

    code = "adjustment_refused"


@dataclass(frozen=True)
class Scope:
    """A node of the hierarchy by ids; all None is the company. A family or a category, not both."""

    category_id: int | None = None
    family_id: int | None = None
    market_id: int | None = None


@dataclass(frozen=True)
class Wording:
    """What an adjustment says. `cents` per month from `first_month`, reporting currency, signed as the measure is.

    It holds up to and including the month `expires_on`. `evidence` is a link, a document's number or a note; `owner`
    answers for the money, who names it where none is given.
    """

    kind: AdjustmentKind
    measure: Measure
    title: str
    reason: str
    first_month: date
    cents: tuple[int, ...]
    expires_on: date
    scope: Scope = Scope()
    evidence: str = ""
    owner: User | None = None


def name_adjustment(*, plan: Plan, wording: Wording, actor: User, supersedes: Adjustment | None = None) -> Adjustment:
    """Append an adjustment to the ledger; it may take the place of an earlier one. Audited.

    Before → after: finance landing moves by its valid months; the operating landing stays. A second call appends a
    second adjustment.

    Raises:
        ReasonMissing: no title or no reason.
        AdjustmentRefused: the amounts or months contradict each other, or the replaced one does not hold any more.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    _check(wording, plan)
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        authorise(actor=actor, action=Act.ADJUST, plan=plan)
        _check_replaced(supersedes, plan)
        adjustment = _append(plan, wording, actor, supersedes)
        record_audit(
            actor=actor,
            code="finance.adjustment.named",
            plan=plan,
            subject=adjustment.title,
            reason=adjustment.reason,
            before=None if supersedes is None else {"adjustment": supersedes.pk, "cents": supersedes.cents},
            after=_told(adjustment),
        )
    return adjustment


def withdraw_adjustment(*, adjustment: Adjustment, reason: str, actor: User) -> Adjustment:
    """Append the end of an adjustment: it leaves the finance landing and its node needs an answer again. Audited.

    Raises:
        ReasonMissing: no reason.
        AdjustmentRefused: it does not hold any more.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    if not reason.strip():
        raise ReasonMissing("Reason “”: an adjustment does not end without one. Say why it is withdrawn.")
    with transaction.atomic():
        plan = lock_plan(adjustment.plan_id)
        authorise(actor=actor, action=Act.ADJUST, plan=plan)
        _check_replaced(adjustment, plan)
        end = _append(plan, _wording_of(adjustment, reason), actor, adjustment, is_withdrawal=True)
        record_audit(
            actor=actor,
            code="finance.adjustment.withdrawn",
            plan=plan,
            subject=adjustment.title,
            reason=reason.strip(),
            before={"adjustment": adjustment.pk, "cents": adjustment.cents},
        )
    return end


def carry_adjustments(*, plan: Plan, previous: Plan, actor: User) -> Carried:
    """Take over the adjustments of the approved plan that still hold, in the new plan's months; the rest is told.

    A closed month has its actuals: an amount that stays there would count twice. The later half of a timing is
    therefore carried without the earlier one.
    """
    kept = 0
    dropped: list[str] = []
    for old in Adjustment.objects.filter(plan=previous, superseded_by__isnull=True, is_withdrawal=False):
        if old.expires_on < plan.first_month:
            dropped.append(f"{old.title}: expired with {old.expires_on:%Y-%m}")
            continue
        first = month_index(old.first_month)
        amounts = {first + place: cents for place, cents in enumerate(old.cents)}
        faults = {month: month_fault(plan, month) for month, cents in amounts.items() if cents}
        dropped += [
            f"{old.title} in {month_date(month):%Y-%m}, {amounts[month] / 100:,.2f}: {fault}"
            for month, fault in faults.items()
            if fault
        ]
        if all(faults.values()):
            continue
        months = [month for month in amounts if not month_fault(plan, month)]
        wording = replace(
            _wording_of(old, old.reason),
            first_month=month_date(months[0]),
            cents=tuple(amounts[month] for month in months),
        )
        own = {"revision": plan.revision, "is_carried": True, "author": actor, "named_by": old.named_by or old.author}
        values = _columns(wording) | own
        Adjustment.objects.create(plan=plan, **values)
        kept += 1
    return Carried(kept, tuple(dropped))


def has_adjusted(plan: Plan, user: User) -> bool:
    """Whether the person named or withdrew an adjustment in the plan, or first named a carried one that holds in it.

    Nobody approves what he named, not in the month after either: a carried row counts for who named it, not for who
    opened the cycle, until it is replaced or withdrawn.
    """
    own = Q(author=user, is_carried=False)
    carried = Q(named_by=user, is_carried=True, superseded_by__isnull=True, expires_on__gte=plan.first_month)
    return Adjustment.objects.filter(own | carried, plan=plan).exists()


def _append(
    plan: Plan, wording: Wording, actor: User, supersedes: Adjustment | None, *, is_withdrawal: bool = False
) -> Adjustment:
    revision = bump_revision(plan, ledger="finance", actor=actor)
    return Adjustment.objects.create(
        plan=plan,
        revision=revision,
        supersedes=supersedes,
        is_withdrawal=is_withdrawal,
        author=actor,
        **_columns(wording),
    )


def _columns(wording: Wording) -> dict[str, object]:
    return {
        "kind": wording.kind.value,
        "measure": wording.measure.value,
        "title": wording.title.strip(),
        "reason": wording.reason.strip(),
        "evidence": wording.evidence.strip(),
        "owner": wording.owner,
        "first_month": wording.first_month,
        "cents": list(wording.cents),
        "expires_on": wording.expires_on,
        "category_id": wording.scope.category_id,
        "family_id": wording.scope.family_id,
        "market_id": wording.scope.market_id,
    }


def _wording_of(adjustment: Adjustment, reason: str) -> Wording:
    return Wording(
        kind=AdjustmentKind(adjustment.kind),
        measure=Measure(adjustment.measure),
        title=adjustment.title,
        reason=reason,
        first_month=adjustment.first_month,
        cents=tuple(adjustment.cents),
        expires_on=adjustment.expires_on,
        scope=Scope(adjustment.category_id, adjustment.family_id, adjustment.market_id),
        evidence=adjustment.evidence,
        owner=adjustment.owner,
    )


def _told(adjustment: Adjustment) -> dict[str, object]:
    return {
        "adjustment": adjustment.pk,
        "kind": adjustment.kind,
        "measure": adjustment.measure,
        "scope": adjustment.scope_label,
        "first_month": f"{adjustment.first_month:%Y-%m}",
        "cents": adjustment.cents,
        "expires_on": f"{adjustment.expires_on:%Y-%m}",
        "owner": adjustment.owner.username if adjustment.owner else "",
        "evidence": adjustment.evidence,
    }


def _check(wording: Wording, plan: Plan) -> None:
    for field, text in (("title", wording.title), ("reason", wording.reason)):
        if not text.strip():
            raise ReasonMissing(f"{field.capitalize()} “”: an adjustment needs a name and a reason. Write it down.")
    _check_amounts(wording)
    _check_months(wording, plan)
    if wording.scope.category_id and wording.scope.family_id:
        raise AdjustmentRefused("family", "a family and a category", "It stands at one node.", "Name one of the two.")


def _check_amounts(wording: Wording) -> None:
    if not any(wording.cents):
        raise AdjustmentRefused("amount", "0.00", "It moves nothing.", "Give an amount in at least one month.")
    left = sum(wording.cents)
    if wording.kind == AdjustmentKind.TIMING and left != 0:
        raise AdjustmentRefused(
            "amount",
            f"{left / 100:,.2f} left",
            "A timing adjustment moves money between months and nets to zero over them.",
            f"Bring {-left / 100:,.2f} into another of its months, or name it as a risk or as unmodelled.",
        )


def _check_months(wording: Wording, plan: Plan) -> None:
    opening, end = plan.first_month, month_date(plan.first_month_index + plan.horizon - 1)
    last = month_date(month_index(wording.first_month) + len(wording.cents) - 1)
    if wording.expires_on < opening:
        raise AdjustmentRefused(
            "expires_on",
            f"{wording.expires_on:%Y-%m}",
            f"It would expire before the plan begins in {opening:%Y-%m}.",
            "Let it hold until an open month.",
        )
    for field, month in (("first_month", wording.first_month), ("last_month", last)):
        if not opening <= month <= end:
            raise AdjustmentRefused(
                field,
                f"{month:%Y-%m}",
                "Only open months can be adjusted; a closed month has its actuals.",
                f"Keep to {opening:%Y-%m} to {end:%Y-%m}.",
            )


def _check_replaced(adjustment: Adjustment | None, plan: Plan) -> None:
    if adjustment is None:
        return
    if adjustment.plan_id != plan.pk:
        raise NotAllowedNow(f"Adjustment “{adjustment.title}”: it belongs to another plan. Open it there.")
    if adjustment.is_withdrawal or Adjustment.objects.filter(supersedes=adjustment).exists():
        raise AdjustmentRefused(
            "adjustment", adjustment.title, "It was replaced or withdrawn already.", "Load the page anew."
        )
