"""Who is knocking: machine keys and their scopes."""

from __future__ import annotations

from typing import Any

import structlog
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from cycles.models import User
from integrations.models import ApiKey
from integrations.services.keys import KeyRefused, recognise_key

SCHEME = "Bearer"


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer sop_<prefix>_<secret>`."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """The integration user and the key; None without the header, so that 401 asks for one."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != SCHEME.lower().encode():
            return None
        if len(words) != 2:
            raise AuthenticationFailed("This key is not valid here.", code="key_refused")
        token = words[1].decode("latin-1")
        try:
            key = recognise_key(token=token, address=request.META.get("REMOTE_ADDR", ""))
        except KeyRefused as error:
            raise AuthenticationFailed(str(error), code=error.code) from error
        structlog.contextvars.bind_contextvars(api_key=key.prefix)
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return f'{SCHEME} realm="sop-portal"'


class KeyScheme(OpenApiAuthenticationExtension):
    """How the schema describes the keys."""

    target_class = KeyAuthentication
    name = "machineKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "sop_<prefix>_<secret>"}


class HasScope(BasePermission):
    """The key carries the scope that the operation names in `scope`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether it does.

        Raises:
            PermissionDenied: with the code `scope_missing` and the scope by name.
        """
        if not isinstance(request.auth, ApiKey):
            return False
        wanted: str = getattr(view, "scope", "")
        if wanted not in request.auth.scopes:
            raise PermissionDenied(f"This key lacks the scope {wanted}.", code="scope_missing")
        return True
