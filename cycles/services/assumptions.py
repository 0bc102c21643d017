"""Assumptions: written down, confirmed, withdrawn, carried on; each with its audit row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from cycles.calc.holding import Tolerance
from cycles.errors import NotAllowedToYou, ReasonMissing, StatementUnfit
from cycles.models import Assumption, AssumptionState, Plan, User
from cycles.policy import Action
from cycles.registry import Carried
from cycles.registry.metrics import metric_named
from cycles.selectors import broken_check, scope_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.carrying import carry_rows
from cycles.services.holding import request_checks
from cycles.services.notifications import News, tell
from cycles.services.plans import lock_plan

LONGEST_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Measure:
    """How the actual months will answer: a registered metric, its months and place, the value and how far off.

    `first_month`, `last_month`: first days, inclusive. `expected` in the metric's unit; `tolerance` in that unit or in
    percent of it. No family and market is the company.
    """

    metric: str
    first_month: date
    last_month: date
    expected: Decimal
    tolerance: Decimal
    tolerance_kind: Tolerance = Tolerance.PERCENT
    family_id: int | None = None
    market_id: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is taken for granted. `money_cents` of the reporting currency is what hangs on it, where somebody knows.

    `expires_on` is the last day until which it is meant to hold; None = until it is withdrawn.
    """

    code: str
    text: str
    source: str = ""
    money_cents: int | None = None
    measure: Measure | None = None
    owner: User | None = None
    expires_on: date | None = None


def record_assumption(*, plan: Plan, statement: Statement, actor: User) -> Assumption:
    """Write down what the plan takes for granted, as confirmed by the one who says it; audited.

    The same code again replaces what was said (the audit row keeps it); the same statement again changes nothing. A
    measured one whose months are closed is checked against the actuals by a run.

    Raises:
        ReasonMissing: no text.
        StatementUnfit: the measure or the day contradicts itself, the metric or the plan.
        NotAllowedToYou, NotAllowedNow: by the rights table; a measure outside one's families and markets.
    """
    if not statement.text.strip():
        raise ReasonMissing("An assumption needs words.")
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        authorise(actor=actor, action=Action.RECORD_ASSUMPTION, plan=plan)
        _judge(statement, plan, actor)
        values = _values(statement)
        before = plan.assumptions.filter(code=statement.code).first()
        if before is not None and before.state == AssumptionState.CONFIRMED and _said(before, values) == values:
            return before
        now = timezone.now()
        stamps = {"state": AssumptionState.CONFIRMED.value, "confirmed_by": actor, "confirmed_at": now}
        assumption, _ = Assumption.objects.update_or_create(
            plan=plan, code=statement.code, defaults={**values, **stamps, "recorded_by": actor}
        )
        record_audit(
            actor=actor,
            code="cycles.assumption.recorded",
            plan=plan,
            subject=statement.code,
            before=_told(before),
            after=_told(assumption),
        )
        if assumption.owner is not None:
            key = f"assumption.assigned:{assumption.pk}:{assumption.owner.pk}"
            subject = ("assumption", str(assumption.pk))
            tell(News("assumption.assigned", key, subject, assumption.code, plan, actor), [assumption.owner])
        if assumption.last_month is not None and assumption.last_month < plan.first_month:
            request_checks(plan=plan, actor=actor)
    return assumption


