"""Machine keys at the door: `Authorization: Bearer sop_<prefix>_<secret>`."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from cycles.policy import Role
from cycles.selectors import service_user
from integrations.models import ApiKey
from integrations.services.keys import digest_of

USE_NOTED_EVERY = timedelta(minutes=1)


class KeyAuthentication(BaseAuthentication):
    """Finds the key by its prefix and compares SHA-256 in constant time; acts as the integration service user."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        """Return (integration user, key); None without a bearer header.

        Raises:
            AuthenticationFailed: the key is unknown, revoked, expired, or used from another address.
        """
        words = get_authorization_header(request).decode("latin-1").split()
        if not words or words[0].lower() != "bearer":
            return None
        text = words[1] if len(words) == 2 else ""
        parts = text.split("_", 2)
        key = ApiKey.objects.filter(prefix=parts[1]).first() if len(parts) == 3 else None
        known = hmac.compare_digest(digest_of(text), key.secret_sha256 if key else "0" * 64)
        if key is None or not known or not key.is_valid:
            raise AuthenticationFailed("The key is unknown, expired or revoked.")
        if key.addresses and request.META.get("REMOTE_ADDR") not in key.addresses:
            raise AuthenticationFailed("The key may not be used from this address.")
        _note_use(key)
        return service_user(Role.INTEGRATION), key

    def authenticate_header(self, request: Request) -> str:
        """Ask for a bearer key."""
        return 'Bearer realm="api"'


class HasScope(BasePermission):
    """The key has the scope that the view names in `scope`."""

    message = "The key does not have the scope for this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the key may do this."""
        return isinstance(request.auth, ApiKey) and getattr(view, "scope", "") in request.auth.scopes


class KeyThrottle(SimpleRateThrottle):
    """A limit per key and minute."""

    rate = "600/min"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """The key's own counter; nothing to limit without a key."""
        return f"api-key-{request.auth.pk}" if isinstance(request.auth, ApiKey) else None


class KeyScheme(OpenApiAuthenticationExtension):
    """How the schema describes the keys."""

    target_class = KeyAuthentication
    name = "machineKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "sop_<prefix>_<secret>"}


def _note_use(key: ApiKey) -> None:
    """Remember the last use, to the minute: not one write per page."""
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
