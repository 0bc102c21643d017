"""Notifications: told in the transaction of what happened, never twice, read and switched off by their owner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from cycles.errors import UnknownEntry
from cycles.models import Notification, NotificationMute, Plan, Thread, User
from cycles.registry.notices import notice_named, notices
from cycles.signals import notified


@dataclass(frozen=True, slots=True)
class News:
    """What happened, as people are told it.

    `kind` is a registered notification; `key` names the event: the same key tells a person once. `subject` is kind and
    key of what it is about, `about` its name (codes and names, never values). `actor` is not told of their own act.
    """

    kind: str
    key: str
    subject: tuple[str, str]
    about: str
    plan: Plan | None = None
    actor: User | None = None
    thread: Thread | None = None


def tell(news: News, recipients: Iterable[User]) -> tuple[int, ...]:
    """Tell people of something inside the running transaction; returns the ids of those who were told.

    Left out are the actor, service users, inactive people, whoever has switched the kind off, and whoever was told of
    this event before: a second call tells nobody.

    Raises:
        UnknownEntry: nobody registered the kind.
        TransactionManagementError: there is no transaction, so the act and its news could part.
    """
    kind = notice_named(news.kind)
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("tell needs the transaction of what happened.")
    wanted = {user.pk for user in recipients if user.is_active and not user.is_service}
    wanted -= {news.actor.pk} if news.actor else set()
    if kind.is_optional:
        muted = NotificationMute.objects.filter(kind=kind.code, user__in=wanted)
        wanted -= set(muted.values_list("user_id", flat=True))
    before = Notification.objects.filter(recipient__in=wanted, event_key=news.key)
    told = tuple(sorted(wanted - set(before.values_list("recipient_id", flat=True))))
    if told:
        Notification.objects.bulk_create((_row(news, user_id) for user_id in told), ignore_conflicts=True)
        notified.send(sender=Notification, user_ids=told)
    return told


def _row(news: News, recipient_id: int) -> Notification:
    return Notification(
        recipient_id=recipient_id,
        kind=news.kind,
        event_key=news.key,
        plan=news.plan,
        subject_kind=news.subject[0],
        subject_key=news.subject[1],
        about=news.about[:200],
        thread=news.thread,
        actor=news.actor,
    )


def unread_count(user: User) -> int:
    """Return how many notifications the person has not read."""
    return Notification.objects.filter(recipient=user, read_at__isnull=True).count()


def notifications_of(user: User, *, only_unread: bool) -> QuerySet[Notification]:
    """Return a person's notifications, newest first, with who did it, the plan and the thread."""
    found = Notification.objects.filter(recipient=user).select_related("actor", "plan", "thread__plan")
    return (found.filter(read_at__isnull=True) if only_unread else found).order_by("-id")


def sentence_of(notification: Notification) -> str:
    """Return what a notification says, made from its kind's sentence, the names of who did it and what it is about.

    Raises:
        UnknownEntry: nobody registers its kind any more.
    """
    words = {"actor": str(notification.actor or "S&OP Portal"), "about": notification.about}
    return notice_named(notification.kind).sentence % words


def mark_read(*, actor: User, notification_ids: Iterable[int] | None = None) -> int:
    """Mark the actor's own notifications as read, all without ids; returns how many were unread.

    Ids of other people are passed over: nobody reads for somebody else. A second call changes nothing.
    """
    unread = Notification.objects.filter(recipient=actor, read_at__isnull=True)
    if notification_ids is not None:
        unread = unread.filter(pk__in=list(notification_ids))
    with transaction.atomic():
        count = unread.update(read_at=timezone.now())
        if count:
            notified.send(sender=Notification, user_ids=(actor.pk,))
    return count


def choose_notices(*, actor: User, wanted: Iterable[str]) -> None:
    """Keep which kinds the actor wants from now on; what was told stays. The same choice again changes nothing.

    Raises:
        UnknownEntry: a kind that nobody registered, or one that cannot be switched off.
    """
    optional = {kind.code for kind in notices() if kind.is_optional}
    chosen = set(wanted)
    if foreign := sorted(chosen - optional):
        raise UnknownEntry(f"These notifications cannot be chosen: {', '.join(foreign)}.")
    with transaction.atomic():
        mutes = NotificationMute.objects.filter(user=actor)
        mutes.filter(kind__in=chosen).delete()
        NotificationMute.objects.bulk_create(
            (NotificationMute(user=actor, kind=code) for code in sorted(optional - chosen)), ignore_conflicts=True
        )
