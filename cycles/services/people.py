"""People: the service users, and memberships given and taken."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.db import transaction

from cycles.models import Membership, User
from cycles.policy import Action, Role
from cycles.services.access import authorise
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
    """Give a user a role, perhaps limited to families and markets (ids); audited. The same again only sets the limits.

    Raises:
        NotAllowedToYou: only an admin may.
    """
    authorise(actor=actor, action=Action.SET_UP)
    with transaction.atomic():
        membership, _ = Membership.objects.get_or_create(user=user, role=role.value)
        limits = {"families": sorted(families), "markets": sorted(markets)}
        membership.families.set(limits["families"])
        membership.markets.set(limits["markets"])
        record_audit(
            actor=actor,
            code="cycles.membership.granted",
            subject=user.username,
            after={"role": role.value, **limits},
        )
    return membership


def withdraw_membership(*, user: User, role: Role, actor: User) -> None:
    """Take a role from a user; audited. Taking what is not there changes nothing.

    Raises:
        NotAllowedToYou: only an admin may.
    """
    authorise(actor=actor, action=Action.SET_UP)
    with transaction.atomic():
        deleted, _ = Membership.objects.filter(user=user, role=role.value).delete()
        if deleted:
            record_audit(
                actor=actor,
                code="cycles.membership.withdrawn",
                subject=user.username,
                before={"role": role.value},
            )
