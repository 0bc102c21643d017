"""Tags about stages and runs: the buttons a person has now, the name of a calculation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.template import RequestContext
from django.urls import reverse
from django.utils.translation import gettext as _

from cycles.context import Shell
from cycles.models import Run, Stage
from cycles.policy import Action, Verdict, judge
from cycles.registry import run_kind
from cycles.registry.traces import trace_of
from cycles.workflow import StageKind, StageStatus

register = template.Library()


@dataclass(frozen=True, slots=True)
class Choice:
    """One button: what it says, where it leads, how it looks."""

    label: str
    url: str
    css: str


VERBS = {
    "submit": (Action.SUBMIT_STAGE, "Submit %(stage)s", "btn-primary"),
    "return": (Action.RETURN_STAGE, "Return", ""),
    "approve": (Action.APPROVE_STAGE, "Approve %(stage)s", "btn-primary"),
    "reopen": (Action.REOPEN_STAGE, "Reopen", ""),
}


def choices_of(stage: Stage, shell: Shell) -> list[Choice]:
    """Return the actions that the rights table gives this person on the stage now; services judge again."""
    kind, status = StageKind(stage.kind), StageStatus(stage.status)
    found = []
    for verb, (action, label, css) in VERBS.items():
        own_submission = verb in {"approve", "return"} and shell.user and stage.submitted_by_id == shell.user.pk
        if judge(shell.roles, action, kind, status) == Verdict.ALLOWED and not own_submission:
            url = reverse("cycles:stage_action", args=[stage.plan.number, kind.value, verb])
            found.append(
                Choice(_(label) % {"stage": stage.title.lower() if kind.position < 4 else stage.title}, url, css)
            )
    return found


@register.inclusion_tag("components/_stage_actions.html", takes_context=True)
def stage_actions(context: RequestContext, kind: str) -> dict[str, Any]:
    """Write the state of a stage of the page's plan, what its gates say, and the buttons of this person."""
    shell: Shell = context["shell"]
    stage = next((stage for stage in shell.stages if stage.kind == kind), None)
    if stage is None:
        return {"stage": None}
    is_live = stage.status in {StageStatus.OPEN, StageStatus.SUBMITTED}
    has_talk = reverse("cycles:board", args=[stage.plan.number]) != shell.path != reverse("cycles:home")
    gates_url = reverse("cycles:stage_gates", args=[stage.plan.number, kind]) if is_live else ""
    return {
        "shell": shell,
        "stage": stage,
        "choices": choices_of(stage, shell),
        "gates_url": gates_url,
        "has_talk": has_talk,
    }


@register.filter
def run_title(run: Run) -> str:
    """The name people read for a calculation."""
    return run_kind(run.kind).title


@register.simple_tag
def trace_url(ledger: str, number: str, revision: int) -> str:
    """The page that tells a gesture's money, '' where no app does."""
    trace = trace_of(ledger)
    return reverse(trace.url_name, args=[number, revision]) if trace else ""
