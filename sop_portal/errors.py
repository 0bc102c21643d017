"""Pages of what goes wrong: 400, 403, 404, 405, 500 and an expired form, each with its number and a way back.

The number of the request stands on the page and in the log line of the same failure. The page of a 500 asks neither
the database nor the session.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

GetResponse = Callable[[HttpRequest], HttpResponseBase]
HOME = "/"
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Failure:
    """What a page says: status, a stable code for machines, a title, what happened and what to do about it."""

    status: int
    code: str
    title: str
    text: str
    remedy: str


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address or the form cannot be read."""
    text = _("Something in the address or the form is not as the portal expects it. Nothing was changed.")
    remedy = _("Go back, reload the page and send it again; a copied address may be cut short.")
    return _bare(request, Failure(400, "bad_request", _("The request cannot be read"), text, remedy))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in, but the roles do not include it."""
    text = _("Your roles do not include this page or this step. Nothing was changed.")
    remedy = _("An administrator can give you the role; the people of the portal are listed under People.")
    return _framed(request, Failure(403, "not_allowed_to_you", _("Not allowed to you"), text, remedy))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is nothing, or nothing that this person may see."""
    text = _("There is nothing at this address, or nothing that you may see.")
    remedy = _("Look for it with the search, or start from the cycle board; outside your families and markets a "
               "colleague with a wider scope can open it.")  # fmt: skip
    return _framed(request, Failure(404, "not_found", _("Not found"), text, remedy))


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of the CSRF check: the form was open over a sign-in, or came from elsewhere."""
    text = _("The form was open over another sign-in, or did not come from this portal. Nothing was changed.")
    remedy = _("Go back, reload the page and send it again; what you typed is still there after going back.")
    return _bare(request, Failure(403, "form_expired", _("The form has expired"), text, remedy))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a defect or a part that is down; needs neither database nor session."""
    text = _("The portal failed to answer. What you sent was not saved.")
    remedy = _("Try again in a minute. If it stays, give the number below to your administrator: the log has it.")
    return _bare(request, Failure(500, "server_error", _("Something went wrong"), text, remedy))


class WrongMethods:
    """Gives the empty answer to a wrong method (405) a page: a reload of a form's address is a person's mistake."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next middleware."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Replace an empty 405 by a page that leads back; its Allow header stays."""
        response = self.get_response(request)
        if response.status_code != 405 or not isinstance(response, HttpResponse) or response.content:
            return response
        text = _("This address takes a form, not a visit. Nothing was changed.")
        answer = _framed(
            request,
            Failure(405, "wrong_method", _("Nothing to see here"), text, _("Go back to the page with the form.")),
        )
        answer["Allow"] = response["Allow"]
        return answer


def request_number() -> str:
    """The id of this request; where none is bound yet, a new one that the failure's log line then carries too."""
    known = structlog.contextvars.get_contextvars().get("request_id")
    if not known:
        known = str(uuid.uuid4())
        structlog.contextvars.bind_contextvars(request_id=known)
    return str(known)


def _framed(request: HttpRequest, failure: Failure) -> HttpResponse:
    """Inside the portal's frame for whom it knows, so that every way on stays open; bare for a stranger."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not _wants_page(request):
        return _bare(request, failure)
    context = {"failure": failure, "request_number": request_number(), "back": _back(request)}
    return render(request, "error_framed.html", context, status=failure.status)


def _bare(request: HttpRequest, failure: Failure) -> HttpResponse:
    """A page without a frame, a dialog for htmx, JSON for a machine; no context of the request is read."""
    number = request_number()
    if _is_machine(request):
        return JsonResponse(_problem(failure, number), status=failure.status, content_type=PROBLEM)
    context = {"failure": failure, "request_number": number, "back": _back(request)}
    if getattr(request, "htmx", False):
        context |= {"title": failure.title, "error": f"{failure.text} {failure.remedy}"}
        headers = {"HX-Retarget": "#dialog", "HX-Reswap": "innerHTML"}
        content = render_to_string("components/_refusal.html", context)
        return HttpResponse(content, status=failure.status, headers=headers)
    return HttpResponse(render_to_string("error.html", context), status=failure.status)


def _problem(failure: Failure, number: str) -> dict[str, str | int]:
    """The same failure in the words of the API (docs/api.md)."""
    return {
        "type": f"urn:sop-portal:problem:{failure.code}",
        "title": failure.code.replace("_", " "),
        "status": failure.status,
        "code": failure.code,
        "detail": f"{failure.text} {failure.remedy}",
        "request_id": number,
    }


def _is_machine(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or not request.accepts("text/html")


def _wants_page(request: HttpRequest) -> bool:
    return not _is_machine(request) and not getattr(request, "htmx", False)


def _back(request: HttpRequest) -> str:
    """Where the person came from, when that is another page of the portal; else the cycle board."""
    host = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")
    origin = f"{request.scheme}://{host}"
    address = request.headers.get("Referer", "")
    path = address.removeprefix(origin)
    inside = address.startswith(f"{origin}/") and path != request.get_full_path()
    return path if inside and not path.startswith("/login/") else HOME
