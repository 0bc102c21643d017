"""What the cycle itself puts on "My work": stages, findings, assumptions, decisions, stopped calculations."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cycles.context import page_of
from cycles.models import Plan, Run, RunState, SignOff, Stage, User
from cycles.policy import Action, Verdict, judge
from cycles.registry import run_kind
from cycles.registry.duties import Duty, DutySource, Weight, duty_sources, rank_duties, register_duties
from cycles.selectors import open_decisions, present_stage, roles_of
from cycles.services.access import is_allowed
from cycles.services.findings import JudgedFinding, evaluate_gates
from cycles.workflow import StageAction, StageKind, StageStatus

#: Gates whose findings stand on the list as duties of their own.
TOLD_APART = ("cycles.assumptions_confirmed", "cycles.assumptions_held", "cycles.decisions_taken")
STOPPED = (RunState.FAILED.value, RunState.PARKED.value)


def duties_of(user: User, plan: Plan, *, with_slow: bool) -> list[Duty]:
    """Return what a person owes in a plan, what presses most first; without the slow sources a few queries."""
    sources = duty_sources(with_slow=with_slow)
    return rank_duties([duty for source in sources for duty in source.duties(user, plan)], timezone.localdate())


def stage_duties(user: User, plan: Plan) -> Iterator[Duty]:
    """The stage that waits for this person: to submit, again after it was returned, or to approve."""
    roles = roles_of(user)
    live = plan.stages.filter(status__in=[StageStatus.OPEN.value, StageStatus.SUBMITTED.value])
    for stage in live.select_related("plan", "owner", "submitted_by"):
        kind, status = StageKind(stage.kind), StageStatus(stage.status)
        if judge(roles, Action.SUBMIT_STAGE, kind, status) == Verdict.ALLOWED:
            if stage.owner_id in (None, user.pk):
                yield _to_submit(stage, user)
        elif judge(roles, Action.APPROVE_STAGE, kind, status) == Verdict.ALLOWED and stage.submitted_by_id != user.pk:
            yield Duty(
                title=_("Review and approve: %(stage)s") % {"stage": stage.title},
                why=_("Submitted by %(who)s.") % {"who": stage.submitted_by},
                verb=_("Review"),
                url=page_of(stage, stage.plan),
                icon="checklist",
                due_on=stage.due_on,
            )


def _to_submit(stage: Stage, user: User) -> Duty:
    last = (
        SignOff.objects.filter(stage=stage).select_related("actor").order_by("-id").first() if stage.round > 1 else None
    )
    why = _("You own it.") if stage.owner_id == user.pk else _("Your role submits it, and nobody owns it.")
    if last is not None and last.action in (StageAction.RETURN, StageAction.REOPEN):
        words = (
            _("Returned by %(who)s: %(why)s")
            if last.action == StageAction.RETURN
            else _("Reopened by %(who)s: %(why)s")
        )
        why = words % {"who": last.actor, "why": last.comment}
    return Duty(
        title=_("Work on and submit: %(stage)s") % {"stage": stage.title},
        why=why,
        verb=_("Open"),
        url=page_of(stage, stage.plan),
        due_on=stage.due_on,
    )


def finding_duties(user: User, plan: Plan) -> Iterator[Duty]:
    """What holds the open stage back or should be looked at, for those who may submit it; asks every gate."""
    stage = present_stage(plan)
    if stage is None or not is_allowed(actor=user, action=Action.SUBMIT_STAGE, stage=stage):
        return
    stage.plan = plan
    told_apart = {*TOLD_APART, *(source.instead_of for source in duty_sources(with_slow=True))}
    for result in evaluate_gates(stage):
        for found in result.findings if result.gate.code not in told_apart else ():
            if found.waiver is None and found.finding.severity != "info":
                yield _answering(found, stage)


def _answering(found: JudgedFinding, stage: Stage) -> Duty:
    finding, blocks = found.finding, found.finding.severity == "block"
    url = reverse(finding.link_name, args=[stage.plan.number]) if finding.link_name else page_of(stage, stage.plan)
    return Duty(
        title=finding.title,
        why=finding.hint or found.code,
        verb=_("Answer") if blocks else _("Look"),
        url=url,
        icon="alert-circle" if blocks else "alert-triangle",
        weight=Weight.BLOCK if blocks else Weight.NOTE,
        money_cents=finding.money_cents,
        due_on=stage.due_on,
    )


def assumption_duties(user: User, plan: Plan) -> Iterator[Duty]:
    """Assumptions to confirm again: the owner's, and those without an owner for whoever may say a word now."""
    waiting = [row for row in plan.assumptions.filter(state="to_confirm") if row.owner_id in (None, user.pk)]
    if not waiting or not is_allowed(actor=user, action=Action.RECORD_ASSUMPTION, plan=plan):
        return
    due = plan.stages.filter(kind=StageKind.DEMAND.value).values_list("due_on", flat=True).first()
    for row in waiting:
        yield Duty(
            title=_("Does it still hold: %(text)s") % {"text": row.text},
            why=_("You own it.") if row.owner_id else _("Nobody owns it."),
            verb=_("Confirm"),
            url=reverse("cycles:assumptions", args=[plan.number]),
            icon="bulb",
            weight=Weight.BLOCK,
            money_cents=row.money_cents,
            due_on=due,
        )


def decision_duties(user: User, plan: Plan) -> Iterator[Duty]:
    """Open decisions: those given to this person, and those of nobody for whoever may take them now."""
    waiting = [row for row in open_decisions(plan) if row.owner_id in (None, user.pk)]
    if not waiting or not is_allowed(actor=user, action=Action.TAKE_DECISION, plan=plan):
        return
    for row in waiting:
        yield Duty(
            title=row.question,
            why=row.subject,
            verb=_("Decide"),
            url=reverse("cycles:decisions", args=[plan.number]),
            icon="gavel",
            weight=Weight.BLOCK,
            money_cents=row.money_cents,
            due_on=row.due_on,
        )


def run_duties(user: User, plan: Plan) -> Iterator[Duty]:
    """Calculations that stopped without a later success of their kind, for those who may queue them again."""
    newest: dict[str, Run] = {}
    for run in Run.objects.filter(plan=plan).exclude(state=RunState.SUPERSEDED.value).order_by("id").defer("result"):
        newest[run.kind] = run
    for run in newest.values():
        action = run_kind(run.kind).action
        if run.state in STOPPED and action and is_allowed(actor=user, action=action, plan=plan):
            yield Duty(
                title=_("It stopped: %(what)s") % {"what": run_kind(run.kind).title},
                why=run.message,
                verb=_("Try again"),
                url=f"{reverse('cycles:my_work')}#run-{run.pk}",
                icon="alert-circle",
                weight=Weight.BLOCK,
            )


def register() -> None:
    """Register the cycle's own sources; called once at start-up."""
    register_duties(DutySource("cycles.stages", stage_duties))
    register_duties(DutySource("cycles.findings", finding_duties, is_quick=False))
    register_duties(DutySource("cycles.assumptions", assumption_duties))
    register_duties(DutySource("cycles.decisions", decision_duties))
    register_duties(DutySource("cycles.runs", run_duties))
