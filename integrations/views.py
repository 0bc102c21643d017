"""The Integrations page: keys of machines, what they fetched, what they said they loaded."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cycles.policy import Action
from cycles.services.access import authorise, is_allowed
from cycles.views.answering import page as as_page
from integrations.forms import KeyForm, RevokeForm, RotateForm
from integrations.models import ApiKey
from integrations.selectors import acknowledged_lines, key_lines, latest_is_acknowledged, latest_pulls, latest_snapshot
from integrations.services.keys import IssuedKey, issue_key, revoke_key, rotate_key

MOST_ROWS = 30


@as_page
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Keys, pulls and acknowledgements, for those who set up and those who answer for the plan."""
    authorise(actor=request.user, action=Action.READ_INTEGRATIONS)
    acknowledged = acknowledged_lines(MOST_ROWS)
    keys = key_lines(timezone.now())
    context = {
        "keys": [line for line in keys if line.is_in_force],
        "ended": [line for line in keys if not line.is_in_force],
        "pulls": latest_pulls(MOST_ROWS),
        "acknowledged": acknowledged,
        "latest": latest_snapshot(),
        "is_acknowledged": latest_is_acknowledged(acknowledged),
        "may_set_up": is_allowed(actor=request.user, action=Action.SET_UP),
    }
    return render(request, "integrations/page.html", context)


@as_page
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest) -> HttpResponse:
    """Ask what a new key shall be, make it, and show its secret this once."""
    authorise(actor=request.user, action=Action.SET_UP)
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _show_once(request, issue_key(wish=form.wish(), actor=request.user))
    text = _("The secret is shown once, right after this.")
    return _ask(request, form, heading=_("New key"), text=text, verb=_("Make the key"))


@as_page
@require_http_methods(["GET", "POST"])
def rotate(request: HttpRequest, key_id: int) -> HttpResponse:
    """Make the successor of a key, and show its secret this once."""
    authorise(actor=request.user, action=Action.SET_UP)
    key = get_object_or_404(ApiKey, pk=key_id)
    form = RotateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _show_once(request, rotate_key(key_id=key.pk, actor=request.user, overlap=form.overlap()))
    text = _("A successor with the same rights; put it into the other system before the old one ends.")
    return _ask(request, form, heading=_("Replace %(key)s") % {"key": key}, text=text, verb=_("Make the successor"))


@as_page
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    """Ask why, and end a key at once."""
    authorise(actor=request.user, action=Action.SET_UP)
    key = get_object_or_404(ApiKey, pk=key_id)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        revoke_key(key_id=key.pk, reason=form.cleaned_data["reason"], actor=request.user)
        messages.success(request, _("%(key)s no longer works.") % {"key": key})
        return _go_back(request)
    text = _("The other system is shut out at its next request. This cannot be undone; issue a new key instead.")
    return _ask(
        request, form, heading=_("Revoke %(key)s") % {"key": key}, text=text, verb=_("Revoke"), css="btn-danger"
    )


def _show_once(request: HttpRequest, issued: IssuedKey) -> HttpResponse:
    template = "integrations/_issued.html" if request.htmx else "integrations/issued.html"
    return render(request, template, {"issued": issued, "back": reverse("integrations:page")})


def _ask(request: HttpRequest, form: Form, *, css: str = "", **words: str) -> HttpResponse:
    """Draw the form as a dialog for htmx, else as a page; 422 when something in it cannot be."""
    context = {"form": form, "back": reverse("integrations:page"), "verb_css": css, **words}
    template = "cycles/_ask_dialog.html" if request.htmx else "cycles/ask.html"
    return render(request, template, context, status=422 if form.is_bound else 200)


def _go_back(request: HttpRequest) -> HttpResponse:
    back = reverse("integrations:page")
    return HttpResponse(headers={"HX-Redirect": back}) if request.htmx else HttpResponseRedirect(back)
