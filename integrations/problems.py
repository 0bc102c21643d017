"""Errors as application/problem+json (RFC 9457) with a stable code."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from cycles.errors import DomainError

CONTENT_TYPE = "application/problem+json"


class Problem(exceptions.APIException):
    """A refusal with a code of ours."""

    def __init__(self, status_code: int, code: str, detail: str) -> None:
        super().__init__(detail, code)
        self.status_code = status_code


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an error into problem+json: type, title, status, code, detail and, for a bad body, the fields."""
    if isinstance(error, DomainError):
        error = Problem(status.HTTP_409_CONFLICT, error.code, str(error))
    response = exception_handler(error, context)
    if response is None:
        return None
    code, detail, fields = _said(error, response.data)
    response.data = {
        "type": "about:blank",
        "title": response.status_text,
        "status": response.status_code,
        "code": code,
        "detail": detail,
        **({"fields": fields} if fields else {}),
    }
    response.content_type = CONTENT_TYPE
    return response


def _said(error: Exception, body: Any) -> tuple[str, str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return "invalid", "The request is not valid.", body
    if isinstance(error, Http404):
        return "not_found", "There is no such thing here.", None
    if isinstance(error, exceptions.APIException):
        codes = error.get_codes()
        return (codes if isinstance(codes, str) else "refused"), str(error.detail), None
    return "refused", str(body.get("detail", "")), None
