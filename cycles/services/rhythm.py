"""The rhythm of the month: working days and owners of the stages, holidays, and a due date that is moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from cycles.calc.rhythm import DUE_WORKING_DAYS, LAST_WORKING_DAY, due_dates
from cycles.errors import NotAllowedNow, ReasonMissing, StatementUnfit
from cycles.models import Holiday, Stage, StageRhythm, User
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from cycles.workflow import StageKind, StageStatus


@dataclass(frozen=True, slots=True)
class Beat:
    """When a stage is due in a new cycle (working day of its month, from 1) and whose it is."""

    working_day: int
    owner: User | None = None


def rhythm() -> dict[StageKind, Beat]:
    """Return the beat of every stage, in order; the usual day where nobody said otherwise."""
    said = {row.kind: Beat(row.working_day, row.owner) for row in StageRhythm.objects.select_related("owner")}
    return {kind: said.get(kind.value, Beat(day)) for kind, day in zip(StageKind, DUE_WORKING_DAYS, strict=True)}


def due_dates_of(month: date) -> tuple[date, ...]:
    """Return the due dates of stages 1 … 5 of a new cycle, by the company's rhythm and holidays."""
    holidays = set(Holiday.objects.values_list("day", flat=True))
    return due_dates(month, [beat.working_day for beat in rhythm().values()], holidays)


def change_rhythm(*, beats: Mapping[StageKind, Beat], actor: User) -> None:
    """Set when each stage is due and whose it is in cycles opened from now on; audited. The same changes nothing.

    Raises:
        StatementUnfit: a stage is missing, a day is not 1 to 25, or not after the stage before it.
        NotAllowedToYou: only an admin may.
    """
    authorise(actor=actor, action=Action.SET_UP)
    if list(beats) != list(StageKind):
        raise StatementUnfit("Every stage needs its working day.")
    days = [beat.working_day for beat in beats.values()]
    if any(not 1 <= day <= LAST_WORKING_DAY for day in days):
        raise StatementUnfit(f"A working day is 1 to {LAST_WORKING_DAY}.")
    if any(earlier >= later for earlier, later in zip(days, days[1:], strict=False)):
        raise StatementUnfit("Each stage is due after the one before it.")
    with transaction.atomic():
        before, after = _told(rhythm()), _told(beats)
        if before == after:
            return
        for kind, beat in beats.items():
            StageRhythm.objects.update_or_create(
                kind=kind.value, defaults={"working_day": beat.working_day, "owner": beat.owner}
            )
        record_audit(actor=actor, code="cycles.rhythm.changed", subject="rhythm", before=before, after=after)


def _told(beats: Mapping[StageKind, Beat]) -> dict[str, str]:
    return {
        kind.value: f"working day {beat.working_day}" + (f", {beat.owner.username}" if beat.owner else "")
        for kind, beat in beats.items()
    }


def add_holiday(*, day: date, name: str, actor: User) -> Holiday:
    """Add a day on which the company does not work; due dates of cycles opened afterwards pass it by. Audited.

    Raises:
        StatementUnfit: the day has a name already, or the name is empty.
        NotAllowedToYou: only an admin may.
    """
    authorise(actor=actor, action=Action.SET_UP)
    if not name.strip():
        raise StatementUnfit("A holiday needs a name.")
    with transaction.atomic():
        holiday, created = Holiday.objects.get_or_create(day=day, defaults={"name": name.strip()})
        if not created:
            raise StatementUnfit(f"{day:%Y-%m-%d} is {holiday.name} already.")
        record_audit(actor=actor, code="cycles.holiday.added", subject=f"{day:%Y-%m-%d}", after={"name": holiday.name})
    return holiday


def remove_holiday(*, holiday_id: int, actor: User) -> None:
    """Make a holiday a working day again; audited.

    Raises:
        Holiday.DoesNotExist: no such holiday.
        NotAllowedToYou: only an admin may.
    """
    authorise(actor=actor, action=Action.SET_UP)
    with transaction.atomic():
        holiday = Holiday.objects.select_for_update().get(pk=holiday_id)
        day, name = holiday.day, holiday.name
        holiday.delete()
        record_audit(actor=actor, code="cycles.holiday.removed", subject=f"{day:%Y-%m-%d}", before={"name": name})


def reschedule_stage(*, stage_id: int, due_on: date, reason: str, actor: User) -> Stage:
    """Move the due date of a stage that is not approved, with a reason; audited. The same day changes nothing.

    Raises:
        ReasonMissing: no reason.
        StatementUnfit: before the stage before it, or after the one after it, is due.
        NotAllowedNow: the stage is approved.
        NotAllowedToYou: only an admin may.
    """
    authorise(actor=actor, action=Action.SET_UP)
    if not reason.strip():
        raise ReasonMissing("Say why the date is moved.")
    with transaction.atomic():
        plan = lock_plan(Stage.objects.values_list("plan_id", flat=True).get(pk=stage_id))
        stage = Stage.objects.get(pk=stage_id)
        if stage.status == StageStatus.APPROVED:
            raise NotAllowedNow(f"The {stage.title} stage is approved; its date is history.")
        others = plan.stages.exclude(pk=stage.pk)
        if others.filter(position__lt=stage.position, due_on__gt=due_on).exists():
            raise StatementUnfit("An earlier stage is due after this day.")
        if others.filter(position__gt=stage.position, due_on__lt=due_on).exists():
            raise StatementUnfit("A later stage is due before this day.")
        before, stage.due_on = stage.due_on, due_on
        if before != due_on:
            stage.save(update_fields=["due_on"])
            record_audit(
                actor=actor, code="cycles.stage.rescheduled", plan=plan, subject=stage.kind, reason=reason.strip(),
                before={"due_on": before}, after={"due_on": due_on},
            )  # fmt: skip
        return stage
