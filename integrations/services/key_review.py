"""Keys of machines as the access review lists them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from cycles.registry.access import AccessLine
from integrations.models import ApiKey

SOON = timedelta(days=30)
UNUSED_AFTER = timedelta(days=90)


def key_lines() -> Iterator[AccessLine]:
    """Every key, open ones first: what it may ask, where from, until when, and when it last knocked."""
    now = timezone.now()
    keys = sorted(ApiKey.objects.select_related("issued_by"), key=lambda key: (not _is_open(key), key.name))
    for key in keys:
        places = ", ".join(key.addresses) or "any address"
        yield AccessLine(
            holder=str(key),
            may=f"{', '.join(key.scopes)} from {places}",
            given_by=str(key.issued_by),
            ends_at=key.revoked_at or key.expires_at,
            last_used_at=key.last_used_at,
            is_open=_is_open(key),
            concern=_concern(key, now - (key.last_used_at or key.issued_at)) if _is_open(key) else "",
        )


def _is_open(key: ApiKey) -> bool:
    return key.revoked_at is None and key.expires_at > timezone.now()


def _concern(key: ApiKey, silent: timedelta) -> str:
    if silent > UNUSED_AFTER:
        return f"unused for {silent.days} days"
    return "ends soon" if key.expires_at - timezone.now() < SOON else ""
