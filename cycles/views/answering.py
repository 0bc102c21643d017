"""How a page answers: the plan by its number, and a refusal as a page or a partial with the right status."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import structlog
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from cycles.errors import (
    DomainError,
    GateBlocked,
    MentionRefused,
    NotAllowedToYou,
    NotWaivable,
    ReasonMissing,
    StatementUnfit,
)
from cycles.models import Plan
from cycles.selectors import visible_to

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

_STATUS: dict[type[DomainError], int] = {
    NotAllowedToYou: 403, GateBlocked: 422, NotWaivable: 422, ReasonMissing: 422, StatementUnfit: 422,
    MentionRefused: 422,
}  # fmt: skip


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a refusal: 403 not to you, 422 what you sent, 409 the present state."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 409)


def find_plan(request: HttpRequest, number: str) -> Plan:
    """Return the plan of that number if the person may see it; a foreign or unknown one is a 404."""
    return get_object_or_404(visible_to(request.user), number=number)


def answer_refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Say what was refused and why: a dialog for htmx, a page for everybody else; both name the request."""
    titles = {403: _("Not allowed to you"), 422: _("Not possible like this"), 409: _("Not possible now")}
    status = status_of(error)
    template = "components/_refusal.html" if getattr(request, "htmx", False) else "refused.html"
    number = structlog.contextvars.get_contextvars().get("request_id", "")
    context = {"error": error, "title": titles[status], "code": status, "back": came_from(request)}
    response = render(request, template, context | {"request_number": number}, status=status)
    if getattr(request, "htmx", False):
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def came_from(request: HttpRequest) -> str:
    """The page of this portal that the person came from, else the start."""
    address = request.headers.get("Referer", "")
    host = {request.get_host()}
    return address if url_has_allowed_host_and_scheme(address, host, request.is_secure()) else "/"


def page(view: View[P]) -> View[P]:
    """Make a view a page of the portal: signed-in people only, and a refusal is an answer, not a crash."""

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        try:
            return view(request, *args, **kwargs)
        except DomainError as error:
            return answer_refusal(request, error)

    return answer


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in and back to the page one was on; a part of a page takes the whole window there.

    A form's own address is no place to come back to: after a POST it is the page that held the form.
    """
    if getattr(request, "htmx", False):
        back = request.headers.get("HX-Current-URL", "/")
        return HttpResponse(status=401, headers={"HX-Redirect": redirect_to_login(back).url})
    return redirect_to_login(request.get_full_path() if request.method == "GET" else came_from(request))
