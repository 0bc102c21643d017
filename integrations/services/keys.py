"""Keys of machines: issued, rotated, revoked, and recognised. The secret is never stored."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cycles.errors import DomainError, NotAllowedNow, ReasonMissing
from cycles.models import User
from cycles.policy import Action, Role
from cycles.selectors import service_user
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from integrations.models import ApiKey, Scope

MARK = "sop"
PREFIX_BYTES, SECRET_BYTES = 6, 32
TOKEN = re.compile(f"{MARK}_([0-9a-f]{{{2 * PREFIX_BYTES}}})_([0-9a-f]{{{2 * SECRET_BYTES}}})")
USUAL_LIFE = timedelta(days=365)
USUAL_OVERLAP = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)


class KeyRefused(DomainError):
    """The key is unknown, expired or revoked, or comes from an address it may not come from."""

    code = "key_refused"


class KeyBadlyMade(DomainError):
    """A key without a name, without a known scope, or with an address that is none."""

    code = "key_badly_made"


@dataclass(frozen=True)
class KeyWish:
    """What a new key shall be: name, scopes, networks (none = any), and when it ends (None = in a year)."""

    name: str
    scopes: Collection[Scope]
    addresses: Collection[str] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True)
class IssuedKey:
    """A new key and its token; the token is shown once and cannot be read again."""

    key: ApiKey
    token: str


def issue_key(*, wish: KeyWish, actor: User) -> IssuedKey:
    """Make a key that acts as the integration service user. Admins only; audited. Each call makes another key.

    Raises:
        NotAllowedToYou: by the rights table.
        KeyBadlyMade: see there.
    """
    authorise(actor=actor, action=Action.SET_UP)
    with transaction.atomic():
        issued = _make(_checked(wish), actor)
        record_audit(actor=actor, code="integrations.key.issued", subject=str(issued.key), after=_told(issued.key))
        return issued


def rotate_key(*, key_id: int, actor: User, overlap: timedelta = USUAL_OVERLAP) -> IssuedKey:
    """Make the successor of a key; the old one works until the overlap has passed. Admins only; audited.

    Raises:
        NotAllowedToYou: by the rights table.
        NotAllowedNow: the key was revoked, has expired or was rotated already.
    """
    authorise(actor=actor, action=Action.SET_UP)
    with transaction.atomic():
        old = ApiKey.objects.select_for_update().get(pk=key_id)
        now = timezone.now()
        if old.revoked_at or old.replaced_by_id or old.expires_at <= now:
            raise NotAllowedNow(f"{old} is no longer in force, or has a successor already.")
        scopes = [Scope(scope) for scope in old.scopes]
        issued = _make(KeyWish(old.name, scopes, old.addresses), actor)
        old.replaced_by, old.expires_at = issued.key, min(old.expires_at, now + overlap)
        old.save(update_fields=["replaced_by", "expires_at"])
        record_audit(
            actor=actor,
            code="integrations.key.rotated",
            subject=str(old),
            before=_told(old),
            after=_told(issued.key),
        )
        return issued


def revoke_key(*, key_id: int, reason: str, actor: User) -> ApiKey:
    """End a key at once. Admins only; audited with the reason. A second call changes nothing.

    Raises:
        NotAllowedToYou: by the rights table.
        ReasonMissing: without a reason.
    """
    authorise(actor=actor, action=Action.SET_UP)
    if not reason.strip():
        raise ReasonMissing("Say why the key is revoked.")
    with transaction.atomic():
        key = ApiKey.objects.select_for_update().get(pk=key_id)
        if key.revoked_at is None:
            key.revoked_at = timezone.now()
            key.save(update_fields=["revoked_at"])
            record_audit(actor=actor, code="integrations.key.revoked", subject=str(key), reason=reason)
        return key


def recognise_key(*, token: str, address: str) -> ApiKey:
    """The key of a token, in force and from an allowed address; notes its use at most once a minute.

    Raises:
        KeyRefused: with one message for every cause, so that nothing can be probed.
    """
    shape = TOKEN.fullmatch(token)
    prefix, secret = shape.groups() if shape else ("", "")
    key = ApiKey.objects.select_related("user").filter(prefix=prefix).first() if shape else None
    known = key.digest if key else "0" * 64
    matches = hmac.compare_digest(known, _digest(secret))
    if key is None or not matches or not _in_force(key) or not _may_come_from(key, address):
        raise KeyRefused("This key is not valid here.")
    now = timezone.now()
    seen = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - SEEN_EVERY)
    ApiKey.objects.filter(seen, pk=key.pk).update(last_used_at=now)
    return key


def _make(wish: KeyWish, actor: User) -> IssuedKey:
    prefix, secret = secrets.token_hex(PREFIX_BYTES), secrets.token_hex(SECRET_BYTES)
    key = ApiKey.objects.create(
        name=wish.name.strip(),
        prefix=prefix,
        digest=_digest(secret),
        user=service_user(Role.INTEGRATION),
        scopes=sorted(scope.value for scope in wish.scopes),
        addresses=list(wish.addresses),
        issued_by=actor,
        expires_at=wish.expires_at or timezone.now() + USUAL_LIFE,
    )
    return IssuedKey(key, f"{MARK}_{prefix}_{secret}")


def _checked(wish: KeyWish) -> KeyWish:
    if not wish.name.strip() or not wish.scopes:
        raise KeyBadlyMade("A key needs a name and at least one scope.")
    if wish.expires_at is not None and wish.expires_at <= timezone.now():
        raise KeyBadlyMade("The key would have expired already.")
    for address in wish.addresses:
        try:
            ipaddress.ip_network(address)
        except ValueError as error:
            raise KeyBadlyMade(f"{address} is neither an address nor a network.") from error
    return wish


def _in_force(key: ApiKey) -> bool:
    return key.revoked_at is None and key.expires_at > timezone.now() and key.user.is_active


def _may_come_from(key: ApiKey, address: str) -> bool:
    if not key.addresses:
        return True
    try:
        caller = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(caller in ipaddress.ip_network(network) for network in key.addresses)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _told(key: ApiKey) -> dict[str, object]:
    return {
        "prefix": key.prefix,
        "scopes": key.scopes,
        "addresses": key.addresses,
        "expires_at": key.expires_at.isoformat(),
    }
