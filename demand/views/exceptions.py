"""The queue of exceptions and the three ways to answer one: right as it is, change the plan, ask somebody."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cycles.models import Plan, User
from cycles.policy import Action
from cycles.services.access import is_allowed
from cycles.services.conversations import Words
from cycles.services.subjects import find_place, people_who_see
from cycles.views.answering import find_plan, page
from demand.forms import AnswerForm, AskForm, ExceptionForm, FilterForm
from demand.services.cycle_changes import cycle_changes
from demand.services.exception_queue import Wanted, queue_of
from demand.services.exceptions import SUBJECT_KIND, answer_exception, ask_about_exception, promise_change


@page
@require_GET
def exceptions(request: HttpRequest, number: str) -> HttpResponse:
    """List what a planner should look at, the largest money first: a page, or the part beside the grid."""
    plan = find_plan(request, number)
    form = FilterForm(request.GET)
    wanted = Wanted(**form.cleaned_data) if form.is_valid() else Wanted()
    context = {
        "plan": plan,
        "queue": queue_of(plan, user=request.user, wanted=wanted),
        "wanted": wanted,
        "may_edit": is_allowed(actor=request.user, action=Action.EDIT_DEMAND, plan=plan),
    }
    return render(request, "demand/_exceptions.html" if request.htmx else "demand/exceptions.html", context)


@page
@require_GET
def changed(request: HttpRequest, number: str) -> HttpResponse:
    """List what the plan says otherwise than the last cycle's, the largest money first."""
    plan = find_plan(request, number)
    form = FilterForm(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    wanted = {name: given.get(name) for name in ("family_id", "market_id")}
    context = {"plan": plan, "wanted": wanted, "changes": cycle_changes(plan, user=request.user, **wanted)}
    return render(request, "demand/changed.html", context)


@page
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Ask why the plan is right as it is, and keep the word."""
    plan = find_plan(request, number)
    form = AnswerForm(request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        answer_exception(plan=plan, actor=request.user, **form.cleaned_data)
        return _done(request, plan, _("Answered."))
    return _dialog(request, plan, form, _("Answer the exception"), _("Answer"))


@page
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Put a question about an exception to somebody who sees its family and market."""
    plan = find_plan(request, number)
    people = _people(plan, request.POST.get("key") or request.GET.get("key", ""), request.user)
    form = AskForm(request.POST or None, initial=request.GET.dict(), people=people)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        ask_about_exception(
            plan=plan,
            found=(given["code"], given["subject"]),
            person=people[given["person"]],
            words=Words(given["reason"], given["gesture"]),
            actor=request.user,
        )
        return _done(request, plan, _("Asked."))
    return _dialog(request, plan, form, _("Ask about the exception"), _("Ask"))


@page
@require_POST
def change(request: HttpRequest, number: str) -> HttpResponse:
    """Note that the plan will be changed; the browser goes on to the cell, whose edit is the answer."""
    plan = find_plan(request, number)
    form = ExceptionForm(request.GET)
    if not form.is_valid():
        return HttpResponse(status=422)
    promise_change(plan=plan, actor=request.user, **form.cleaned_data)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Trigger": "exceptionsMoved"})
    item = form.cleaned_data["subject"].split(" · ")[0]
    return HttpResponseRedirect(f"{reverse('demand:review', args=[plan.number])}?q={item}")


def _people(plan: Plan, key: str, user: User) -> dict[str, User]:
    """Who may be asked about the exception of a key, by username; nobody for a key that names no place."""
    place = find_place(plan, SUBJECT_KIND, key)
    return {person.username: person for person in people_who_see(place) if person != user} if place else {}


def _done(request: HttpRequest, plan: Plan, said: str) -> HttpResponse:
    if request.htmx:
        return HttpResponse(headers={"HX-Trigger": "exceptionsMoved", "HX-Retarget": "#dialog"})
    messages.success(request, said)
    return HttpResponseRedirect(reverse("demand:exceptions", args=[plan.number]))


def _dialog(request: HttpRequest, plan: Plan, form: ExceptionForm, title: str, verb: str) -> HttpResponse:
    template = "demand/_answer_dialog.html" if request.htmx else "demand/answer.html"
    subject = request.POST.get("subject") or request.GET.get("subject", "")
    context = {"plan": plan, "form": form, "subject": subject, "title": title, "verb": verb}
    return render(request, template, context, status=422 if form.errors else 200)
