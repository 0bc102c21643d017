"""Opening a month: the cycle, its plan, the five stages, and what is carried over."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from catalog.models import Company
from cycles.calc.rhythm import following_month
from cycles.errors import DomainError, NotAllowedNow
from cycles.models import Cycle, Plan, Stage, User
from cycles.policy import Action
from cycles.selectors import is_approved, latest_plan, stage_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.carrying import carry_over
from cycles.services.plans import lock_plan
from cycles.services.rhythm import due_dates_of, rhythm
from cycles.services.stages import open_stage
from cycles.workflow import StageKind

DEFAULT_HORIZON = 24
HORIZONS = range(6, 37)


class HorizonRefused(DomainError):
    """A plan cannot have so many months."""

    code = "horizon_refused"


def open_cycle(*, month: date, actor: User, horizon: int | None = None) -> Plan:
    """Open the cycle of `month`: a plan whose first open month it is, five stages with due dates, data stage open.

    The first cycle may be any month; each later one is the month after an approved plan, from which every registered
    carry takes over. Audited. A second call for the same month is refused.

    Args:
        month: any day of the month.
        actor: somebody who may open cycles.
        horizon: open months to plan, 6 to 36; the company's default if None.

    Raises:
        NotAllowedToYou: by the rights table.
        NotAllowedNow: the last plan is not approved, the month is not the next one, or it is open already.
        HorizonRefused: fewer than 6 or more than 36 months.
    """
    authorise(actor=actor, action=Action.OPEN_CYCLE)
    month = month.replace(day=1)
    if horizon is not None and horizon not in HORIZONS:
        raise HorizonRefused(f"A plan has {HORIZONS[0]} to {HORIZONS[-1]} months, not {horizon}.")
    try:
        with transaction.atomic():
            previous = _previous(month)
            plan = _insert_plan(month, horizon or _default_horizon(previous), previous, actor)
            record_audit(
                actor=actor,
                code="cycles.cycle.opened",
                plan=plan,
                subject=plan.number,
                after={"first_month": month.isoformat(), "horizon": plan.horizon},
            )
            if previous is not None:
                carry_over(plan=plan, previous=previous, actor=actor)
            open_stage(stage=stage_of(plan, StageKind.DATA), actor=actor)
            plan.refresh_from_db()
            return plan
    except IntegrityError as error:
        if Cycle.objects.filter(month=month).exists():
            raise NotAllowedNow(f"The cycle of {month:%Y-%m} is open already.") from error
        raise


def open_next_cycle(*, actor: User, horizon: int | None = None) -> Plan:
    """Open the month after the last approved plan; `horizon` as in `open_cycle`.

    Raises:
        NotAllowedToYou: by the rights table.
        NotAllowedNow: there is no plan yet, or the last one is not approved.
    """
    last = latest_plan()
    if last is None:
        raise NotAllowedNow("There is no cycle yet; open the first one with its month.")
    return open_cycle(month=following_month(last.first_month), actor=actor, horizon=horizon)


def _previous(month: date) -> Plan | None:
    last = latest_plan()
    if last is None:
        return None
    last = lock_plan(last.pk)
    if last.first_month >= month:
        raise NotAllowedNow(f"The cycle of {last.first_month:%Y-%m} was opened already; the next one comes after it.")
    if not is_approved(last):
        raise NotAllowedNow(f"Plan {last.number} is not approved yet.")
    if following_month(last.first_month) != month:
        raise NotAllowedNow(f"The next cycle is {following_month(last.first_month):%Y-%m}, not {month:%Y-%m}.")
    return last


def _default_horizon(previous: Plan | None) -> int:
    company = Company.objects.first()
    if company is not None:
        return int(company.default_horizon)
    return previous.horizon if previous else DEFAULT_HORIZON


def _insert_plan(month: date, horizon: int, previous: Plan | None, actor: User) -> Plan:
    cycle = Cycle.objects.create(month=month, opened_by=actor)
    plan = Plan.objects.create(
        cycle=cycle, number=f"{month:%Y-%m}", first_month=month, horizon=horizon, previous=previous
    )
    owners = dict(previous.stages.values_list("kind", "owner_id")) if previous else {}
    owners |= {kind.value: beat.owner.pk for kind, beat in rhythm().items() if beat.owner}
    Stage.objects.bulk_create(
        Stage(plan=plan, kind=kind.value, position=kind.position, due_on=due, owner_id=owners.get(kind.value))
        for kind, due in zip(StageKind, due_dates_of(month), strict=True)
    )
    return plan
