"""Keys for machines: issued with a secret shown once, rotated with overlap, revoked; each audited."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from cycles.errors import DomainError
from cycles.models import User
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from integrations.models import ApiKey

PREFIX_BYTES = 6
SECRET_BYTES = 32
DEFAULT_LIFE = timedelta(days=365)
OVERLAP = timedelta(days=7)


class KeyRefused(DomainError):
    """The key cannot be issued or rotated as asked."""

    code = "key_refused"


@dataclass(frozen=True)
class IssuedKey:
    """A new key and its whole text, which is shown once and never stored."""

    key: ApiKey
    text: str


def issue_key(
    *,
    name: str,
    scopes: Sequence[str],
    actor: User,
    life: timedelta = DEFAULT_LIFE,
    addresses: Sequence[str] = (),
) -> IssuedKey:
    """Make a key of 256 random bits; only its SHA-256 is stored. Audited without the secret.

    Raises:
        KeyRefused: no name, no or unknown scopes, or a life that is not positive.
        NotAllowedToYou: only an admin may.
    """
    authorise(actor=actor, action=Action.SET_UP)
    unknown = set(scopes) - {scope for scope, _ in ApiKey.SCOPES}
    if not name.strip() or not scopes or unknown or life <= timedelta(0):
        raise KeyRefused(f"A key needs a name, a life and scopes of {', '.join(s for s, _ in ApiKey.SCOPES)}.")
    with transaction.atomic():
        return _insert(name.strip(), list(scopes), list(addresses), life, actor, replaces=None)


def rotate_key(*, key_id: int, actor: User, overlap: timedelta = OVERLAP) -> IssuedKey:
    """Replace a key by a new one with the same rights; the old one still opens for `overlap`. Audited.

    Raises:
        KeyRefused: the key is revoked, expired or has been rotated already.
        NotAllowedToYou: only an admin may.
    """
    authorise(actor=actor, action=Action.SET_UP)
    with transaction.atomic():
        old = ApiKey.objects.select_for_update().get(pk=key_id)
        if not old.is_valid or ApiKey.objects.filter(replaces=old).exists():
            raise KeyRefused("Only a valid key that was not rotated yet can be rotated.")
        life = old.expires_at - old.created_at
        issued = _insert(old.name, old.scopes, old.addresses, life, actor, replaces=old)
        old.expires_at = min(old.expires_at, timezone.now() + overlap)
        old.save(update_fields=["expires_at"])
        return issued


def revoke_key(*, key_id: int, actor: User, reason: str = "") -> ApiKey:
    """Close a key at once; audited. A second call changes nothing.

    Raises:
        NotAllowedToYou: only an admin may.
    """
    authorise(actor=actor, action=Action.SET_UP)
    with transaction.atomic():
        key = ApiKey.objects.select_for_update().get(pk=key_id)
        if key.revoked_at is None:
            key.revoked_at = timezone.now()
            key.save(update_fields=["revoked_at"])
            record_audit(actor=actor, code="integrations.key.revoked", subject=str(key), reason=reason)
        return key


def digest_of(text: str) -> str:
    """SHA-256 of a whole key text, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _insert(
    name: str, scopes: list[str], addresses: list[str], life: timedelta, actor: User, *, replaces: ApiKey | None
) -> IssuedKey:
    prefix = secrets.token_hex(PREFIX_BYTES)
    text = f"sop_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key = ApiKey.objects.create(
        name=name,
        prefix=prefix,
        secret_sha256=digest_of(text),
        scopes=scopes,
        addresses=addresses,
        expires_at=timezone.now() + life,
        replaces=replaces,
        created_by=actor,
    )
    record_audit(
        actor=actor,
        code="integrations.key.rotated" if replaces else "integrations.key.issued",
        subject=str(key),
        before={"prefix": replaces.prefix} if replaces else None,
        after={"scopes": scopes, "expires_at": key.expires_at.isoformat()},
    )
    return IssuedKey(key, text)
