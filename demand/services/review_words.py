"""Words of the demand review that are kept: a family that stands as it is, and a reminder to somebody who owes."""

from __future__ import annotations

from django.db import transaction

from cycles.errors import NotAllowedNow, NotAllowedToYou
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.selectors import scope_of, stage_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.notifications import News, tell
from cycles.services.plans import lock_plan
from cycles.workflow import StageKind, StageStatus
from demand.models import FamilyConfirmation
from demand.services.owed import REMINDER, owed_in, reminder_key


def confirm_family(*, plan: Plan, family_id: int, actor: User) -> FamilyConfirmation:
    """Keep somebody's word that a family's plan stands as it is on the present baseline; audited.

    A new baseline asks again. The same person on the same baseline: the first word stands, nothing is recorded.

    Raises:
        NotAllowedToYou, NotAllowedNow: by the rights table; a family outside one's limits.
    """
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        authorise(actor=actor, action=Action.EDIT_DEMAND, plan=plan)
        if not scope_of(actor).meets(frozenset({family_id}), None):
            raise NotAllowedToYou("This family lies outside your limits.")
        word, is_new = FamilyConfirmation.objects.get_or_create(
            plan=plan,
            family_id=family_id,
            author=actor,
            baseline_version=plan.baseline_version,
            defaults={"revision": plan.revision},
        )
        if is_new:
            record_audit(
                actor=actor,
                code="demand.family.confirmed",
                plan=plan,
                subject=word.family.code,
                after={"baseline_version": plan.baseline_version, "revision": plan.revision},
            )
        return word


def remind(*, plan: Plan, person: User, actor: User) -> bool:
    """Tell somebody that their part of the demand review is open; False when they were told today already. Audited.

    Raises:
        NotAllowedToYou: the role may not ask others.
        NotAllowedNow: the demand stage is not open, or the person owes nothing.
    """
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        authorise(actor=actor, action=Action.ASSIGN_STAGE, plan=plan)
        if stage_of(plan, StageKind.DEMAND).status != StageStatus.OPEN:
            raise NotAllowedNow("The demand stage is not open: nobody can answer now.")
        owes = {row.person.pk: row for row in owed_in(plan, scope=scope_of(actor)).people}
        if person.pk not in owes or owes[person.pk].is_done:
            raise NotAllowedNow(f"{person} owes nothing in this review.")
        news = News(
            kind=REMINDER, key=reminder_key(plan, person.pk), subject=("stage", StageKind.DEMAND.value),
            about=plan.number, plan=plan, actor=actor,
        )  # fmt: skip
        told = bool(tell(news, [person]))
        if told:
            record_audit(actor=actor, code="demand.review.reminded", plan=plan, subject=person.username)
        return told
