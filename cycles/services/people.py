"""People: the service users, and memberships given and taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from cycles.errors import NotAllowedToYou
from cycles.models import Membership, User
from cycles.policy import Action, Role
from cycles.services.access import authorise
from cycles.services.accounts import refuse_last_admin
from cycles.services.audit import record_audit


def ensure_service_users(using: str = "default") -> None:
    """Make sure that each role has its service user, without a password; a second call changes nothing."""
    for role in Role:
        user, _ = User.objects.using(using).get_or_create(
            username=f"service.{role.value}",
            defaults={
                "is_service": True,
                "password": make_password(None),
                "first_name": role.label,
                "last_name": "service",
            },
        )
        Membership.objects.using(using).get_or_create(user=user, role=role.value)


def grant_membership(
    *, user: User, role: Role, actor: User, families: Iterable[int] = (), markets: Iterable[int] = ()
) -> Membership:
    """Give a person a role, perhaps limited to families and markets (ids); audited with the limits before and after.

    The same role again sets the limits; the same limits again change nothing.

    Raises:
        NotAllowedToYou: only an admin may, and nobody changes their own roles or those of a service user.
    """
    _judge(user, actor)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        membership, created = Membership.objects.get_or_create(user=user, role=role.value)
        before = None if created else _told(membership)
        membership.families.set(families)
        membership.markets.set(markets)
        after = _told(membership)
        if before != after:
            record_audit(
                actor=actor, code="cycles.membership.granted", subject=user.username, before=before, after=after
            )
    return membership


def withdraw_membership(*, user: User, role: Role, actor: User) -> None:
    """Take a role from a person; audited with its limits. Taking what is not there changes nothing.

    Raises:
        NotAllowedNow: the admin role of the last admin.
        NotAllowedToYou: only an admin may, and nobody changes their own roles or those of a service user.
    """
    _judge(user, actor)
    with transaction.atomic():
        if role == Role.ADMIN:
            refuse_last_admin(user.pk)
        membership = Membership.objects.filter(user=user, role=role.value).first()
        if membership is not None:
            before = _told(membership)
            membership.delete()
            record_audit(actor=actor, code="cycles.membership.withdrawn", subject=user.username, before=before)


def _judge(user: User, actor: User) -> None:
    authorise(actor=actor, action=Action.SET_UP)
    if user.pk == actor.pk:
        raise NotAllowedToYou("Another admin has to change your own roles.")
    if user.is_service:
        raise NotAllowedToYou("A service user has the one role it acts in.")


def _told(membership: Membership) -> dict[str, Any]:
    """A role with its limits by code; no code is everything."""
    return {
        "role": membership.role,
        "families": sorted(membership.families.values_list("code", flat=True)),
        "markets": sorted(membership.markets.values_list("code", flat=True)),
    }
