"""Conversations on pages: the threads of a subject, and the gestures in them; a refusal stands beside what was typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cycles.errors import DomainError
from cycles.forms import CommentForm
from cycles.models import Comment, Thread
from cycles.policy import Action
from cycles.registry.subjects import Place, subject_named
from cycles.selectors import visible_to
from cycles.services.access import is_allowed
from cycles.services.conversations import (
    About,
    Words,
    correct_comment,
    is_closed,
    open_thread,
    reopen_thread,
    reply,
    resolve_thread,
    withdraw_comment,
)
from cycles.services.subjects import people_who_see, place_for, role_names
from cycles.services.threads import conversations_of
from cycles.views.answering import find_plan, page, status_of


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation that the person may see: what it is about, and where that lies."""

    about: About
    place: Place

    @property
    def address(self) -> str:
        """The address of the conversation."""
        return reverse("cycles:comments", args=[self.about.plan.number, self.about.kind, self.about.key])


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed and the portal refused: the box it stands in, the text, and why."""

    box: str = ""
    text: str = ""
    error: str = ""
    status: int = 200


NO_DRAFT = Draft()


@page
@require_http_methods(["GET", "POST"])
def comments(request: HttpRequest, number: str, kind: str, key: str) -> HttpResponse:
    """Show the conversation about a subject; POST opens a thread in it."""
    talk = _find_talk(request, About(find_plan(request, number), kind, key))
    if request.method == "GET":
        return _show(request, talk)
    return _act(request, talk, "new", lambda words: open_thread(about=talk.about, words=words, actor=request.user))


@page
@require_POST
def answer(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Reply in a thread."""
    thread, talk = _find_thread(request, thread_id)
    box = f"thread-{thread.pk}"
    return _act(request, talk, box, lambda words: reply(thread_id=thread.pk, words=words, actor=request.user))


@page
@require_POST
def correct(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Write one's own comment anew."""
    comment, talk = _find_comment(request, comment_id)

    def write(words: Words) -> Comment:
        return correct_comment(comment_id=comment.pk, words=words, actor=request.user)

    return _act(request, talk, f"correct-{comment.pk}", write)


@page
@require_POST
def withdraw(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Take one's own comment back."""
    comment, talk = _find_comment(request, comment_id)

    def take_back(words: Words) -> object:
        return withdraw_comment(comment_id=comment.pk, reason=words.text, actor=request.user)

    return _act(request, talk, f"withdraw-{comment.pk}", take_back)


@page
@require_POST
def resolve(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Say that a thread needs no further answer."""
    thread, talk = _find_thread(request, thread_id)
    resolve_thread(thread_id=thread.pk, actor=request.user)
    return _done(request, talk)


@page
@require_POST
def reopen(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Ask again in a thread that was resolved."""
    thread, talk = _find_thread(request, thread_id)
    reopen_thread(thread_id=thread.pk, actor=request.user)
    return _done(request, talk)


@page
@require_GET
def people(request: HttpRequest, number: str, kind: str, key: str) -> HttpResponse:
    """Tell the text box who may be named here: those who see the subject, and only them."""
    talk = _find_talk(request, About(find_plan(request, number), kind, key))
    seeing = [
        {"username": user.username, "name": str(user), "roles": role_names(user)}
        for user in people_who_see(talk.place)
        if user != request.user
    ]
    return JsonResponse({"people": seeing})


def _find_talk(request: HttpRequest, about: About) -> Talk:
    place = place_for(request.user, plan=about.plan, kind=about.kind, key=about.key)
    if place is None:
        raise Http404
    return Talk(about, place)


def _find_thread(request: HttpRequest, thread_id: int) -> tuple[Thread, Talk]:
    seen = Thread.objects.filter(plan__in=visible_to(request.user)).select_related("plan")
    thread = get_object_or_404(seen, pk=thread_id)
    return thread, _find_talk(request, About(thread.plan, thread.subject_kind, thread.subject_key))


def _find_comment(request: HttpRequest, comment_id: int) -> tuple[Comment, Talk]:
    comment = get_object_or_404(Comment, pk=comment_id, corrects__isnull=True)
    _, talk = _find_thread(request, comment.thread_id)
    return comment, talk


def _act(request: HttpRequest, talk: Talk, box: str, act: Callable[[Words], object]) -> HttpResponse:
    """Carry a gesture out and show the conversation; what is refused stays in its box with the reason."""
    form = CommentForm(request.POST)
    text = request.POST.get("text", "")
    if not form.is_valid():
        error = next(iter(form.errors.values()))[0]
        return _show(request, talk, Draft(box, text, str(error), 422))
    try:
        act(Words(form.cleaned_data["text"], form.cleaned_data["gesture"]))
    except DomainError as error:
        return _show(request, talk, Draft(box, text, str(error), status_of(error)))
    return _done(request, talk)


def _done(request: HttpRequest, talk: Talk) -> HttpResponse:
    return _show(request, talk) if request.htmx else HttpResponseRedirect(talk.address)


def _show(request: HttpRequest, talk: Talk, draft: Draft = NO_DRAFT) -> HttpResponse:
    """The conversation as a part of a page, in the drawer, or as a page of its own."""
    about = talk.about
    context = {
        "plan": about.plan,
        "place": talk.place,
        "subject": subject_named(about.kind),
        "about": about,
        "address": talk.address,
        "people_address": reverse("cycles:people_for", args=[about.plan.number, about.kind, about.key]),
        "conversations": conversations_of(about.plan, about.kind, about.key),
        "is_closed": is_closed(about.plan),
        "may_comment": is_allowed(actor=request.user, action=Action.COMMENT, plan=about.plan),
        "draft": draft,
        "gesture": uuid4(),
    }
    return render(request, _template(request), context, status=draft.status)


def _template(request: HttpRequest) -> str:
    if not request.htmx:
        return "cycles/comments.html"
    return "cycles/_comments_drawer.html" if request.htmx.target == "drawer" else "components/_comments.html"