def confirm_assumption(*, assumption_id: int, actor: User, expires_on: date | None = None) -> Assumption:
    """Say that an assumption still holds in this cycle; audited. A second call changes nothing.

    One that the actuals broke is confirmed once more after each reading; one that has expired needs a new day.

    Raises:
        StatementUnfit: it has expired and no later day is given.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    with transaction.atomic():
        assumption = _lock(assumption_id, actor)
        day = expires_on or assumption.expires_on
        if day is not None and day < assumption.plan.first_month:
            raise StatementUnfit(f"It held until {day:%Y-%m-%d}: give a later day, or withdraw it.")
        is_new_day = expires_on is not None and expires_on != assumption.expires_on
        if assumption.state == AssumptionState.CONFIRMED and not is_new_day and broken_check(assumption) is None:
            return assumption
        assumption.expires_on = day
        return _settle(assumption, actor, AssumptionState.CONFIRMED, "")


def withdraw_assumption(*, assumption_id: int, actor: User, reason: str) -> Assumption:
    """Say, with a reason, that an assumption no longer holds; it is not carried on. Audited. Twice is once.

    Raises:
        ReasonMissing, NotAllowedToYou, NotAllowedNow.
    """
    if not reason.strip():
        raise ReasonMissing("Say why the assumption no longer holds.")
    with transaction.atomic():
        assumption = _lock(assumption_id, actor)
        if assumption.state == AssumptionState.WITHDRAWN:
            return assumption
        return _settle(assumption, actor, AssumptionState.WITHDRAWN, reason.strip())


def carry_assumptions(*, plan: Plan, previous: Plan, actor: User) -> Carried:
    """Take the assumptions of the approved plan over, to be confirmed again.

    Withdrawn ones stay behind, and so do measured ones that the actuals have answered: their months are over.
    """
    kept = previous.assumptions.exclude(state=AssumptionState.WITHDRAWN.value)
    kept = kept.exclude(last_month__lt=previous.first_month, checks__isnull=False)
    fields = ("code", "text", "source", "money_cents", "owner_id", "expires_on", *_MEASURED)
    return Carried(carry_rows(kept.distinct(), plan=plan, names=fields, recorded_by=actor))


_MEASURED = (
    "metric", "first_month", "last_month", "expected", "tolerance", "tolerance_kind", "family_id", "market_id", "currency",
)  # fmt: skip


def _lock(assumption_id: int, actor: User) -> Assumption:
    plan = lock_plan(Assumption.objects.values_list("plan_id", flat=True).get(pk=assumption_id))
    authorise(actor=actor, action=Action.RECORD_ASSUMPTION, plan=plan)
    assumption = Assumption.objects.get(pk=assumption_id)
    assumption.plan = plan
    return assumption


def _settle(assumption: Assumption, actor: User, state: AssumptionState, reason: str) -> Assumption:
    before = Assumption.objects.values("state", "expires_on").get(pk=assumption.pk)
    assumption.state = state.value
    assumption.confirmed_by, assumption.confirmed_at = actor, timezone.now()
    assumption.save(update_fields=["state", "confirmed_by", "confirmed_at", "expires_on"])
    record_audit(
        actor=actor,
        code=f"cycles.assumption.{state.value}",
        plan=assumption.plan,
        subject=assumption.code,
        reason=reason,
        before=before,
        after={"state": state.value, "expires_on": assumption.expires_on},
    )
    return assumption


def _values(statement: Statement) -> dict[str, Any]:
    measure = statement.measure
    measured = {name: getattr(measure, name) for name in _MEASURED} if measure else _unmeasured()
    return {
        "text": statement.text.strip(),
        "source": statement.source,
        "money_cents": statement.money_cents,
        "owner_id": statement.owner.pk if statement.owner else None,
        "expires_on": statement.expires_on,
        **measured,
    }


def _unmeasured() -> dict[str, Any]:
    blank = Assumption()
    return {name: getattr(blank, name) for name in _MEASURED}


def _said(assumption: Assumption, names: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(assumption, name) for name in names}


def _told(assumption: Assumption | None) -> dict[str, Any] | None:
    """What an audit row says of an assumption: its words, and the rest only where it is set."""
    if assumption is None:
        return None
    names = ("text", "money_cents", "owner_id", "expires_on", *(_MEASURED if assumption.metric else ()))
    return {name: value for name in names if (value := getattr(assumption, name)) not in (None, "")}


def _judge(statement: Statement, plan: Plan, actor: User) -> None:
    if statement.expires_on is not None and statement.expires_on < plan.first_month:
        raise StatementUnfit(f"It would have expired before {plan.first_month:%Y-%m-%d}, when the plan begins.")
    measure = statement.measure
    if measure is None:
        return
    if measure.first_month.day != 1 or measure.last_month.day != 1 or measure.first_month > measure.last_month:
        raise StatementUnfit("The last month comes before the first.")
    months = (measure.last_month.year - measure.first_month.year) * 12 + measure.last_month.month
    if months - measure.first_month.month >= LONGEST_MONTHS:
        raise StatementUnfit(f"An assumption speaks of at most {LONGEST_MONTHS} months.")
    if measure.tolerance < 0:
        raise StatementUnfit("A tolerance is 0 or more.")
    _judge_place(measure, actor)


def _judge_place(measure: Measure, actor: User) -> None:
    metric = metric_named(measure.metric)
    place = {"family": measure.family_id, "market": measure.market_id, "currency": measure.currency}
    given = {part for part, value in place.items() if value}
    if strange := given - metric.narrows - metric.needs:
        raise StatementUnfit(f"“{metric.title}” is not known by {' and '.join(sorted(strange))}.")
    if missing := metric.needs - given:
        raise StatementUnfit(f"“{metric.title}” needs a {' and a '.join(sorted(missing))}.")
    scope = scope_of(actor)
    everything = measure.family_id is None and measure.market_id is None and not scope.is_everything
    if everything or not (scope.is_everything or scope.allows(measure.family_id, measure.market_id)):
        raise NotAllowedToYou("This lies outside the families and markets that are yours.")
