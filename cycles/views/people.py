"""People as the admin sets them up: accounts, roles with their limits, sessions; and the page all others read."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cycles.errors import StatementUnfit
from cycles.forms import PersonForm, RoleForm, StageForm
from cycles.models import Membership, User
from cycles.policy import Action, Role, conflicts_of
from cycles.selectors import roles_of
from cycles.services.access import authorise, is_allowed
from cycles.services.accounts import (
    Invitation,
    change_person,
    create_person,
    end_sessions,
    invite_again,
    switch_off,
    switch_on,
)
from cycles.services.people import grant_membership, withdraw_membership
from cycles.views.answering import page
from cycles.views.asking import ask, go_to


@page
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """List people with their roles and limits; admins also see accounts that are switched off."""
    may_set_up = is_allowed(actor=request.user, action=Action.SET_UP)
    users = User.objects.all() if may_set_up else User.objects.filter(is_active=True)
    users = users if roles_of(request.user) else users.none()
    rows = users.prefetch_related("memberships__families", "memberships__markets").order_by("-is_active", "username")
    context = {
        "people": [row for row in rows if not row.is_service],
        "services": [row for row in rows if row.is_service],
        "may_set_up": may_set_up,
        "may_review": is_allowed(actor=request.user, action=Action.REVIEW_ACCESS),
    }
    return render(request, "cycles/people.html", context)


@page
@require_http_methods(["GET", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    """Ask who the person is, make the account and show the link by which they set their password, once."""
    authorise(actor=request.user, action=Action.SET_UP)
    form = PersonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            username = form.cleaned_data["username"]
            invitation = create_person(username=username, names=form.names(), actor=request.user)
        except StatementUnfit as error:
            form.add_error("username", str(error))
        else:
            return _show_link(request, invitation)
    return ask(request, heading=_("Add a person"), form=form, back=reverse("cycles:people"))


@page
@require_GET
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Show one account to the admin: names, roles with limits, and what can be done with it."""
    found = _find(request, person_id)
    memberships = found.memberships.prefetch_related("families", "markets").order_by("role")
    context = {
        "person": found, "memberships": memberships, "is_self": found == request.user,
        "conflicts": conflicts_of(Role(row.role) for row in memberships),
    }  # fmt: skip
    return render(request, "cycles/person.html", context)


@page
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, person_id: int) -> HttpResponse:
    """Ask for the names of a person and keep them."""
    found = _find(request, person_id)
    form = PersonForm(request.POST if request.method == "POST" else None, person=found)
    if request.method == "POST" and form.is_valid():
        change_person(person_id=found.pk, names=form.names(), actor=request.user)
        return _done(request, found, _("Changed."))
    return ask(request, heading=_("Names of %(who)s") % {"who": found}, form=form, back=_page_of(found))


@page
@require_http_methods(["GET", "POST"])
def role(request: HttpRequest, person_id: int) -> HttpResponse:
    """Ask for a role and its limits (`?role=` for one the person has), and give it."""
    found = _find(request, person_id)
    had = found.memberships.filter(role=request.GET.get("role", "")).first()
    form = RoleForm(request.POST if request.method == "POST" else None, membership=had)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        grant_membership(
            user=found, role=Role(chosen["role"]), actor=request.user,
            families=[row.pk for row in chosen["families"]], markets=[row.pk for row in chosen["markets"]],
        )  # fmt: skip
        return _done(request, found, _("The role is given."))
    heading = (
        _("Limits of %(role)s") % {"role": Role(had.role).label}
        if had
        else _("Give a role to %(who)s") % {"who": found}
    )
    return ask(request, heading=heading, form=form, back=_page_of(found))


@page
@require_POST
def take_role(request: HttpRequest, person_id: int, role: str) -> HttpResponse:
    """Take a role from a person."""
    found = _find(request, person_id)
    get_object_or_404(Membership, user=found, role=role)
    withdraw_membership(user=found, role=Role(role), actor=request.user)
    return _done(request, found, _("The role is taken."))


@page
@require_http_methods(["GET", "POST"])
def off(request: HttpRequest, person_id: int) -> HttpResponse:
    """Ask why, and switch an account off."""
    found = _find(request, person_id)
    form = StageForm(request.POST if request.method == "POST" else None, needs_reason=True)
    if request.method == "POST" and form.is_valid():
        switch_off(person_id=found.pk, reason=form.cleaned_data["text"], actor=request.user)
        return _done(request, found, _("The account is switched off; every session has ended."))
    words = _("Roles and everything written stay; nobody signs in with it.")
    return ask(request, heading=_("Switch off %(who)s") % {"who": found}, form=form, back=_page_of(found), text=words)


@page
@require_POST
def on(request: HttpRequest, person_id: int) -> HttpResponse:
    """Switch an account on."""
    found = _find(request, person_id)
    switch_on(person_id=found.pk, actor=request.user)
    return _done(request, found, _("The account is switched on."))


@page
@require_POST
def sign_out(request: HttpRequest, person_id: int) -> HttpResponse:
    """End every session of a person."""
    found = _find(request, person_id)
    count = end_sessions(person_id=found.pk, actor=request.user)
    return _done(request, found, _("Sessions ended: %(count)s.") % {"count": count})


@page
@require_POST
def invite(request: HttpRequest, person_id: int) -> HttpResponse:
    """Make a new link to set a password and show it once."""
    found = _find(request, person_id)
    return _show_link(request, invite_again(person_id=found.pk, actor=request.user))


def _find(request: HttpRequest, person_id: int) -> User:
    authorise(actor=request.user, action=Action.SET_UP)
    return get_object_or_404(User, pk=person_id, is_service=False)


def _page_of(found: User) -> str:
    return reverse("cycles:person", args=[found.pk])


def _done(request: HttpRequest, found: User, words: str) -> HttpResponse:
    messages.success(request, words)
    return go_to(request, _page_of(found))


def _show_link(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    path = reverse("cycles:set_password", args=[invitation.uid, invitation.token])
    context = {"person": invitation.person, "link": request.build_absolute_uri(path)}
    template = "cycles/_invitation.html" if request.htmx else "cycles/invitation.html"
    return render(request, template, context)
