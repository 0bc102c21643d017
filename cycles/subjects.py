"""What the cycle itself lets people talk about, what it tells them, and which conversations wait for them."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from catalog.models import ImportBatch
from cycles.context import page_of
from cycles.models import FindingRecord, Plan, Run, Thread, User
from cycles.registry import gates_of, register_audit_codes
from cycles.registry.duties import Duty, DutySource, Weight, register_duties
from cycles.registry.notices import NoticeKind, register_notice
from cycles.registry.subjects import Place, Subject, register_subject
from cycles.services.threads import Turn, open_threads_for
from cycles.workflow import StageKind

SEPARATOR = "|"


def find_stage(plan: Plan, key: str) -> Place | None:
    """A stage by its kind."""
    stage = plan.stages.filter(kind=key).first()
    return Place(f"{stage.title} · {plan.number}", page_of(stage, plan)) if stage else None


def find_finding(plan: Plan, key: str) -> Place | None:
    """A finding by gate code and subject: one that was talked about, recorded or waived, or that the gate reports now."""
    code, _, subject = key.partition(SEPARATOR)
    gate = next((gate for kind in StageKind for gate in gates_of(kind) if gate.code == code), None)
    if gate is None or not subject:
        return None
    known = (
        Thread.objects.filter(plan=plan, subject_kind="finding", subject_key=key).exists()
        or plan.waivers.filter(code=code, subject=subject).exists()
        or FindingRecord.objects.filter(stage__plan=plan, code=code, subject=subject).exists()
        or any(finding.subject == subject for finding in gate.check(plan))
    )
    return Place(f"{gate.title} · {subject}", page_of(gate.stage, plan)) if known else None


def find_decision(plan: Plan, key: str) -> Place | None:
    """A decision by its id."""
    row = plan.decisions.filter(pk=key).first() if key.isdecimal() else None
    return Place(row.subject, f"{reverse('cycles:decisions', args=[plan.number])}#decision-{row.pk}") if row else None


def find_assumption(plan: Plan, key: str) -> Place | None:
    """An assumption by its id."""
    row = plan.assumptions.filter(pk=key).first() if key.isdecimal() else None
    page = reverse("cycles:assumptions", args=[plan.number])
    return Place(row.code, f"{page}#assumption-{row.pk}") if row else None


def find_batch(plan: Plan, key: str) -> Place | None:
    """A file that was handed in, by its id; it belongs to every plan."""
    row = ImportBatch.objects.defer("content").filter(pk=key).first() if key.isdecimal() else None
    return Place(f"{row.dataset} · {row.file_name}", reverse("cycles:batch", args=[row.pk])) if row else None


def find_run(plan: Plan, key: str) -> Place | None:
    """A calculation of the plan, or of no plan, by its id."""
    row = Run.objects.filter(pk=key).first() if key.isdecimal() else None
    if row is None or row.plan_id not in (None, plan.pk):
        return None
    return Place(str(row), reverse("cycles:my_work"))


def waiting_threads(user: User, plan: Plan) -> Iterator[Duty]:
    """The conversations in which it is a person's turn, as lines of "My work"."""
    for waiting in open_threads_for(user, plan):
        thread = waiting.thread
        page = reverse("cycles:comments", args=[plan.number, thread.subject_kind, thread.subject_key])
        asked = waiting.turn == Turn.ASKED
        why = f"{waiting.comment.author} asks you." if asked else f"{waiting.comment.author} replied; resolve it."
        yield Duty(
            title=f"{'Answer' if asked else 'Read the answer'}: {thread.about}",
            why=why,
            verb="Answer" if asked else "Read",
            url=f"{page}#thread-{thread.pk}",
            icon="message",
            weight=Weight.TASK if asked else Weight.NOTE,
        )


NOTICES = (
    NoticeKind("conversation.mention", "Somebody mentions you", "%(actor)s mentions you: %(about)s", "message", False),
    NoticeKind("conversation.reply", "A reply in your conversations", "%(actor)s replied: %(about)s", "message"),
    NoticeKind("conversation.resolved", "Your conversation is resolved", "%(actor)s resolved: %(about)s", "check"),
    NoticeKind("stage.opened", "A stage opens for you", "Open for you: %(about)s", "lock-open"),
    NoticeKind("stage.submitted", "A stage waits for your approval", "%(actor)s submitted: %(about)s", "hourglass"),
    NoticeKind("stage.returned", "Your stage is returned", "%(actor)s returned: %(about)s", "arrow-back-up"),
    NoticeKind("stage.reopened", "Your stage is reopened", "%(actor)s reopened: %(about)s", "rotate"),
    NoticeKind("stage.reset", "Your sign-off ceases to hold", "No longer signed off: %(about)s", "rotate"),
    NoticeKind("stage.due", "Your stage is due tomorrow", "Due tomorrow: %(about)s", "clock"),
    NoticeKind("stage.late", "Your stage is late", "Late: %(about)s", "clock"),
    NoticeKind("decision.assigned", "A decision is yours", "%(actor)s asks you to decide: %(about)s", "gavel"),
    NoticeKind("decision.taken", "What you asked is decided", "%(actor)s decided: %(about)s", "circle-check"),
    NoticeKind("assumption.assigned", "An assumption is yours", "%(actor)s asks you to watch: %(about)s", "bulb"),
    NoticeKind("run.stopped", "Your calculation stopped", "Stopped: %(about)s", "alert-triangle"),
    NoticeKind("import.refused", "A file is refused", "Refused: %(about)s", "upload"),
)


def register() -> None:
    """Register subjects, notifications, duties and audit codes of conversations; called once at start-up."""
    for subject in (
        Subject("stage", "Stage", find_stage),
        Subject("finding", "Finding", find_finding),
        Subject("decision", "Decision", find_decision),
        Subject("assumption", "Assumption", find_assumption),
        Subject("batch", "File", find_batch),
        Subject("run", "Calculation", find_run),
    ):
        register_subject(subject)
    for notice in NOTICES:
        register_notice(notice)
    register_duties(DutySource("cycles.conversations", waiting_threads))
    register_audit_codes(
        "cycles.comment.written",
        "cycles.comment.corrected",
        "cycles.comment.withdrawn",
        "cycles.thread.resolved",
        "cycles.thread.reopened",
    )
