"""The moves of a stage as pages and dialogs: submit, approve, return, reopen, waive; and what its gates say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_http_methods

from cycles.context import page_of
from cycles.errors import DomainError
from cycles.forms import StageForm, WaiverForm
from cycles.models import Stage, User, Waiver
from cycles.policy import Action
from cycles.services.access import is_allowed
from cycles.services.findings import GateResult, JudgedFinding, evaluate_gates, waive_finding
from cycles.services.stages import approve_stage, reopen_stage, return_stage, submit_stage
from cycles.views.answering import find_plan, page, status_of
from cycles.workflow import StageAction


@dataclass(frozen=True, slots=True)
class Move:
    """One verb of a stage: its words, whether gates matter, and the service that does it."""

    title: str
    verb: str
    done: str
    asks_gates: bool
    needs_reason: bool
    carry_out: Callable[[int, User, str], Stage]


MOVES = {
    StageAction.SUBMIT: Move(
        gettext_noop("Submit the stage %(stage)s"), gettext_noop("Submit"), gettext_noop("%(stage)s is submitted."),
        True, False, lambda stage_id, actor, text: submit_stage(stage_id=stage_id, actor=actor, comment=text),
    ),
    StageAction.APPROVE: Move(
        gettext_noop("Approve the stage %(stage)s"), gettext_noop("Approve"), gettext_noop("%(stage)s is approved."),
        True, False, lambda stage_id, actor, text: approve_stage(stage_id=stage_id, actor=actor, comment=text),
    ),
    StageAction.RETURN: Move(
        gettext_noop("Return the stage %(stage)s"), gettext_noop("Return"), gettext_noop("%(stage)s is returned."),
        False, True, lambda stage_id, actor, text: return_stage(stage_id=stage_id, actor=actor, reason=text),
    ),
    StageAction.REOPEN: Move(
        gettext_noop("Reopen the stage %(stage)s"), gettext_noop("Reopen"), gettext_noop("%(stage)s is open again."),
        False, True, lambda stage_id, actor, text: reopen_stage(stage_id=stage_id, actor=actor, reason=text),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding as the list shows it."""

    code: str
    subject: str
    severity: str
    title: str
    hint: str
    money_cents: int | None
    url: str
    waiver: Waiver | None
    waive_url: str

    @property
    def talk_key(self) -> str:
        """Its key as a subject of a conversation; '' for a finding about nothing in particular."""
        return f"{self.code}|{self.subject}" if self.subject else ""


def _find_stage(request: HttpRequest, number: str, kind: str) -> Stage:
    plan = find_plan(request, number)
    return get_object_or_404(plan.stages.select_related("plan", "submitted_by", "approved_by", "owner"), kind=kind)


def _link(name: str, number: str) -> str:
    """Return the address that a finding names: a URL name with the plan number or without, or a path."""
    if not name or name.startswith("/"):
        return name
    try:
        return reverse(name, args=[number])
    except NoReverseMatch:
        return reverse(name)


def line_of(judged: JudgedFinding, stage: Stage, *, may_waive: bool) -> FindingLine:
    """Return a judged finding with its link and, for whom it is meant, the way to waive it."""
    found = judged.finding
    query = f"?code={judged.code}&subject={found.subject}"
    waive = reverse("cycles:waive", args=[stage.plan.number, stage.kind]) + query
    return FindingLine(
        judged.code, found.subject, found.severity, found.title, found.hint, found.money_cents,
        _link(found.link_name, stage.plan.number), judged.waiver,
        waive if may_waive and judged.is_blocking and found.waivable else "",
    )  # fmt: skip


def lines_of(results: list[GateResult], stage: Stage, actor: User) -> list[FindingLine]:
    """Return all findings of a stage: blocks first, then by money at risk."""
    may_waive = is_allowed(actor=actor, action=Action.WAIVE_FINDING, stage=stage)
    ranks = {"block": 0, "warn": 1, "info": 2}
    lines = [line_of(judged, stage, may_waive=may_waive) for result in results for judged in result.findings]
    return sorted(lines, key=lambda row: (row.waiver is not None, ranks[row.severity], -abs(row.money_cents or 0)))


def _act(request: HttpRequest, stage: Stage, move: Move, form: StageForm) -> HttpResponse:
    moved = move.carry_out(stage.pk, request.user, form.cleaned_data["text"])
    messages.success(request, _(move.done) % {"stage": moved.title})
    target = page_of(stage, stage.plan)
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


@page
@require_http_methods(["GET", "POST"])
def stage_action(request: HttpRequest, number: str, kind: str, verb: str) -> HttpResponse:
    """Ask before a move and carry it out; what blocks is listed with the way to mend it."""
    stage = _find_stage(request, number, kind)
    move = MOVES.get(verb)  # type: ignore[call-overload]
    if move is None:
        raise Http404
    form = StageForm(request.POST if request.method == "POST" else None, needs_reason=move.needs_reason)
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return _act(request, stage, move, form)
        except DomainError as refusal:
            error = refusal
    results = evaluate_gates(stage) if move.asks_gates else []
    lines = lines_of(results, stage, request.user)
    context = {
        "stage": stage, "form": form, "error": error, "results": results, "findings": lines, "verb": _(move.verb),
        "heading": _(move.title) % {"stage": stage.title}, "is_held": any(result.blocking for result in results),
        "back": page_of(stage, stage.plan),
    }  # fmt: skip
    template = "cycles/_stage_dialog.html" if request.htmx else "cycles/stage_action.html"
    status = status_of(error) if error else 422 if form.errors else 200
    return render(request, template, context, status=status)


@page
@require_GET
def stage_gates(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Tell in a chip what the gates of a stage say now; the whole list with ?list=1."""
    stage = _find_stage(request, number, kind)
    results = evaluate_gates(stage)
    context = {
        "stage": stage, "results": results, "findings": lines_of(results, stage, request.user),
        "blocking": sum(len(result.blocking) for result in results),
    }  # fmt: skip
    return render(request, "cycles/_gate_list.html" if "list" in request.GET else "cycles/_gate_chip.html", context)


@page
@require_http_methods(["GET", "POST"])
def waive(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Ask for the reason of a waiver and record it."""
    stage = _find_stage(request, number, kind)
    form = WaiverForm(request.POST if request.method == "POST" else None, initial=request.GET.dict())
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            waiver = waive_finding(stage_id=stage.pk, actor=request.user, **form.cleaned_data)
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(request, _("Waived: %(title)s") % {"title": waiver.title})
            target = page_of(stage, stage.plan)
            return HttpResponse(headers={"HX-Redirect": target}) if request.htmx else HttpResponseRedirect(target)
    context = {"stage": stage, "form": form, "error": error, "back": page_of(stage, stage.plan)}
    template = "cycles/_waive_dialog.html" if request.htmx else "cycles/waive.html"
    return render(request, template, context, status=status_of(error) if error else 422 if form.errors else 200)
