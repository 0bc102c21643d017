"""The cycle board: all stages of a month, who owes what, what was approved before, and the next step."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cycles.context import Step, step_of
from cycles.models import ACTIVE_STATES, Holiday, Plan, SignOff, Snapshot
from cycles.policy import Action, roles_for
from cycles.selectors import is_approved, open_decisions, visible_to, waivers_of
from cycles.services.access import is_allowed
from cycles.services.cycles import open_next_cycle
from cycles.views.answering import find_plan, page
from cycles.views.calendar import late_days_of, weeks_of
from cycles.workflow import StageKind, StageStatus

QUESTIONS = {
    StageKind.DATA: "Is last month's truth in?",
    StageKind.DEMAND: "What will the market buy?",
    StageKind.SUPPLY: "What can we make and deliver?",
    StageKind.RECONCILIATION: "Why do plan and budget differ?",
    StageKind.EXECUTIVE: "Which one number?",
}


@dataclass(frozen=True, slots=True)
class Lane:
    """One stage as the board shows it: its state, who owes the next step, and the words given so far."""

    step: Step
    question: str
    owed_by: str
    is_live: bool
    sign_offs: list[SignOff]
    late_days: int = 0


def _roles(action: Action, kind: StageKind) -> str:
    return _(" or ").join(sorted(role.label for role in roles_for(action, kind)))


def _owed_by(step: Step) -> str:
    stage = step.stage
    kind = StageKind(stage.kind)
    if stage.status == StageStatus.OPEN:
        return str(stage.owner) if stage.owner else _roles(Action.SUBMIT_STAGE, kind)
    if stage.status == StageStatus.SUBMITTED:
        return _roles(Action.APPROVE_STAGE, kind)
    return _roles(Action.SUBMIT_STAGE, kind) if stage.status == StageStatus.NOT_STARTED else ""


def lanes_of(plan: Plan) -> list[Lane]:
    """Return the board's lines for a plan, in the order of the stages; two queries."""
    today = timezone.localdate()
    words: dict[int, list[SignOff]] = {}
    for row in SignOff.objects.filter(stage__plan=plan).select_related("actor").order_by("id"):
        words.setdefault(row.stage_id, []).append(row)
    stages = plan.stages.select_related("plan", "owner", "submitted_by", "approved_by").order_by("position")
    lanes = []
    for stage in stages:
        step = step_of(stage, plan, today=today)
        is_live = stage.status in {StageStatus.OPEN, StageStatus.SUBMITTED}
        said, late = words.get(stage.pk, []), late_days_of(stage, today)
        lanes.append(Lane(step, _(QUESTIONS[StageKind(stage.kind)]), _owed_by(step), is_live, said, late))
    return lanes


@page
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the board of the latest cycle, or how to open the first one."""
    plan = visible_to(request.user).last()
    if plan is None:
        return render(request, "cycles/no_cycle.html")
    return _board(request, plan)


@page
@require_GET
def board(request: HttpRequest, number: str) -> HttpResponse:
    """Show the board of one cycle."""
    return _board(request, find_plan(request, number))


def _board(request: HttpRequest, plan: Plan) -> HttpResponse:
    approved = is_approved(plan)
    lanes = lanes_of(plan)
    is_last = not Plan.objects.filter(previous=plan).exists()
    context = {
        "plan": plan,
        "lanes": lanes,
        "live": next((lane for lane in lanes if lane.is_live), None),
        "approved_count": sum(lane.step.is_approved for lane in lanes),
        "is_approved": approved,
        "weeks": weeks_of(
            [lane.step.stage for lane in lanes], month=plan.cycle.month, today=timezone.localdate(),
            holidays=dict(Holiday.objects.values_list("day", "name")),
        ),
        "late_count": sum(lane.late_days > 0 for lane in lanes),
        "late_lanes": [lane for lane in lanes if lane.late_days and lane.is_live],
        "may_reschedule": is_allowed(actor=request.user, action=Action.SET_UP),
        "may_open_next": approved and is_last and is_allowed(actor=request.user, action=Action.OPEN_CYCLE),
        "decisions": open_decisions(plan)[:6],
        "waivers": list(waivers_of(plan)),
        "snapshots": Snapshot.objects.select_related("plan", "approved_by").order_by("-sequence")[:8],
        "runs": plan.runs.filter(state__in=ACTIVE_STATES).order_by("id"),
    }  # fmt: skip
    return render(request, "cycles/board.html", context)


@page
@require_POST
def open_next(request: HttpRequest) -> HttpResponse:
    """Open the month after the last approved plan."""
    plan = open_next_cycle(actor=request.user)
    messages.success(request, _("The cycle %(number)s is open.") % {"number": plan.number})
    return HttpResponseRedirect(reverse("cycles:board", args=[plan.number]))
