"""What a person sees first: my work, the search, and what they prefer."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog.models import Family, Item, Market
from cycles.context import Step, page_of, step_of
from cycles.forms import PreferenceForm
from cycles.models import ACTIVE_STATES, Decision, DecisionState, Plan, Run, Stage, User
from cycles.policy import Action, Verdict, judge
from cycles.registry import panels_of
from cycles.selectors import latest_plan, roles_of, visible_to
from cycles.views.answering import page
from cycles.workflow import StageKind, StageStatus

FOUND_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that waits for the person."""

    title: str
    why: str
    verb: str
    url: str
    step: Step


def _task(stage: Stage, plan: Plan, user: User) -> Task | None:
    kind, status = StageKind(stage.kind), StageStatus(stage.status)
    roles = roles_of(user)
    step = step_of(stage, plan, today=timezone.localdate())
    if judge(roles, Action.SUBMIT_STAGE, kind, status) == Verdict.ALLOWED:
        why = _("You own it.") if stage.owner_id == user.pk else _("Your role submits it.")
        return Task(
            _("Work on and submit: %(stage)s") % {"stage": stage.title}, why, _("Open"), page_of(stage, plan), step
        )
    may_approve = judge(roles, Action.APPROVE_STAGE, kind, status) == Verdict.ALLOWED
    if may_approve and stage.submitted_by_id != user.pk:
        why = _("Submitted by %(who)s.") % {"who": stage.submitted_by}
        return Task(
            _("Review and approve: %(stage)s") % {"stage": stage.title}, why, _("Review"), page_of(stage, plan), step
        )
    return None


@page
@require_GET
def my_work(request: HttpRequest) -> HttpResponse:
    """List what waits for the person: stages to submit or approve, decisions, calculations that stopped."""
    plan = latest_plan() if visible_to(request.user).exists() else None
    context: dict[str, object] = {"plan": plan, "tasks": [], "decisions": [], "stopped": []}
    if plan is not None:
        stages = plan.stages.select_related("plan", "owner", "submitted_by").order_by("position")
        context["tasks"] = [task for stage in stages if (task := _task(stage, plan, request.user))]
        decisions = Decision.objects.filter(plan=plan, state=DecisionState.OPEN).select_related("owner")
        context["decisions"] = decisions.filter(Q(owner=request.user) | Q(owner__isnull=True))
        context["stopped"] = Run.objects.filter(plan=plan, state__in=["failed", "parked"]).order_by("-id")[:5]
        context["running"] = Run.objects.filter(plan=plan, state__in=ACTIVE_STATES).order_by("id")
    return render(request, "cycles/my_work.html", context)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that the search found."""

    kind: str
    icon: str
    code: str
    name: str
    url: str


def _hits(text: str, plan: Plan | None) -> list[Hit]:
    home = page_of(StageKind.DEMAND, plan) if plan and panels_of(StageKind.DEMAND) else ""

    def to_grid(code: str) -> str:
        return f"{home}?q={code}" if home else ""

    either = Q(code__icontains=text) | Q(name__icontains=text)
    items = Item.objects.filter(either, is_sold=True).select_related("family").order_by("code")[:FOUND_AT_MOST]
    families = Family.objects.filter(either).order_by("code")[:FOUND_AT_MOST]
    markets = Market.objects.filter(Q(code__icontains=text) | Q(region__name__icontains=text)).select_related("region")
    return [
        *(Hit(_("Family"), "box", row.code, row.name, to_grid(row.code)) for row in families),
        *(Hit(_("Item"), "package", row.code, row.name, to_grid(row.code)) for row in items),
        *(Hit(_("Market"), "map-pin", row.code, row.region.name, to_grid(row.code)) for row in markets[:FOUND_AT_MOST]),
    ]


@page
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Find items, families and markets by code or name."""
    text = request.GET.get("q", "").strip()
    plan = visible_to(request.user).last()
    hits = _hits(text, plan) if text and plan else []
    return render(request, "cycles/search.html", {"search_text": text, "hits": hits})


@page
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember theme or display for the person."""
    form = PreferenceForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    chosen = {name: value for name, value in form.cleaned_data.items() if value}
    User.objects.filter(pk=request.user.pk).update(**chosen)
    return HttpResponse(status=204)
