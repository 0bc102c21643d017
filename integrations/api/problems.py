"""Errors as `application/problem+json` with a stable code."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from cycles.errors import DomainError, NotAllowedNow, NotAllowedToYou
from integrations.services.acknowledgements import KeyReused, StillRunning

CONTENT_TYPE = "application/problem+json"
STATUS_OF: tuple[tuple[type[DomainError], int], ...] = (
    (NotAllowedToYou, status.HTTP_403_FORBIDDEN),
    (NotAllowedNow, status.HTTP_409_CONFLICT),
    (StillRunning, status.HTTP_409_CONFLICT),
    (KeyReused, status.HTTP_422_UNPROCESSABLE_ENTITY),
    (DomainError, status.HTTP_400_BAD_REQUEST),
)


class ProblemRenderer(JSONRenderer):
    """JSON under the media type of problems."""

    media_type = CONTENT_TYPE
    format = "problem"


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an expected error; None for a defect, which stays one."""
    if isinstance(error, DomainError):
        number = next(number for kind, number in STATUS_OF if isinstance(error, kind))
        return _problem(number, error.code, str(error), {}, context)
    if isinstance(error, Http404):
        return _problem(status.HTTP_404_NOT_FOUND, "not_found", "There is nothing here.", {}, context)
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    return _from_framework(error, context)


def _from_framework(error: exceptions.APIException, context: dict[str, Any]) -> Response:
    headers: dict[str, str] = {}
    if asked := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = asked
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    if isinstance(error, exceptions.ValidationError):
        extra = {"faults": error.detail}
        return _problem(error.status_code, "invalid_request", "The request is not valid.", extra, context)
    code = error.get_codes()
    text = str(error.detail)
    response = _problem(error.status_code, code if isinstance(code, str) else "refused", text, {}, context)
    for name, value in headers.items():
        response[name] = value
    return response


def _problem(number: int, code: str, detail: str, extra: dict[str, Any], context: dict[str, Any]) -> Response:
    body = {"type": f"urn:sop-portal:problem:{code}", "title": code.replace("_", " "), "status": number}
    response = Response({**body, "code": code, "detail": detail, **extra}, status=number)
    request = context["request"]
    request.accepted_renderer, request.accepted_media_type = ProblemRenderer(), CONTENT_TYPE
    return response
