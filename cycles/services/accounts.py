"""Accounts of people: made, named, switched off and on, signed out; each with its audit row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from cycles.errors import NotAllowedNow, NotAllowedToYou, ReasonMissing, StatementUnfit
from cycles.models import User
from cycles.policy import Action, Role
from cycles.services.access import authorise
from cycles.services.audit import record_audit


@dataclass(frozen=True, slots=True)
class Invitation:
    """A person and the two parts of the link by which they set their password; it works once and for three days."""

    person: User
    uid: str
    token: str


def create_person(*, username: str, names: Mapping[str, str], actor: User) -> Invitation:
    """Make an account without a password and without a role; audited. The link in the answer is shown once.

    Args:
        username: what the person signs in with, unique whatever its case.
        names: `first_name`, `last_name`, `email`; absent ones are blank.

    Raises:
        StatementUnfit: somebody has this name already.
        NotAllowedToYou: only an admin may.
    """
    authorise(actor=actor, action=Action.SET_UP)
    with transaction.atomic():
        if User.objects.filter(username__iexact=username).exists():
            raise StatementUnfit(f"Somebody signs in as “{username}” already.")
        person = User.objects.create(username=username, password=make_password(None), **names)
        _tell(actor, "created", person, after={"username": username, **names})
        return _invitation(person)


def change_person(*, person_id: int, names: Mapping[str, str], actor: User) -> User:
    """Change first name, last name or e-mail; audited with both. The same names again change nothing.

    Raises:
        NotAllowedToYou: only an admin may; service users are not changed.
    """
    with transaction.atomic():
        person = _lock(person_id, actor)
        before = {name: getattr(person, name) for name in names}
        if before == dict(names):
            return person
        for name, value in names.items():
            setattr(person, name, value)
        person.save(update_fields=list(names))
        _tell(actor, "changed", person, before=before, after=dict(names))
        return person


def invite_again(*, person_id: int, actor: User) -> Invitation:
    """Give a new link to set a password, and end the old password and every session; audited.

    Raises:
        NotAllowedNow: the account is switched off.
        NotAllowedToYou: only an admin may; nobody resets their own password this way.
    """
    with transaction.atomic():
        person = _lock(person_id, actor, is_own_allowed=False)
        if not person.is_active:
            raise NotAllowedNow(f"{person} is switched off; switch the account on first.")
        person.password = make_password(None)
        person.save(update_fields=["password"])
        _tell(actor, "invited", person, after={"sessions_ended": _end_sessions(person)})
        return _invitation(person)


def record_password_set(*, person: User) -> None:
    """Keep that a person has set their own password by the link. The caller has saved it in the same transaction."""
    _tell(person, "password_set", person)


def switch_off(*, person_id: int, reason: str, actor: User) -> User:
    """Switch an account off with a reason: no role counts any more and every session ends at once; audited.

    What the person wrote stays. Twice is once.

    Raises:
        ReasonMissing: no reason.
        NotAllowedNow: the last admin.
        NotAllowedToYou: only an admin may, and nobody themselves.
    """
    if not reason.strip():
        raise ReasonMissing("Say why the account is switched off.")
    with transaction.atomic():
        refuse_last_admin(person_id)
        person = _lock(person_id, actor, is_own_allowed=False)
        if person.is_active:
            person.is_active = False
            person.save(update_fields=["is_active"])
            ended = _end_sessions(person)
            change = {"before": {"is_active": True}, "after": {"is_active": False, "sessions_ended": ended}}
            _tell(actor, "switched_off", person, reason=reason.strip(), **change)
        return person


def switch_on(*, person_id: int, actor: User) -> User:
    """Switch an account on again with the roles it had; audited. Twice is once.

    Raises:
        NotAllowedToYou: only an admin may, and nobody themselves.
    """
    with transaction.atomic():
        person = _lock(person_id, actor, is_own_allowed=False)
        if not person.is_active:
            person.is_active = True
            person.save(update_fields=["is_active"])
            _tell(actor, "switched_on", person, before={"is_active": False}, after={"is_active": True})
        return person


def end_sessions(*, person_id: int, actor: User) -> int:
    """Sign a person out everywhere; audited with the number of sessions that ended.

    Raises:
        NotAllowedToYou: only an admin may.
    """
    with transaction.atomic():
        person = _lock(person_id, actor)
        ended = _end_sessions(person)
        _tell(actor, "signed_out", person, after={"sessions_ended": ended})
        return ended


def refuse_last_admin(person_id: int) -> None:
    """Refuse to leave the portal without an admin who can sign in; locks the admins until the transaction ends.

    Raises:
        NotAllowedNow: `person_id` is the only active admin.
    """
    admins = User.objects.select_for_update(of=("self",)).filter(
        pk__in=User.objects.filter(is_active=True, is_service=False, memberships__role=Role.ADMIN.value)
    )
    if [admin.pk for admin in admins.order_by("pk")] == [person_id]:
        raise NotAllowedNow("This is the last admin; make another person an admin first.")


def _lock(person_id: int, actor: User, *, is_own_allowed: bool = True) -> User:
    authorise(actor=actor, action=Action.SET_UP)
    person = User.objects.select_for_update().get(pk=person_id)
    if person.is_service:
        raise NotAllowedToYou("A service user acts for the machine; it is not changed here.")
    if person.pk == actor.pk and not is_own_allowed:
        raise NotAllowedToYou("Another admin has to do this to your own account.")
    return person


def _end_sessions(person: User) -> int:
    mine = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator(chunk_size=500)
        if str(session.get_decoded().get(SESSION_KEY)) == str(person.pk)
    ]
    Session.objects.filter(pk__in=mine).delete()
    return len(mine)


def _invitation(person: User) -> Invitation:
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    return Invitation(person, uid, default_token_generator.make_token(person))


def _tell(actor: User, what: str, person: User, **change: Any) -> None:
    record_audit(actor=actor, code=f"cycles.person.{what}", subject=person.username, **change)
