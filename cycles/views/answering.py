"""How a page answers: the plan by its number, and a refusal as a page or a partial with the right status."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from cycles.errors import DomainError, GateBlocked, NotAllowedToYou, NotWaivable, ReasonMissing
from cycles.models import Plan
from cycles.selectors import visible_to

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

_STATUS: dict[type[DomainError], int] = {NotAllowedToYou: 403, GateBlocked: 422, NotWaivable: 422, ReasonMissing: 422}


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a refusal: 403 not to you, 422 what you sent, 409 the present state."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 409)


def find_plan(request: HttpRequest, number: str) -> Plan:
    """Return the plan of that number if the person may see it; a foreign or unknown one is a 404."""
    return get_object_or_404(visible_to(request.user), number=number)


def answer_refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Say what was refused and why: a dialog for htmx, a page for everybody else."""
    titles = {403: _("Not allowed to you"), 422: _("Not possible like this"), 409: _("Not possible now")}
    status = status_of(error)
    template = "components/_refusal.html" if getattr(request, "htmx", False) else "refused.html"
    context = {"error": error, "title": titles[status], "code": status, "back": request.headers.get("Referer", "/")}
    response = render(request, template, context, status=status)
    if getattr(request, "htmx", False):
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def page(view: View[P]) -> View[P]:
    """Make a view a page of the portal: signed-in people only, and a refusal is an answer, not a crash."""

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DomainError as error:
            return answer_refusal(request, error)

    return login_required(answer)
