"""Notifications on pages: the bell, its drawer, the whole list, and what a person wants to be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cycles.models import Notification, NotificationMute
from cycles.registry.notices import notice_named, notices
from cycles.selectors import latest_plan
from cycles.services.notifications import choose_notices, mark_read, notifications_of, sentence_of, unread_count
from cycles.services.subjects import find_place
from cycles.views.answering import page

SHOWN_IN_DRAWER = 20
PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Line:
    """A notification as the lists show it."""

    notification: Notification
    sentence: str
    icon: str


def lines_of(found: Iterable[Notification]) -> list[Line]:
    """Return notifications with their sentences."""
    return [Line(row, sentence_of(row), notice_named(row.kind).icon) for row in found]


@page
@require_GET
def notifications(request: HttpRequest) -> HttpResponse:
    """List the person's notifications, unread ones or all, newest first, and what they want to be told."""
    shows_all = request.GET.get("list") == "all"
    found = Paginator(notifications_of(request.user, only_unread=not shows_all), PAGE_SIZE)
    chosen = found.get_page(request.GET.get("page"))
    muted = set(NotificationMute.objects.filter(user=request.user).values_list("kind", flat=True))
    context = {
        "found": chosen,
        "lines": lines_of(chosen),
        "shows_all": shows_all,
        "unread": unread_count(request.user),
        "query": "list=all" if shows_all else "list=unread",
        "choices": [(kind, kind.code not in muted) for kind in notices()],
    }
    return render(request, "cycles/notifications.html", context)


@page
@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """The bell with its count, for the top bar to refresh itself."""
    return render(request, "components/_bell.html", {"unread": unread_count(request.user)})


@page
@require_GET
def latest(request: HttpRequest) -> HttpResponse:
    """The newest notifications for the drawer; without htmx the whole page."""
    return _drawer(request) if request.htmx else HttpResponseRedirect(reverse("cycles:notifications"))


@page
@require_POST
def go(request: HttpRequest, notification_id: int) -> HttpResponse:
    """Mark one notification as read and go where it leads."""
    found = Notification.objects.filter(recipient=request.user).select_related("plan", "thread__plan")
    notification = get_object_or_404(found, pk=notification_id)
    mark_read(actor=request.user, notification_ids=[notification.pk])
    return HttpResponseRedirect(_destination(notification))


@page
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark the named notification, or all, as read."""
    named = request.POST.get("notification", "")
    mark_read(actor=request.user, notification_ids=[int(named)] if named.isdecimal() else None)
    if request.htmx:
        response = _drawer(request)
        response["HX-Trigger"] = "notified"
        return response
    return HttpResponseRedirect(reverse("cycles:notifications"))


@page
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep what the person wants to be told."""
    choose_notices(actor=request.user, wanted=request.POST.getlist("wanted"))
    messages.success(request, _("Your choice is kept."))
    return HttpResponseRedirect(reverse("cycles:notifications"))


def _drawer(request: HttpRequest) -> HttpResponse:
    found = notifications_of(request.user, only_unread=False)[:SHOWN_IN_DRAWER]
    context = {"lines": lines_of(found), "unread": unread_count(request.user)}
    return render(request, "cycles/_notifications_drawer.html", context)


def _destination(notification: Notification) -> str:
    """Where a notification leads: its thread, the page of its subject, else "My work"."""
    thread = notification.thread
    if thread is not None:
        kind_and_key = [thread.plan.number, thread.subject_kind, thread.subject_key]
        return f"{reverse('cycles:comments', args=kind_and_key)}#thread-{thread.pk}"
    plan = notification.plan or latest_plan()
    place = find_place(plan, notification.subject_kind, notification.subject_key) if plan else None
    return place.path if place else reverse("cycles:my_work")
