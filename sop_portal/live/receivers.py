"""What moves in the portal becomes an event, published when its transaction has committed."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import receiver

from cycles.models import Membership, Plan, User
from cycles.signals import commented, dataset_applied, notified, person_moved, plan_revised, run_moved, stage_changed
from cycles.workflow import StageKind, StageStatus
from sop_portal.live.events import Detail, Event, EventName
from sop_portal.live.publishing import publish_on_commit

TASTES = {"last_login", "theme", "display"}


@receiver(plan_revised, dispatch_uid="live.plan_revised")
def tell_edited(sender: Any, plan: Plan, ledger: str, actor: User | None, **_: Any) -> None:
    """A ledger got an entry: who, which ledger, the plan's revision after it."""
    detail: Detail = {"revision": plan.revision, "ledger": ledger, "by": actor.pk if actor else None}
    publish_on_commit(Event(EventName.EDITED, detail, plan.pk))


@receiver(stage_changed, dispatch_uid="live.stage_changed")
def tell_stage(sender: Any, plan_id: int, stage: StageKind, after: StageStatus, **_: Any) -> None:
    """A stage was submitted, approved, returned or reopened."""
    publish_on_commit(Event(EventName.STAGE, {"stage": stage.value, "status": after.value}, plan_id))


@receiver(run_moved, dispatch_uid="live.run_moved")
def tell_run(sender: Any, run_id: int, kind: str, plan_id: int | None, **moved: Any) -> None:
    """A run is queued, has begun, got on or has ended."""
    detail = {"run": run_id, "kind": kind, "state": moved["state"].value, "percent": moved["percent"]}
    publish_on_commit(Event(EventName.RUN, detail, plan_id))


@receiver(dataset_applied, dispatch_uid="live.dataset_applied")
def tell_imported(sender: Any, dataset: str, batch_id: int, changed: bool, **_: Any) -> None:
    """A file was applied."""
    publish_on_commit(Event(EventName.IMPORTED, {"dataset": dataset, "batch": batch_id, "changed": changed}))


@receiver(notified, dispatch_uid="live.notified")
def tell_notified(sender: Any, user_ids: tuple[int, ...], **_: Any) -> None:
    """These people have something new to read, or have read it elsewhere."""
    if user_ids:
        publish_on_commit(Event(EventName.NOTIFIED, user_ids=frozenset(user_ids)))


@receiver(commented, dispatch_uid="live.commented")
def tell_commented(sender: Any, plan_id: int, kind: str, key: str, **_: Any) -> None:
    """A conversation moved."""
    publish_on_commit(Event(EventName.COMMENTED, {"kind": kind, "key": key}, plan_id))


@receiver(person_moved, dispatch_uid="live.person_moved")
def tell_present(sender: Any, plan_id: int, window: Detail, **_: Any) -> None:
    """Somebody's window on the plan moved, or was closed."""
    publish_on_commit(Event(EventName.PRESENT, window, plan_id))


def tell_access(user_id: int) -> None:
    """What a person may do has changed: their streams end at once and are authorised anew."""
    publish_on_commit(Event(EventName.ACCESS, user_ids=frozenset({user_id})))


@receiver(post_save, sender=User, dispatch_uid="live.user_saved")
def tell_user_saved(instance: User, created: bool, update_fields: frozenset[str] | None, **_: Any) -> None:
    """A person was changed; a sign-in and a choice of looks change no rights."""
    if not created and (update_fields is None or set(update_fields) - TASTES):
        tell_access(instance.pk)


@receiver([post_save, post_delete], sender=Membership, dispatch_uid="live.membership")
def tell_membership(instance: Membership, **_: Any) -> None:
    """A role was given, limited or taken."""
    tell_access(instance.user_id)


@receiver(m2m_changed, sender=Membership.families.through, dispatch_uid="live.families")
@receiver(m2m_changed, sender=Membership.markets.through, dispatch_uid="live.markets")
def tell_scope(instance: Any, action: str, **_: Any) -> None:
    """The families or markets of a role were changed."""
    if isinstance(instance, Membership) and action.startswith("post_"):
        tell_access(instance.user_id)


@receiver(user_logged_out, dispatch_uid="live.logged_out")
def tell_logged_out(user: User | None, **_: Any) -> None:
    """A session has ended: that person's streams end; those of their other sessions connect again by themselves."""
    if user is not None:
        tell_access(user.pk)
